"""Pages for members of the staff: whoever is not signed in is asked to, and comes back."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import caller_of, web_of
from web.server.routing import Handler
from web.sign_in.routes import ask_to_sign_in
from web.studio.documents.slugs import slug_of

StaffAnswer = Callable[[Request, Caller], Awaitable[Response]]


def staff_page(answer: StaffAnswer, *, place: str = "") -> Handler:
    """Returns a handler for staff. `place` is the page of a form, with {slug} for the map's."""

    @wraps(answer)
    async def handle(request: Request) -> Response:
        where = place.format(slug=slug_of(request)) if "{slug}" in place else place
        token = web_of(request).cookies.staff.read(request)
        if not token:
            return ask_to_sign_in(request, place=where)
        try:
            return await answer(request, caller_of(request, token=token))
        except Problem as problem:
            if problem.status != 401:
                raise
            return ask_to_sign_in(request, place=where)

    return handle


async def refusal_of(request: Request, call: Call) -> str:
    """Makes a call; returns the reason of a refusal that its page explains, else nothing.

    Raises Problem for one that no other input mends.
    """
    try:
        await web_of(request).gateway.ask(call)
    except Problem as problem:
        if problem.status not in (400, 409, 412, 422):
            raise
        return problem.reason
    return ""

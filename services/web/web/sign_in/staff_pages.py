"""Pages for members of the staff: whoever is not signed in is asked to, and comes back.

An access token is good for minutes. While the session lasts, the pages trade its refresh token for
the next one; the gateway answers the same successor to requests of the same moment.
"""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import caller_of, web_of
from web.server.routing import Handler
from web.sign_in.routes import Session, ask_to_sign_in, keep_session

StaffAnswer = Callable[[Request, Caller], Awaitable[Response]]


def staff_page(answer: StaffAnswer, *, place: str = "") -> Handler:
    """Returns a handler for staff.

    `place` is the page of a form, with {names} of its path's parameters; else the page itself.
    """

    @wraps(answer)
    async def handle(request: Request) -> Response:
        where = place.format(**request.path_params)
        token, fresh = web_of(request).cookies.staff.read(request), None
        if not token and (fresh := await _refresh(request)) is not None:
            token = fresh.access_token
        if not token:
            return ask_to_sign_in(request, place=where)
        try:
            response = await answer(request, caller_of(request, token=token))
        except Problem as problem:
            if problem.status != 401:
                raise
            response = ask_to_sign_in(request, place=where)
        if fresh is not None:
            keep_session(request, response, fresh)
        return response

    return handle


async def _refresh(request: Request) -> Session | None:
    """Returns the next tokens of the browser's session; None where it has none that lasts."""
    web = web_of(request)
    if not (refresh_token := web.cookies.staff_refresh.read(request)):
        return None
    body = {"refresh_token": refresh_token}
    call = Call("POST", "/v1/sessions/refresh", caller_of(request), body=body)
    try:
        return (await web.gateway.ask(call)).read(Session)
    except Problem as problem:
        if problem.status not in (400, 401, 403, 409, 422):
            raise
        return None

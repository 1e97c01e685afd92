"""Staff sign in and out: the token is in a cookie that no script and no other site uses."""

import re
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chassis import telemetry
from web.gateway_client import Answer, Call, Problem, Reply
from web.server.requests import caller_of, read_form, web_of
from web.server.routing import route

log = telemetry.log("sign_in")
HOME: Final = "/studio"
_LONGEST_EMAIL: Final = 254
_LONGEST_PASSWORD: Final = 128
_LONGEST_PLACE: Final = 2_000
# A path of this host: `//host` and `/\host` are other hosts to a browser.
_PLACE: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_WRONG: Final = "The e-mail address or the password is wrong."
_MESSAGES: Final = {
    401: _WRONG,
    409: "Too many wrong passwords. Follow the link that we sent by mail to sign in.",
    422: _WRONG,
    429: "Too many attempts. Wait a minute and try again.",
    503: "The shop is away for a moment. Try again.",
    504: "The shop took too long to answer. Try again.",
}


class Session(Reply):
    """A session at the gateway."""

    access_token: str
    expires_in_seconds: int
    refresh_token: str
    kind: str
    device_token: str = ""


def safe_place(text: str) -> str:
    """Returns a path of these pages to go to; the studio for anything else."""
    return text if len(text) <= _LONGEST_PLACE and _PLACE.fullmatch(text) else HOME


def ask_to_sign_in(request: Request, *, place: str = "") -> Response:
    """Returns what sends a browser to the sign-in page and back here, or to another place."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    place = place or here
    response = RedirectResponse(f"/sign-in?{urlencode({'next': place})}", status_code=303)
    response.headers["Cache-Control"] = "no-store"
    return response


async def show_form(request: Request) -> Response:
    """Shows the form."""
    return _form(request, place=safe_place(request.query_params.get("next", "")))


async def sign_in(request: Request) -> Response:
    """Signs a member of the staff in at the gateway and goes where they wanted to be."""
    form = await read_form(request)
    email, place = form.get("email", ""), safe_place(form.get("next", ""))
    password = form.get("password", "")
    if not 0 < len(email) <= _LONGEST_EMAIL or not 0 < len(password) <= _LONGEST_PASSWORD:
        return _form(request, place=place, email=email, message=_WRONG, status=401)
    try:
        session = (await _open_session(request, email, password)).read(Session)
    except Problem as problem:
        if problem.status not in _MESSAGES:
            raise
        status = 401 if problem.status == 422 else problem.status
        return _form(
            request, place=place, email=email, message=_MESSAGES[problem.status], status=status
        )
    if session.kind != "staff":
        message = "These pages are for staff. This account is a customer's."
        return _form(request, place=place, email=email, message=message, status=403)
    response = RedirectResponse(place, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    keep_session(request, response, session)
    return response


def keep_session(request: Request, response: Response, session: Session) -> None:
    """Lets the browser keep the tokens of a session."""
    cookies = web_of(request).cookies
    cookies.staff.write(response, session.access_token, max_age=session.expires_in_seconds)
    cookies.staff_refresh.write(response, session.refresh_token)
    if session.device_token:
        cookies.device.write(response, session.device_token)


async def sign_out(request: Request) -> Response:
    """Ends the session at the gateway and forgets it here."""
    await read_form(request)
    web = web_of(request)
    if refresh_token := web.cookies.staff_refresh.read(request):
        body = {"refresh_token": refresh_token}
        try:
            await web.gateway.ask(
                Call("POST", "/v1/sessions/logout", caller_of(request), body=body)
            )
        except Problem as problem:
            # The access token ends by itself in minutes, and this browser forgets it now.
            log.warning("session not ended", status=problem.status, reason=problem.reason)
    response = RedirectResponse("/sign-in", status_code=303)
    web.cookies.staff.delete(response)
    web.cookies.staff_refresh.delete(response)
    return response


async def _open_session(request: Request, email: str, password: str) -> Answer:
    web = web_of(request)
    body = {"email": email, "password": password}
    if device_token := web.cookies.device.read(request):
        body["device_token"] = device_token
    return await web.gateway.ask(Call("POST", "/v1/sessions", caller_of(request), body=body))


def _form(
    request: Request, *, place: str, email: str = "", message: str = "", status: int = 200
) -> Response:
    return web_of(request).pages.render(
        "sign_in.html", status=status, place=place, email=email, message=message
    )


ROUTES: Final = [
    route("GET", "/sign-in", show_form),
    route("POST", "/sign-in", sign_in),
    route("POST", "/sign-out", sign_out),
]

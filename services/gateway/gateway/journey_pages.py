"""The journey page, for staff."""

from html import escape
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chassis.rpc.errors import DomainError, Unauthenticated
from gateway.composed.sessions import client_network_of, device_token_of, keep_device
from gateway.context import context_of
from gateway.contracts.rpc import rpc
from gateway.edge import PAGES, STAFF_COOKIE
from gateway.html_answers import html_response, require_same_origin
from gateway.limits import limits_of
from gateway.peers import CallOptions, peers_of
from sojourn.identity.v1 import identity_pb2
from sojourn.identity.v1.identity_pb2_grpc import IdentityServiceServicer
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1.journey_pb2_grpc import JourneyServiceServicer

pages = APIRouter()
RENDER_PAGE: Final = rpc(JourneyServiceServicer.RenderPage)
LOGIN: Final = rpc(IdentityServiceServicer.Login)
MapSlug = Annotated[str, Query(max_length=100, pattern=r"^[a-z0-9\-]*$")]
WhoId = Annotated[str, Query(pattern=r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$")]
Mark = Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Seconds = Annotated[int, Query(ge=0, le=10 * 366 * 86_400)]
PAGE_SECONDS: Final = 15.0


@pages.get(PAGES, include_in_schema=False)
async def journey_page(
    request: Request,
    map: MapSlug = "",
    visitor: WhoId = "",
    customer: WhoId = "",
    order: WhoId = "",
    window_seconds: Seconds = 0,
    channel: Mark = "",
) -> Response:
    """The journey page, for staff; asks who you are where that is not known."""
    if not context_of(request).authorization:
        return _login_page("")
    peer = peers_of(request).journey
    message = pb.RenderPageRequest(
        map=map,
        visitor_id=visitor,
        customer_id=customer,
        order_id=order,
        window_seconds=window_seconds,
        channel=channel,
    )
    try:
        options = CallOptions(timeout=PAGE_SECONDS)
        reply = await peer.ask(request, RENDER_PAGE, message, options)
    except Unauthenticated:
        return _login_page("")
    return html_response(reply.html, reply.content_security_policy)


@pages.post(PAGES, include_in_schema=False)
async def open_journey_page(request: Request) -> Response:
    """Opens the page for a member of the staff: the token goes into a cookie that no script and no
    other site can use.
    """
    require_same_origin(request)
    identity, form = (
        peers_of(request).identity,
        dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=5)),
    )
    limits_of(request).count_login(context_of(request).address, form.get("email", ""))
    try:
        message = identity_pb2.LoginRequest(
            email=form.get("email", "")[:254],
            password=form.get("password", "")[:128],
            client_network=client_network_of(request),
            device_token=device_token_of(request),
        )
        session = await identity.ask(request, LOGIN, message, CallOptions(authorization=""))
    except DomainError as error:
        return _login_page(error.message)
    if session.kind != identity_pb2.SUBJECT_KIND_STAFF:
        return _login_page("this page is for staff")
    response = RedirectResponse(PAGES, status_code=303)
    is_secure = request.app.state.settings.public_url.startswith("https:")
    response.set_cookie(
        STAFF_COOKIE,
        session.access_token,
        max_age=session.expires_in_seconds,
        path=PAGES,
        httponly=True,
        samesite="strict",
        secure=is_secure,
    )
    keep_device(request, response, session)
    return response


def _login_page(said: str) -> Response:
    style = (
        ":root{color-scheme:light dark}body{font:16px/1.5 "
        "system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:1rem}"
        "form{display:grid;gap:.8rem;width:min(22rem,100%)}input,button{font:inherit;padding:.6rem;border-radius:.5rem;border:1px solid #8886}"
        "button{background:#0a7;color:#fff;border:0}"
    )
    alert = f"<p role=alert>{escape(said)}</p>" if said else ""
    return html_response(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
        "content='width=device-width,initial-scale=1'>"
        f"<title>Sojourn journeys</title><style>{style}</style><form method=post "
        f"action={PAGES}><h1>Journeys</h1>{alert}"
        "<label>E-mail<br><input name=email type=email required autocomplete=username></label>"
        "<label>Password<br><input name=password type=password required "
        "autocomplete=current-password></label>"
        "<button>Open</button></form></html>",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
        status=401 if said else 200,
    )

"""Links and pictures in mails: an answer at once, and a touchpoint where consent allows it.

A link leads to a path of our own storefront: a token names no host. So a reader comes through even
where the journey service is away, and nobody can make a link of ours that leads elsewhere.
"""

import base64
import binascii
import contextlib
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from chassis.rpc.errors import DomainError, Invalid
from gateway.contracts.rpc import rpc
from gateway.devices import device_of
from gateway.endpoints.answers import NO_STORE
from gateway.endpoints.exchange import Exchange
from gateway.http.problems import MalformedRequest
from gateway.touchpoints.of_requests import CONSENTS, is_prefetch
from sojourn.journey.v1 import mails_pb2 as pb
from sojourn.journey.v1.mails_pb2_grpc import MailTouchpointServiceServicer

# A transparent picture of one pixel.
PICTURE: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
RECORD: Final = rpc(MailTouchpointServiceServicer.RecordMailTouchpoint)
_MAC_BYTES: Final = 32
_SEPARATOR: Final = "\x1f"
_FIELDS: Final = 5
_PROXIES: Final = (
    (b"googleimageproxy", pb.MAIL_PROXY_GMAIL),
    (b"yahoomailproxy", pb.MAIL_PROXY_YAHOO),
)
# All that Apple's Mail Privacy Protection tells of itself.
_APPLE: Final = b"mozilla/5.0"


async def prepare_mail_touchpoint(exchange: Exchange[pb.RecordMailTouchpointRequest]) -> None:
    """Adds the form of the client, its consent, and whether its user asked."""
    context, message, scope = exchange.context, exchange.message, exchange.request.scope
    message.device, message.proxy = device_of(scope), proxy_of(scope)
    message.consent = CONSENTS[context.consent]
    message.is_prefetch = context.is_head or is_prefetch(scope)


def proxy_of(scope: Scope) -> "pb.MailProxy.ValueType":
    """Returns the mail service whose machine asks, by its user agent."""
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    folded = agent.strip().lower()
    if folded == _APPLE:
        return pb.MAIL_PROXY_APPLE
    return next((proxy for mark, proxy in _PROXIES if mark in folded), pb.MAIL_PROXY_UNSPECIFIED)


async def follow_link(exchange: Exchange[pb.RecordMailTouchpointRequest]) -> Response:
    """Sends a reader on to the storefront. Raises the refusal of a forged token."""
    token = exchange.message.token
    try:
        reply = await exchange.ask(RECORD, exchange.message, exchange.options)
        path = reply.path
    except Invalid:
        raise
    except DomainError:
        path = path_of(token)
    if not is_own_path(path):
        raise MalformedRequest([], "the link leads nowhere")
    place = exchange.settings.storefront_url or exchange.settings.public_url
    # Without a fragment of its own the place keeps that of the link, where a secret is.
    return RedirectResponse(f"{place.rstrip('/')}{path}", status_code=302, headers=NO_STORE)


async def show_picture(exchange: Exchange[pb.RecordMailTouchpointRequest]) -> Response:
    """Answers the picture, whatever becomes of the touchpoint."""
    with contextlib.suppress(DomainError):
        await exchange.ask(RECORD, exchange.message, exchange.options)
    return Response(PICTURE, media_type="image/gif", headers=NO_STORE)


def path_of(token: str) -> str:
    """Returns the path that a token names, unverified; empty where it names none."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        fields = raw[:-_MAC_BYTES].decode().split(_SEPARATOR)
    except (binascii.Error, ValueError):
        return ""
    return fields[-1] if len(fields) == _FIELDS else ""


def is_own_path(path: str) -> bool:
    """Returns whether a text is a path of one host, which no browser takes for another one."""
    return (
        path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
        and path.isascii()
        and path.isprintable()
    )

"""A request: what it calls for, its form, and the origin that it comes from."""

import asyncio
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request

from web.gateway_client import Caller, GatewayClient
from web.server.cookies import Cookies, consent_of
from web.server.pages import Pages
from web.settings import Settings

_FORM_SECONDS: Final = 10.0
_MOST_FIELDS: Final = 20
# The gateway reads each of these; a browser's longer list is no language.
_LONGEST_LANGUAGE: Final = 200


class Refusal(Exception):
    """A request that is refused here, before the gateway is asked."""

    def __init__(self, status: int, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.detail = status, reason, detail


@dataclass(frozen=True, slots=True)
class Web:
    """The objects that requests share."""

    settings: Settings
    gateway: GatewayClient
    pages: Pages
    cookies: Cookies


def web_of(request: Request) -> Web:
    """Returns the shared objects of a request's application."""
    return cast(Web, request.app.state.web)


def caller_of(request: Request, *, token: str = "", is_shopper: bool = False) -> Caller:
    """Returns the caller for a call to the gateway.

    A shopper's visit is one visit at the gateway too, so their marks go along; staff have none.
    """
    cookies = web_of(request).cookies
    address = request.client.host if request.client else ""
    if not is_shopper:
        return Caller(token=token, address=address)
    return Caller(
        token=token,
        visitor=cookies.visitor.read(request),
        session=cookies.session.read(request),
        consent=consent_of(request),
        address=address,
        language=request.headers.get("accept-language", "")[:_LONGEST_LANGUAGE],
    )


async def read_form(
    request: Request, *, most_fields: int = _MOST_FIELDS, most_bytes: int = 0
) -> dict[str, str]:
    """Returns the fields of a form that our own page sent.

    `most_bytes` 0 is the usual bound. Raises Refusal if another site sent it, or if it is too
    large, too slow or no form.
    """
    require_same_origin(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refusal(415, "NOT_A_FORM", "send a form")
    most_bytes = most_bytes or web_of(request).settings.max_form_bytes
    body = await _read_body(request, most_bytes)
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=most_fields, strict_parsing=False
        )
    except (UnicodeDecodeError, ValueError):
        raise Refusal(400, "MALFORMED_FORM", "the form cannot be read") from None
    return dict(fields)


async def _read_body(request: Request, most_bytes: int) -> bytes:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > most_bytes:
        raise Refusal(413, "FORM_TOO_LARGE", "the form is too large")
    body = bytearray()
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > most_bytes:
                    raise Refusal(413, "FORM_TOO_LARGE", "the form is too large")
    except TimeoutError:
        raise Refusal(408, "FORM_TOO_SLOW", "the form took too long to arrive") from None
    except ClientDisconnect:
        raise Refusal(400, "MALFORMED_FORM", "the form did not arrive") from None
    return bytes(body)


def require_same_origin(request: Request) -> None:
    """Raises Refusal where a browser says that another site sent the request.

    Programs send neither header and pass: they hold no cookie of ours.
    """
    if site := request.headers.get("sec-fetch-site"):
        if site not in ("same-origin", "none"):
            raise Refusal(403, "FOREIGN_ORIGIN", "send the form from its own page")
        return
    origin = request.headers.get("origin")
    if origin is None:
        return
    own = {request.headers.get("host", ""), urlsplit(web_of(request).settings.public_url).netloc}
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        place = ""
    if not place or place not in own:
        raise Refusal(403, "FOREIGN_ORIGIN", "send the form from its own page")

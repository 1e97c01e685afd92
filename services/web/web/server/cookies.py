"""Cookies of browsers: who they are, and the gateway's marks of their visit."""

from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Answer
from web.settings import Settings

# As long as a token or a handle may be; a longer value is none of ours.
_LONGEST: Final = 4_096
_DAY_SECONDS: Final = 86_400
_CONSENTS: Final = frozenset({"analytics", "marketing", "personalization", "all", "none"})


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie, out of reach of scripts. `max_age` 0 lasts until the browser closes."""

    name: str
    path: str
    same_site: Literal["lax", "strict"]
    is_secure: bool
    max_age: int = 0

    def read(self, request: Request) -> str:
        """Returns its value; empty if there is none that can be ours."""
        value = request.cookies.get(self.name, "")
        is_ours = len(value) <= _LONGEST and value.isascii() and value.isprintable()
        return value if is_ours and " " not in value else ""

    def write(self, response: Response, value: str, *, max_age: int = 0) -> None:
        """Lets the browser keep a value."""
        response.set_cookie(
            self.name,
            value,
            max_age=max_age or self.max_age or None,
            path=self.path,
            httponly=True,
            samesite=self.same_site,
            secure=self.is_secure,
        )

    def delete(self, response: Response) -> None:
        response.delete_cookie(
            self.name,
            path=self.path,
            httponly=True,
            samesite=self.same_site,
            secure=self.is_secure,
        )


class Cookies:
    """All cookies. Visitor, session and device have the gateway's names: both may share a host."""

    def __init__(self, settings: Settings) -> None:
        is_secure = settings.has_secure_cookies
        # The prefix keeps other hosts of the domain from setting it; browsers take it by HTTPS.
        prefix = "__Host-" if is_secure else ""
        self.staff = Cookie(f"{prefix}sojourn_staff", "/", "lax", is_secure)
        self.staff_refresh = Cookie(f"{prefix}sojourn_staff_refresh", "/", "lax", is_secure)
        self.shopper = Cookie(f"{prefix}sojourn_shopper", "/", "lax", is_secure)
        self.device = Cookie("sojourn_device", "/", "strict", is_secure, 180 * _DAY_SECONDS)
        self.visitor = Cookie("sojourn_visitor", "/", "lax", is_secure, 400 * _DAY_SECONDS)
        self.session = Cookie("sojourn_session", "/", "lax", is_secure)

    def keep_visit(self, request: Request, response: Response, answer: Answer) -> None:
        """Lets the browser keep the marks of its visit that came with an answer."""
        for cookie, value in ((self.visitor, answer.visitor), (self.session, answer.session)):
            if value and value != cookie.read(request):
                cookie.write(response, value)


def consent_of(request: Request) -> str:
    """Returns the consent that the shop's consent banner keeps; empty if nobody answered it."""
    words = request.cookies.get("sojourn_consent", "").replace("%2C", ",").split(",")
    return ",".join(word for word in map(str.strip, words) if word in _CONSENTS)

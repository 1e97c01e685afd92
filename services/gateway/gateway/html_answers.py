"""HTML answers: one set of headers, and forms that only our own pages may send."""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from chassis.rpc.errors import Denied

# The edge adds `X-Content-Type-Options: nosniff` to every answer.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # A form's own origin is told, which `no-referrer` would hide from the check below.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class ForeignOrigin(Denied):
    """Another site sent the form."""


def html_response(
    html: str | bytes, content_security_policy: str, *, status: int = 200
) -> Response:
    """Returns a page with its policy; no page may be framed, loaded from elsewhere by `<base>`, or
    tell where it was.
    """
    policy = [part.strip() for part in content_security_policy.split(";") if part.strip()]
    for directive in ("frame-ancestors 'none'", "base-uri 'none'"):
        if not any(part.startswith(directive.split()[0]) for part in policy):
            policy.append(directive)
    return HTMLResponse(
        html, status_code=status, headers={"Content-Security-Policy": "; ".join(policy), **_HEADERS}
    )


def require_same_origin(request: Request) -> None:
    """Raises ForeignOrigin where a browser says that another site sent the request.

    Programs say nothing and pass.
    """
    if site := request.headers.get("sec-fetch-site"):
        if site not in ("same-origin", "none"):
            raise ForeignOrigin("send the form from its own page")
        return
    origin = request.headers.get("origin")
    if origin is None:
        return
    own = {request.headers.get("host", ""), urlsplit(request.app.state.settings.public_url).netloc}
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        raise ForeignOrigin("send an Origin that is a URL") from None
    if place not in own:
        raise ForeignOrigin("send the form from its own page")

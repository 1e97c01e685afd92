"""Pages: HTML from templates, with one set of headers."""

from importlib.resources import files
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from web.server.static_files import StaticUrls
from web.settings import Settings

# Nothing inline, nothing from elsewhere but the catalogue's images, and no frame.
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' https:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class Pages:
    """Renders templates. What is no markup is escaped, and a missing variable is an error."""

    def __init__(self, settings: Settings, urls: StaticUrls) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(str(files("web") / "templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {
            "static": urls.url_of,
            "shop_name": settings.shop_name,
            "public_url": settings.public_url,
            "docs_url": f"{settings.gateway_public_url}/docs"
            if settings.gateway_public_url
            else "",
        }
        self._headers = security_headers(settings)

    def render(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Returns a page. A page is never kept: it may be one person's."""
        content = self._environment.get_template(template).render(context)
        return HTMLResponse(content, status_code=status, headers=self._headers)


def security_headers(settings: Settings) -> dict[str, str]:
    """Returns the headers of every page."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY,
        # A form's own origin is told, which `no-referrer` would hide from the same-origin check.
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }
    if settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers

"""The ASGI application: routes, refusals, and the layers around them."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from web.gateway_client import GatewayClient, Problem
from web.insights import routes as insights
from web.server.cookies import Cookies
from web.server.edge import Edge
from web.server.pages import Pages
from web.server.requests import Refusal, Web, web_of
from web.server.routing import route
from web.server.static_files import StaticUrls
from web.settings import Settings
from web.shop import routes as shop
from web.sign_in import routes as sign_in
from web.studio import routes as studio
from web.studio.documents import routes as documents
from web.watch import routes as watch

_TITLES = {
    400: "The request cannot be read",
    403: "You may not do this",
    404: "There is no such page",
    405: "This page takes no such request",
    408: "The form took too long to arrive",
    409: "This is not possible now",
    413: "The form is too large",
    415: "This is no form",
    422: "The question makes no sense",
    429: "Too many requests",
    500: "Something is broken on our side",
    502: "Something is broken on our side",
    503: "The shop is away for a moment",
    504: "The shop took too long to answer",
}
_AGAIN = frozenset({429, 503, 504})


def create_app(settings: Settings, gateway: GatewayClient) -> tuple[Edge, ASGIApp]:
    """Returns the application's edge, and the outer layer, which is what a server runs."""
    urls = StaticUrls()
    app = Starlette(
        routes=[
            route("GET", "/static/{digest}/{name}", urls.serve),
            *sign_in.ROUTES,
            *studio.ROUTES,
            *documents.ROUTES,
            *watch.ROUTES,
            *insights.ROUTES,
            *shop.ROUTES,
        ],
        exception_handlers={Problem: _problem, Refusal: _refused, HTTPException: _http},
    )
    app.state.web = Web(settings, gateway, Pages(settings, urls), Cookies(settings))
    edge = Edge(app, max_requests_in_flight=settings.max_requests_in_flight)
    proxies = [part.strip() for part in settings.trusted_proxies.split(",") if part.strip()]
    return edge, ProxyHeadersMiddleware(edge, trusted_hosts=proxies)  # type: ignore[arg-type,return-value]


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    response = _page(request, error.status, error.reason)
    if error.retry_after:
        response.headers["Retry-After"] = error.retry_after
    return response


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _page(request, error.status, error.reason, error.detail)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = _page(request, error.status_code, "")
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _page(request: Request, status: int, reason: str, detail: str = "") -> Response:
    # What the gateway finds malformed was malformed by this program.
    shown = status if status in _TITLES else 500
    return web_of(request).pages.render(
        "problem.html",
        status=shown,
        title=_TITLES[shown],
        reason=reason,
        detail=detail,
        may_try_again=shown in _AGAIN,
    )

"""The shop's pages: home, cart, account, and those that links in mails lead to."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Problem
from web.server.requests import caller_of, read_form, web_of
from web.server.routing import route
from web.shop.links import PAGES
from web.shop.model import Cart, OrderList, ProductList
from web.shop.pictures import show_picture
from web.shop.structured_data import documents_of_home
from web.shop.surveys import answer_survey, show_survey
from web.shop.visits import Visit

_SHOWN_PRODUCTS: Final = 12
_SHOWN_ORDERS: Final = 20


async def show_home(request: Request) -> Response:
    """Shows a few products, and tells the shopper's journey that they came."""
    visit = Visit.of_request(request)
    # The list is not what the shopper searched for: it carries no mark of their visit.
    call = Call("GET", "/v1/search", caller_of(request), query={"page_size": _SHOWN_PRODUCTS})
    answer = await web_of(request).gateway.ask(call)
    await visit.record_touchpoint("page.view", "home")
    products, settings = answer.read(ProductList).products, web_of(request).settings
    documents = documents_of_home(settings.shop_name, settings.public_url, products)
    return visit.render("shop/home.html", products=products, documents=documents)


async def show_cart(request: Request) -> Response:
    """Shows the shopper's cart."""
    visit = Visit.of_request(request)
    cart = Cart()
    if visit.token:
        try:
            cart = (await visit.ask("GET", "/v1/carts/current")).read(Cart)
        except Problem as problem:
            # No cart, or a session that has ended.
            if problem.status not in (401, 404):
                raise
    return visit.render("shop/cart.html", cart=cart)


async def show_account(request: Request) -> Response:
    """Shows the customer's orders."""
    visit = Visit.of_request(request)
    if not visit.token:
        return visit.redirect("/login")
    query: dict[str, str | int] = {"page_size": _SHOWN_ORDERS}
    try:
        answer = await visit.ask("GET", "/v1/orders", query=query)
    except Problem as problem:
        if problem.status != 401:
            raise
        return visit.redirect("/login")
    return visit.render("shop/account.html", orders=answer.read(OrderList).orders)


async def log_out(request: Request) -> Response:
    """Forgets the session in this browser."""
    await read_form(request)
    visit = Visit.of_request(request)
    response = visit.redirect("/")
    web_of(request).cookies.shopper.delete(response)
    return response


ROUTES: Final = [
    route("GET", "/", show_home),
    route("GET", "/cart", show_cart),
    route("GET", "/pictures/{name}.svg", show_picture),
    route("GET", "/account", show_account),
    route("POST", "/logout", log_out),
    route("GET", "/surveys/{token}", show_survey),
    route("POST", "/surveys/{token}", answer_survey),
    *(one for page in PAGES for one in page.routes),
]

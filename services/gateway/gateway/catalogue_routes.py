"""Products, categories, search and landing pages: public, revalidated by ETag, cached for those without a token."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import StringConstraints
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from gateway.caching import Cache, Page
from gateway.edge import context_of
from gateway.peers import peers_of
from gateway.rendering import render
from gateway.routing import PageSize, PageToken, Routes, Slug
from sojourn.catalog.v1 import catalog_pb2 as pb

routes = Routes("catalogue")
_READ: Final = {304: "You have it already"}


Locale = Annotated[
    str,
    Query(
        pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3})?$",
        description="BCP 47 tag; else Accept-Language, else the channel's first locale",
    ),
]
Currency = Annotated[str, Query(pattern=r"^([A-Z]{3})?$", description="ISO 4217 code")]
Filters = Annotated[
    Sequence[Annotated[str, StringConstraints(max_length=200, pattern=r"^[^:]{1,60}:.+$")]],
    Query(
        alias="filter", max_length=30, description="`facet:value`, repeatable, e.g. `brand:Northwind`", examples=[["availability:in_stock"]]
    ),
]


def view_of(request: Request, locale: str, currency: str) -> pb.View:
    """The view that a request asks for."""
    locale = locale or request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()[:35]
    return pb.View(channel=context_of(request).channel, locale=locale if locale != "*" else "", currency=currency)


def filters_of(filters: Sequence[str]) -> list[pb.FacetFilter]:
    """Values gathered by facet."""
    by_name: dict[str, list[str]] = {}
    for name, _, value in (text.partition(":") for text in filters):
        by_name.setdefault(name, []).append(value)
    return [pb.FacetFilter(name=name, values=values) for name, values in by_name.items()]


async def _answer(request: Request, method: Any, message: Any) -> Response:
    """The catalogue's answer, from the cache for those without a token."""
    cache: Cache = request.app.state.cache
    key = context_of(request).cache_key
    if key is not None and (page := cache.get(key)):
        return page.response(request)
    stamp = cache.stamp()
    reply = await peers_of(request).catalog.ask(request, method, message)
    page = Page.of(to_json(render(reply)), request.scope)
    if key is not None:
        cache.put(key, page, stamp)
    return page.response(request)


@routes.add("GET", "/v1/products/{slug}", touchpoint="product.view", reply=pb.ProductPage, errors=(404,), also=_READ)
async def product(request: Request, slug: Slug, locale: Locale = "", currency: Currency = "") -> Response:
    """A product page: variants, prices, availability, breadcrumbs, in one call."""
    view = view_of(request, locale, currency)
    return await _answer(request, peers_of(request).catalog.shop.GetProduct, pb.GetProductRequest(slug=slug, view=view))


@routes.add("GET", "/v1/categories", touchpoint="category.tree", reply=pb.ListCategoriesResponse, also=_READ)
async def categories(request: Request, locale: Locale = "", currency: Currency = "") -> Response:
    """The category tree, parents before children."""
    view = view_of(request, locale, currency)
    return await _answer(request, peers_of(request).catalog.shop.ListCategories, pb.ListCategoriesRequest(view=view))


Sort = Annotated[str, Query(pattern=r"^(newest|title|price|-price)$")]


async def _listing(request: Request, category: str, view: pb.View, **page: Any) -> Response:
    filters = filters_of(page.pop("filter"))
    message = pb.ListProductsRequest(category_slug=category, view=view, filters=filters, **page)
    return await _answer(request, peers_of(request).catalog.shop.ListProducts, message)


@routes.add("GET", "/v1/products", touchpoint="category.view", reply=pb.ListProductsResponse, also=_READ)
async def products(
    request: Request, locale: Locale = "", currency: Currency = "",
    page_size: PageSize = 24, page_token: PageToken = "", sort: Sort = "newest",
    facets: bool = False, filter: Filters = (),
) -> Response:  # fmt: skip
    """All products, page by page."""
    page = {"page_size": page_size, "page_token": page_token, "sort": sort, "with_facets": facets, "filter": filter}
    return await _listing(request, "", view_of(request, locale, currency), **page)


@routes.add("GET", "/v1/categories/{slug}/products", touchpoint="category.view", reply=pb.ListProductsResponse, errors=(404,), also=_READ)
async def category_products(
    request: Request, slug: Slug, locale: Locale = "", currency: Currency = "",
    page_size: PageSize = 24, page_token: PageToken = "", sort: Sort = "newest",
    facets: bool = False, filter: Filters = (),
) -> Response:  # fmt: skip
    """Products of a category and below it, with breadcrumbs, sub-categories and, if asked, facets."""
    page = {"page_size": page_size, "page_token": page_token, "sort": sort, "with_facets": facets, "filter": filter}
    return await _listing(request, slug, view_of(request, locale, currency), **page)


@routes.add("GET", "/v1/search", touchpoint="search", reply=pb.SearchProductsResponse, also=_READ)
async def search(
    request: Request, locale: Locale = "", currency: Currency = "",
    q: Annotated[str, Query(max_length=200, description="what the shopper typed")] = "", page_size: PageSize = 24, page_token: PageToken = "",
    sort: Annotated[str, Query(pattern=r"^(relevance|price|-price|newest)$")] = "relevance", filter: Filters = (),
) -> Response:  # fmt: skip
    """Full-text search with facet counts."""
    view = view_of(request, locale, currency)
    message = pb.SearchProductsRequest(
        query=q, filters=filters_of(filter), page_size=page_size, page_token=page_token, sort=sort, view=view
    )
    return await _answer(request, peers_of(request).catalog.shop.SearchProducts, message)


@routes.add("GET", "/v1/pages/{slug}", touchpoint="page.view", reply=pb.Page, errors=(404,), also=_READ)
async def page(request: Request, slug: Slug, locale: Locale = "", currency: Currency = "") -> Response:
    """A landing page with its products."""
    view = view_of(request, locale, currency)
    return await _answer(request, peers_of(request).catalog.shop.GetPage, pb.GetPageRequest(slug=slug, view=view))

"""Products, categories, search and landing pages: public, revalidated by ETag, cached for those
without a token.

The edge answers most of these requests by itself (see `reading`); here they are declared, validated
with an explanation, and answered to browsers of other origins.
"""

from typing import Annotated, Final

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway import reading
from gateway.access import Access
from gateway.context import context_of
from gateway.reading import ListingQuery, Read, Reading, SearchQuery, ViewQuery
from gateway.routing import Routes, Slug
from sojourn.catalog.v1 import catalog_pb2 as pb

routes = Routes("catalogue")
_READ: Final = {304: "You have it already"}
View = Annotated[ViewQuery, Query()]
Listing = Annotated[ListingQuery, Query()]


async def _answer(request: Request, read: Read, query: ViewQuery, slug: str = "") -> Response:
    """The catalogue's answer, from the cache for those without a token."""
    context, answers = context_of(request), reading_of(request)
    page = answers.cache.get(context.cache_key) if context.cache_key is not None else None
    if page is None:
        view = reading.view_of(query, request.headers.get("accept-language", ""), context.channel)
        page = await answers.page(
            read, slug, query, view=view, key=context.cache_key, scope=request.scope
        )
    return page.response(request)


def reading_of(request: Request) -> Reading:
    return request.app.state.reading  # type: ignore[no-any-return]


@routes.add(
    "GET",
    reading.PRODUCT.path,
    access=Access.PUBLIC,
    touchpoint="product.view",
    reply=pb.Product,
    errors=(404,),
    also=_READ,
)
async def product(request: Request, slug: Slug, query: View) -> Response:
    """A product page: variants, prices, availability, breadcrumbs, in one call."""
    return await _answer(request, reading.PRODUCT, query, slug)


@routes.add(
    "GET",
    reading.CATEGORIES.path,
    access=Access.PUBLIC,
    touchpoint="category.tree",
    reply=pb.ListCategoriesResponse,
    also=_READ,
)
async def categories(request: Request, query: View) -> Response:
    """The category tree, parents before children."""
    return await _answer(request, reading.CATEGORIES, query)


@routes.add(
    "GET",
    reading.PRODUCTS.path,
    access=Access.PUBLIC,
    touchpoint="category.view",
    reply=pb.ListProductsResponse,
    also=_READ,
)
async def products(request: Request, query: Listing) -> Response:
    """All products, page by page."""
    return await _answer(request, reading.PRODUCTS, query)


@routes.add(
    "GET",
    reading.CATEGORY.path,
    access=Access.PUBLIC,
    touchpoint="category.view",
    reply=pb.ListProductsResponse,
    errors=(404,),
    also=_READ,
)
async def category_products(request: Request, slug: Slug, query: Listing) -> Response:
    """Products of a category and below it, with breadcrumbs, sub-categories and, if asked, facets."""
    return await _answer(request, reading.CATEGORY, query, slug)


@routes.add(
    "GET",
    reading.SEARCH.path,
    access=Access.PUBLIC,
    touchpoint="search",
    reply=pb.SearchProductsResponse,
    also=_READ,
)
async def search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
    """Full-text search with facet counts."""
    return await _answer(request, reading.SEARCH, query)


@routes.add(
    "GET",
    reading.PAGE.path,
    access=Access.PUBLIC,
    touchpoint="page.view",
    reply=pb.ContentPage,
    errors=(404,),
    also=_READ,
)
async def page(request: Request, slug: Slug, query: View) -> Response:
    """A landing page with its products."""
    return await _answer(request, reading.PAGE, query, slug)

"""Products, categories, search and landing pages.

Public, revalidated by ETag, and cached for those without a token.
"""

from typing import Final

from gateway.composed.catalogue import read_page
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER
from gateway.endpoints.endpoint import Endpoint
from sojourn.catalog.v1.attributes_pb2_grpc import ComparisonServiceServicer
from sojourn.catalog.v1.catalog_pb2_grpc import CatalogServiceServicer
from sojourn.catalog.v1.pickup_locations_pb2_grpc import PickupLocationServiceServicer
from sojourn.catalog.v1.search_pb2_grpc import SearchServiceServicer

_PAGE: Final = {"page_size": 24}
_KNOWN: Final = {304: "You have it already"}
_RENAMED: Final = {**_KNOWN, 301: "It was renamed: `Location` has its new path"}
_LISTING: Final = Parameters(
    renamed={"with_facets": "facets"}, defaults={**_PAGE, "sort": "newest", "facets": False}
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/products/{slug}",
        rpc=rpc(CatalogServiceServicer.GetProduct),
        callers=PUBLIC,
        touchpoint="product.view",
        hidden=frozenset({"id"}),
        ask=read_page,
        is_cached=True,
        also=_RENAMED,
        text="A product page: variants, prices, availability, breadcrumbs, in one call.",
    ),
    Endpoint(
        method="GET",
        path="/v1/search",
        rpc=rpc(CatalogServiceServicer.SearchProducts),
        callers=PUBLIC,
        touchpoint="search",
        query=Parameters(renamed={"query": "q"}, defaults={**_PAGE, "sort": "relevance"}),
        ask=read_page,
        is_cached=True,
        also=_KNOWN,
        text="Full-text search with facet counts.",
    ),
    Endpoint(
        method="GET",
        path="/v1/search/suggestions",
        rpc=rpc(SearchServiceServicer.ListSearchSuggestions),
        callers=PUBLIC,
        touchpoint=None,
        query=Parameters(renamed={"query": "q"}),
        ask=read_page,
        is_cached=True,
        also=_KNOWN,
        text="Products, categories and frequent queries that begin as the text does.",
    ),
    Endpoint(
        method="GET",
        path="/v1/comparisons",
        rpc=rpc(ComparisonServiceServicer.CompareProducts),
        callers=PUBLIC,
        touchpoint="product.compare",
        query=Parameters(renamed={"slugs": "slug"}, ordered=frozenset({"slug"})),
        ask=read_page,
        is_cached=True,
        also=_KNOWN,
        text="Two to four products side by side, named by `slug` once each, in the order asked: "
        "their pages, and a row for each attribute with its value of each product.",
    ),
    Endpoint(
        method="GET",
        path="/v1/categories/{slug}/products",
        rpc=rpc(CatalogServiceServicer.ListProducts),
        callers=PUBLIC,
        touchpoint="category.view",
        paths={"slug": "category_slug"},
        query=_LISTING,
        ask=read_page,
        is_cached=True,
        also=_RENAMED,
        name="ListCategoryProducts",
        text="Products of a category and below it, with breadcrumbs, sub-categories and, if "
        "asked, facets.",
    ),
    Endpoint(
        method="GET",
        path="/v1/products",
        rpc=rpc(CatalogServiceServicer.ListProducts),
        callers=PUBLIC,
        touchpoint="category.view",
        hidden=frozenset({"category_slug"}),
        query=_LISTING,
        ask=read_page,
        is_cached=True,
        also=_KNOWN,
        text="All products, page by page.",
    ),
    Endpoint(
        method="GET",
        path="/v1/categories",
        rpc=rpc(CatalogServiceServicer.ListCategories),
        callers=PUBLIC,
        touchpoint="category.tree",
        ask=read_page,
        is_cached=True,
        also=_KNOWN,
        text="The category tree, parents before children.",
    ),
    Endpoint(
        method="GET",
        path="/v1/pages/{slug}",
        rpc=rpc(CatalogServiceServicer.GetPage),
        callers=PUBLIC,
        touchpoint="page.view",
        ask=read_page,
        is_cached=True,
        also=_RENAMED,
        text="A landing page with its products.",
    ),
    Endpoint(
        method="GET",
        path="/v1/pickup-locations",
        rpc=rpc(PickupLocationServiceServicer.FindPickupLocations),
        callers=PUBLIC,
        touchpoint="store.find",
        query=Parameters(renamed={"skus": "sku"}, defaults={"page_size": 20, "within_km": 100}),
        sends_token=False,
        text="Places where shoppers pick up what they bought, nearest first: what they have of "
        "some SKUs, and until when they are open.",
    ),
    Endpoint(
        method="GET",
        path="/v1/pickup-locations/{code}",
        rpc=rpc(PickupLocationServiceServicer.CheckPickupLocation),
        callers=PUBLIC,
        touchpoint="store.view",
        query=Parameters(renamed={"skus": "sku"}),
        sends_token=False,
        text="A place where shoppers pick up what they bought: what it has of some SKUs, and until "
        "when it is open.",
    ),
    Endpoint(
        method="GET",
        path="/v1/synthetic/offers",
        rpc=rpc(CatalogServiceServicer.GetOffers),
        callers=SHOPPER,
        touchpoint=None,
        hidden=frozenset({"variant_ids"}),
        fixed={"synthetic": True},
        name="ListSyntheticOffers",
        text="Lists the offers that a synthetic shopper may buy. Needs the token of an API key "
        "with that role.",
    ),
)

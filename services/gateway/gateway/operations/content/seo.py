"""Texts for search engines, URL parts by language, and storefronts, as staff keep them."""

from typing import Final

from gateway.composed.masks import name_changes
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.seo_pb2_grpc import SeoAdminServiceServicer

_CATALOG: Final = staff("catalog.write")
_SETTINGS: Final = "/v1/staff/seo/{kind}"
_SETTING: Final = f"{_SETTINGS}/{{owner_id}}"
_STOREFRONT: Final = "/v1/staff/storefronts/{code}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_SETTINGS,
        rpc=rpc(SeoAdminServiceServicer.ListSeoSettings),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Products, categories or pages that have texts for search engines, page by page.",
    ),
    Endpoint(
        method="GET",
        path=_SETTING,
        rpc=rpc(SeoAdminServiceServicer.GetSeoSetting),
        callers=_CATALOG,
        touchpoint=None,
        text="Texts for search engines of a product, category or page, its URL parts by language, "
        "and those that it had.",
    ),
    Endpoint(
        method="PATCH",
        path=_SETTING,
        rpc=rpc(SeoAdminServiceServicer.UpdateSeoSetting),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        hidden=frozenset({"update_mask"}),
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        most_bytes=256 * KIB,
        example={"texts": {"de": {"slug": "rote-jacke", "title": "Rote Jacke kaufen"}}},
        text="Changes texts and URL parts. A language that is sent is replaced whole; empty texts "
        "remove it. A URL part that is replaced leads to the new one.",
    ),
    Endpoint(
        method="DELETE",
        path=_SETTING,
        rpc=rpc(SeoAdminServiceServicer.DeleteSeoSetting),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes texts and URL parts by language; the usual ones count then.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/storefronts",
        rpc=rpc(SeoAdminServiceServicer.ListStorefronts),
        callers=_CATALOG,
        touchpoint=None,
        text="Storefronts that were set, by channel.",
    ),
    Endpoint(
        method="GET",
        path=_STOREFRONT,
        rpc=rpc(SeoAdminServiceServicer.GetStorefront),
        callers=_CATALOG,
        touchpoint=None,
        text="Where the pages of a channel are, and what robots and feeds are told.",
    ),
    Endpoint(
        method="PATCH",
        path=_STOREFRONT,
        rpc=rpc(SeoAdminServiceServicer.UpdateStorefront),
        callers=_CATALOG,
        touchpoint=None,
        body="storefront",
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        example={
            "base_url": "https://shop.example",
            "product_path": "/{locale}/p/{slug}",
            "disallowed_paths": ["/cart", "/checkout"],
        },
        text="Changes what you send of a storefront; an empty value stands for the usual one.",
    ),
)

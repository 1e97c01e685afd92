"""Products, categories, pages, stock and promotions, as staff change them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, MIB, WHOLE, Endpoint, KeyRule
from sojourn.cart.v1.cart_pb2_grpc import PromotionServiceServicer
from sojourn.catalog.v1.catalog_pb2_grpc import CatalogAdminServiceServicer

_CATALOG: Final = staff("catalog.write")
_PROMOTIONS: Final = staff("promotions.write")
_IMPORT_SECONDS: Final = 30.0
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/staff/products/import",
        rpc=rpc(CatalogAdminServiceServicer.ImportProducts),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=_IMPORT_SECONDS,
        most_bytes=8 * MIB,
        text="Creates or replaces up to 500 products by (source, external_id), all or none. A "
        "repeat changes nothing.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/categories/import",
        rpc=rpc(CatalogAdminServiceServicer.ImportCategories),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=_IMPORT_SECONDS,
        most_bytes=8 * MIB,
        text="Creates or replaces categories by slug; parents come before children.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/pages/{slug}",
        rpc=rpc(CatalogAdminServiceServicer.PutPage),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        is_keyed=True,
        most_bytes=512 * KIB,
        text="Creates or replaces a landing page.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/stock/{sku}",
        rpc=rpc(CatalogAdminServiceServicer.SetStock),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        is_keyed=True,
        text="Sets what is on hand of a SKU in a warehouse.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/stock/{sku}",
        rpc=rpc(CatalogAdminServiceServicer.GetStock),
        callers=_CATALOG,
        touchpoint=None,
        text="Stock levels of a SKU, one per warehouse.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/promotions",
        rpc=rpc(PromotionServiceServicer.ListPromotions),
        callers=_PROMOTIONS,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="All promotions, newest first.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/promotions/{slug}",
        rpc=rpc(PromotionServiceServicer.PutPromotion),
        callers=_PROMOTIONS,
        touchpoint=None,
        body="promotion",
        paths={"slug": "promotion.code"},
        key=KeyRule.OPTIONAL,
        is_keyed=True,
        most_bytes=256 * KIB,
        text="Creates or replaces a promotion by its code.",
    ),
)

"""Products and variants, as staff list, read, make, change and delete them."""

from typing import Final

from gateway.composed.masks import name_changes
from gateway.contracts.examples import UUID
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import MIB, WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.product_admin_pb2_grpc import ProductAdminServiceServicer

_CATALOG: Final = staff("catalog.write")
_MASK: Final = frozenset({"update_mask"})
_SECONDS: Final = 30.0
_PRODUCT: Final = "/v1/staff/products/{id}"
_VARIANTS: Final = "/v1/staff/products/{product_id}/variants"
_VARIANT: Final = f"{_VARIANTS}/{{variant_id}}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/products",
        rpc=rpc(ProductAdminServiceServicer.ListStaffProducts),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 24, "sort": "newest"}),
        text="Products, hidden ones too, narrowed by any of their features. Look one up by `sku`, "
        "`barcode`, or `source` and `external_id`.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/products",
        rpc=rpc(ProductAdminServiceServicer.CreateProduct),
        callers=_CATALOG,
        touchpoint=None,
        body="product",
        status=201,
        deadline_seconds=_SECONDS,
        most_bytes=2 * MIB,
        example={
            "title": {"en": "Red jacket", "de": "Rote Jacke"},
            "state": "sold",
            "variants": [
                {
                    "sku": "JACKET-RED-M",
                    "options": [{"name": "Size", "value": "M"}],
                    "prices": [{"price": {"amount_minor": 1999, "currency": "EUR"}}],
                    "initial_stock": {"": 5},
                }
            ],
            "metadata": {"supplier": {"number": 12}},
        },
        text="Creates a product with its variants, prices and first stock.",
    ),
    Endpoint(
        method="GET",
        path=_PRODUCT,
        rpc=rpc(ProductAdminServiceServicer.GetStaffProduct),
        callers=_CATALOG,
        touchpoint=None,
        text="A product with all that is stored of it.",
    ),
    Endpoint(
        method="PATCH",
        path=_PRODUCT,
        rpc=rpc(ProductAdminServiceServicer.UpdateProduct),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        hidden=_MASK,
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        deadline_seconds=_SECONDS,
        most_bytes=2 * MIB,
        example={"title": {"de": "Rote Jacke"}, "brand": None, "metadata": {"season": "winter"}},
        text="Changes what you send. null clears a field. Texts and facts merge by language and "
        "name, where an empty text removes one; metadata merges as a JSON merge patch.",
    ),
    Endpoint(
        method="DELETE",
        path=_PRODUCT,
        rpc=rpc(ProductAdminServiceServicer.DeleteProduct),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        deadline_seconds=_SECONDS,
        text="Deletes a product. It is gone from every read; what orders refer to is archived. A "
        "repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=_VARIANTS,
        rpc=rpc(ProductAdminServiceServicer.AddVariant),
        callers=_CATALOG,
        touchpoint=None,
        body="variant",
        status=201,
        deadline_seconds=_SECONDS,
        example={
            "sku": "JACKET-RED-L",
            "options": [{"name": "Size", "value": "L"}],
            "prices": [{"price": {"amount_minor": 1999, "currency": "EUR"}}],
        },
        text="Adds a variant to a product, at the end.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_VARIANTS}/order",
        rpc=rpc(ProductAdminServiceServicer.ReorderVariants),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=_SECONDS,
        most_bytes=MIB,
        example={"variant_ids": [UUID]},
        text="Puts the variants of a product in an order.",
    ),
    Endpoint(
        method="PATCH",
        path=_VARIANT,
        rpc=rpc(ProductAdminServiceServicer.UpdateVariant),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        hidden=_MASK,
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        deadline_seconds=_SECONDS,
        example={"active": False, "weight_grams": 450},
        text="Changes what you send of a variant. null clears a field.",
    ),
    Endpoint(
        method="DELETE",
        path=_VARIANT,
        rpc=rpc(ProductAdminServiceServicer.DeleteVariant),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        deadline_seconds=_SECONDS,
        text="Deletes a variant. What orders refer to is archived. A repeat is fine.",
    ),
)

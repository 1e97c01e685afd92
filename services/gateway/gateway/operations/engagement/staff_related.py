"""Products beside a product, as staff set them: lists by hand, and rules."""

from typing import Final

from pydantic import JsonValue

from gateway.contracts.examples import UUID
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.related_pb2_grpc import RelatedProductAdminServiceServicer

_CATALOG: Final = staff("catalog.write")
_LISTS: Final = "/v1/staff/products/{product_id}/related"
_RULES: Final = "/v1/staff/relation-rules"
_RULE: Final[dict[str, JsonValue]] = {
    "relation": "substitute",
    "same_category": True,
    "same_attributes": ["material"],
    "least_price_percent": 70,
    "most_price_percent": 150,
    "most": 6,
}
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_LISTS,
        rpc=rpc(RelatedProductAdminServiceServicer.ListRelatedProducts),
        callers=_CATALOG,
        touchpoint=None,
        text="The lists of a product by hand, and what orders and rules add to them.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_LISTS}/{{relation}}",
        rpc=rpc(RelatedProductAdminServiceServicer.PutRelatedProductList),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        example={"product_ids": [UUID]},
        text="Creates or replaces a list, in its order.",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_LISTS}/{{relation}}",
        rpc=rpc(RelatedProductAdminServiceServicer.UpdateRelatedProductList),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"add": [UUID]},
        text="Takes products off a list, and puts others at its end.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_LISTS}/{{relation}}",
        rpc=rpc(RelatedProductAdminServiceServicer.DeleteRelatedProductList),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a list.",
    ),
    Endpoint(
        method="GET",
        path=_RULES,
        rpc=rpc(RelatedProductAdminServiceServicer.ListRelationRules),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="All rules, by code.",
    ),
    Endpoint(
        method="GET",
        path=f"{_RULES}/{{code}}",
        rpc=rpc(RelatedProductAdminServiceServicer.GetRelationRule),
        callers=_CATALOG,
        touchpoint=None,
        text="A rule.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_RULES}/{{code}}",
        rpc=rpc(RelatedProductAdminServiceServicer.PutRelationRule),
        callers=_CATALOG,
        touchpoint=None,
        body="rule",
        example=_RULE,
        text="Creates or replaces a rule. Pages follow in the background.",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_RULES}/{{code}}",
        rpc=rpc(RelatedProductAdminServiceServicer.UpdateRelationRule),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"active": False},
        text="Changes a rule: what you send.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_RULES}/{{code}}",
        rpc=rpc(RelatedProductAdminServiceServicer.DeleteRelationRule),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a rule, and in the background what it added.",
    ),
)

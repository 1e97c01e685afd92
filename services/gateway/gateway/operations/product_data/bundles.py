"""Bundles: variants that are sold as sets of others, from the stock of these."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.catalog.v1.bundles_pb2_grpc import BundleServiceServicer

_CATALOG: Final = staff("catalog.write")
_BUNDLE: Final = "/v1/staff/bundles/{sku}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_BUNDLE,
        rpc=rpc(BundleServiceServicer.GetBundle),
        callers=_CATALOG,
        touchpoint=None,
        text="The bundle of a SKU: its parts, and how it is priced.",
    ),
    Endpoint(
        method="PUT",
        path=_BUNDLE,
        rpc=rpc(BundleServiceServicer.PutBundle),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        is_keyed=True,
        example={
            "parts": [{"sku": "MUG-S", "quantity": 2}, {"sku": "TEAPOT", "quantity": 1}],
            "pricing": "sum",
            "discount_basis_points": 1000,
        },
        text="Makes a variant a bundle, or replaces its parts. It is available as often as its "
        "scarcest part; an order of it takes the stock of its parts.",
    ),
    Endpoint(
        method="DELETE",
        path=_BUNDLE,
        rpc=rpc(BundleServiceServicer.DeleteBundle),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Gives the variant a stock of its own again. Its prices stay.",
    ),
)

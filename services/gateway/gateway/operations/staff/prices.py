"""Price lists and prices, as staff keep them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import MIB, WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.prices_pb2_grpc import PriceListServiceServicer

_CATALOG: Final = staff("catalog.write")
_PATH: Final = "/v1/staff/price-lists"
_SECONDS: Final = 30.0
_PAGE: Final = Parameters(defaults={"page_size": 50})
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(PriceListServiceServicer.ListPriceLists),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="All price lists, by code.",
    ),
    Endpoint(
        method="POST",
        path=_PATH,
        rpc=rpc(PriceListServiceServicer.CreatePriceList),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={
            "code": "black-friday",
            "name": "Black Friday",
            "priority": 10,
            "valid_from": "2026-11-27T00:00:00Z",
            "valid_to": "2026-11-28T00:00:00Z",
        },
        text="Creates a price list of a channel: for whom and when it counts.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{code}}",
        rpc=rpc(PriceListServiceServicer.GetPriceList),
        callers=_CATALOG,
        touchpoint=None,
        text="A price list.",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_PATH}/{{code}}",
        rpc=rpc(PriceListServiceServicer.UpdatePriceList),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"priority": 20, "valid_to": "2026-12-01T00:00:00Z"},
        text="Changes a price list: what you send. null clears a field.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_PATH}/{{code}}",
        rpc=rpc(PriceListServiceServicer.DeletePriceList),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        deadline_seconds=_SECONDS,
        text="Deletes a price list with its prices.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{code}}/prices",
        rpc=rpc(PriceListServiceServicer.ListPrices),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="Prices of a list, by variant and currency.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{code}}/prices",
        rpc=rpc(PriceListServiceServicer.SetPrices),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=_SECONDS,
        most_bytes=2 * MIB,
        example={
            "prices": [
                {
                    "sku": "TEA-1",
                    "price": {"amount_minor": 799, "currency": "EUR"},
                    "compare_at": {"amount_minor": 999, "currency": "EUR"},
                    "tiers": [
                        {"min_quantity": 10, "price": {"amount_minor": 749, "currency": "EUR"}}
                    ],
                }
            ]
        },
        text="Sets and removes up to 500 prices of a list, all or none.",
    ),
)

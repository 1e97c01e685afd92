"""Warehouses, stock levels and the ledger of their movements, as staff keep them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.stock_admin_pb2_grpc import StockAdminServiceServicer
from sojourn.catalog.v1.warehouses_pb2_grpc import WarehouseServiceServicer

_CATALOG: Final = staff("catalog.write")
_PAGE: Final = Parameters(defaults={"page_size": 50})
_WAREHOUSES: Final = "/v1/staff/warehouses"
_LEVEL: Final = "/v1/staff/stock-levels/{warehouse}/{sku}"
_MOST_BYTES: Final = 256 * KIB
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_WAREHOUSES,
        rpc=rpc(WarehouseServiceServicer.ListWarehouses),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="All warehouses, by code.",
    ),
    Endpoint(
        method="POST",
        path=_WAREHOUSES,
        rpc=rpc(WarehouseServiceServicer.CreateWarehouse),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={
            "code": "hamburg",
            "name": "Hamburg harbour",
            "country": "DE",
            "address_locality": "Hamburg",
            "time_zone": "Europe/Berlin",
        },
        text="Creates a warehouse. A new default takes the place of the old one.",
    ),
    Endpoint(
        method="GET",
        path=f"{_WAREHOUSES}/{{code}}",
        rpc=rpc(WarehouseServiceServicer.GetWarehouse),
        callers=_CATALOG,
        touchpoint=None,
        text="A warehouse.",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_WAREHOUSES}/{{code}}",
        rpc=rpc(WarehouseServiceServicer.UpdateWarehouse),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"name": "Hamburg, hall 2"},
        text="Changes a warehouse: what you send. null clears a field.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_WAREHOUSES}/{{code}}",
        rpc=rpc(WarehouseServiceServicer.DeleteWarehouse),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a warehouse that holds nothing and that no channel sells from.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/stock-levels",
        rpc=rpc(StockAdminServiceServicer.ListStockLevels),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(renamed={"skus": "sku"}, defaults={"page_size": 50, "low": False}),
        text="Stock levels of SKUs, of a warehouse, those that are low, or that changed.",
    ),
    Endpoint(
        method="GET",
        path=_LEVEL,
        rpc=rpc(StockAdminServiceServicer.GetStockLevel),
        callers=_CATALOG,
        touchpoint=None,
        text="The stock level of a SKU in a warehouse.",
    ),
    Endpoint(
        method="PUT",
        path=_LEVEL,
        rpc=rpc(StockAdminServiceServicer.SetStockLevel),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        example={"on_hand": 40, "note": "Counted on Monday."},
        text="Sets what a count found. With If-Match, only if nothing changed since.",
    ),
    Endpoint(
        method="PATCH",
        path=_LEVEL,
        rpc=rpc(StockAdminServiceServicer.UpdateStockRules),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"safety_stock": 2, "low_stock_at_most": 10},
        text="Sets what is kept back from sale, and from where the level is low.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/stock-adjustments",
        rpc=rpc(StockAdminServiceServicer.AdjustStock),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        most_bytes=_MOST_BYTES,
        example={
            "reference": "DN-4711",
            "lines": [
                {"sku": "TEA-1", "warehouse": "main", "quantity": 40, "reason": "receipt"},
                {"sku": "TEA-2", "warehouse": "main", "quantity": -1, "reason": "damage"},
            ],
        },
        text="Adds to stock levels and takes from them, with reasons: all lines or none.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/stock-transfers",
        rpc=rpc(StockAdminServiceServicer.TransferStock),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        most_bytes=_MOST_BYTES,
        example={
            "source": "main",
            "destination": "hamburg",
            "lines": [{"sku": "TEA-1", "quantity": 12}],
        },
        text="Moves stock from one warehouse to another: all lines or none.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/stock-policies/{sku}",
        rpc=rpc(StockAdminServiceServicer.GetStockPolicy),
        callers=_CATALOG,
        touchpoint=None,
        text="How a SKU is sold when there is none of it.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/stock-policies/{sku}",
        rpc=rpc(StockAdminServiceServicer.PutStockPolicy),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        example={"kind": "backorder", "most": 20, "expected_at": "2027-02-01T08:00:00Z"},
        text="Sells a SKU before it is there, up to a limit; kind none ends that.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/stock-movements",
        rpc=rpc(StockAdminServiceServicer.ListStockMovements),
        callers=_CATALOG,
        touchpoint=None,
        query=_PAGE,
        text="The ledger of stock, newest first.",
    ),
)

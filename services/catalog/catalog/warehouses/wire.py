"""Warehouses as messages."""

from typing import Any, Final

from catalog.products.own_data import document_of, struct_of
from catalog.warehouses.model import UTC_ZONE, Warehouse
from sojourn.catalog.v1 import warehouses_pb2 as pb

_CHANGEABLE: Final = (
    "name",
    "country",
    "street_address",
    "address_locality",
    "address_region",
    "postal_code",
    "time_zone",
    "is_default",
)


def encode_warehouse(warehouse: Warehouse) -> pb.Warehouse:
    return pb.Warehouse(
        code=warehouse.code,
        name=warehouse.name,
        country=warehouse.country,
        street_address=warehouse.street_address,
        address_locality=warehouse.address_locality,
        address_region=warehouse.address_region,
        postal_code=warehouse.postal_code,
        time_zone=warehouse.time_zone,
        is_default=warehouse.is_default,
        version=warehouse.version,
        metadata=struct_of(warehouse.own_data),
    )


def decode_warehouse(request: pb.CreateWarehouseRequest) -> Warehouse:
    """The warehouse that a request creates."""
    return Warehouse(
        code=request.code,
        name=request.name,
        country=request.country,
        street_address=request.street_address,
        address_locality=request.address_locality,
        address_region=request.address_region,
        postal_code=request.postal_code,
        time_zone=request.time_zone or UTC_ZONE,
        is_default=request.is_default,
        own_data=document_of(request.metadata),
    )


def decode_changes(request: pb.UpdateWarehouseRequest) -> dict[str, Any]:
    """The fields that a request sets. An empty time zone is UTC."""
    changes = {name: getattr(request, name) for name in _CHANGEABLE if request.HasField(name)}
    if changes.get("time_zone") == "":
        changes["time_zone"] = UTC_ZONE
    if request.HasField("metadata"):
        changes["metadata"] = document_of(request.metadata)
    return changes

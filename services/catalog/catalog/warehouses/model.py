"""Warehouses as staff keep them."""

import zoneinfo
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pydantic import JsonValue
from sqlalchemy import Index, Text, bindparam, text
from sqlmodel import col, select

from catalog.errors import InvalidWarehouse, WarehouseNotFound
from chassis.data.rows import Field, Row, column, counter, document
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx

UTC_ZONE: Final = "Etc/UTC"


class Warehouse(Row, table=True):
    """A place that holds stock. `time_zone` is a name of the IANA database."""

    __tablename__ = "warehouse"
    __table_args__ = (
        Index("warehouse_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    code: str = Field(primary_key=True)
    name: str
    country: str
    street_address: str = column(Text, default="", server_default="''")
    address_locality: str = column(Text, default="", server_default="''")
    address_region: str = column(Text, default="", server_default="''")
    postal_code: str = column(Text, default="", server_default="''")
    time_zone: str = column(Text, default=UTC_ZONE, server_default="'Etc/UTC'")
    is_default: bool
    version: int = counter(default=1, server_default="1")
    own_data: dict[str, JsonValue] = document(
        dict[str, JsonValue], default_factory=dict, server_default="'{}'"
    )

    def require_valid(self) -> None:
        """Raises InvalidWarehouse with the `path` of the first wrong field."""
        if not self.name.strip():
            raise InvalidWarehouse("a warehouse has a name", path="name")
        if not self.country:
            raise InvalidWarehouse("a warehouse has a country", path="country")
        require_time_zone(self.time_zone)


_BY_CODE: Final = select(Warehouse).where(col(Warehouse.code) == bindparam("code"))
_GET: Final = prepare(_BY_CODE)
_default: Final = select(Warehouse).where(col(Warehouse.is_default))
_GET_DEFAULT: Final = prepare(_default)
# Stock is put where no other transaction deletes the warehouse.
_KEEP: Final = prepare(
    select(Warehouse.code)
    .where(one_of(Warehouse.code, "codes"))
    .order_by(col(Warehouse.code))
    .with_for_update(read=True, key_share=True)
)
_LOCK_DEFAULT: Final = prepare(_default.with_for_update())
_PAGE: Final = prepare(
    select(Warehouse)
    .where(col(Warehouse.code) > bindparam("after"))
    .order_by(col(Warehouse.code))
    .limit(bindparam("size"))
)


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def require_time_zone(name: str) -> str:
    """Returns the name of a time zone. Raises InvalidWarehouse for one that is none."""
    if name not in _time_zones():
        raise InvalidWarehouse("no time zone of the IANA database", path="time_zone")
    return name


async def warehouse_of(read: Read, code: str) -> Warehouse:
    """The warehouse of a code; the default one for the empty code. Raises WarehouseNotFound."""
    if not code.isprintable():
        raise WarehouseNotFound
    found: Warehouse | None = await (read.one(_GET, code=code) if code else read.one(_GET_DEFAULT))
    if found is None:
        raise WarehouseNotFound(warehouse=code[:40])
    return found


async def default_warehouse(read: Read) -> Warehouse:
    """Returns the default warehouse. Raises WarehouseNotFound where none is."""
    return await warehouse_of(read, "")


async def lock_default(tx: Tx) -> Warehouse | None:
    """Locks and returns the default warehouse."""
    return await tx.one(_LOCK_DEFAULT)


async def keep_warehouses(tx: Tx, codes: Iterable[str]) -> set[str]:
    """Keeps warehouses from being deleted until the commit; returns the codes that exist."""
    return set(await tx.all(_KEEP, codes=sorted(set(codes))))


async def list_warehouses(read: Read, *, after: str, size: int) -> list[Warehouse]:
    """Warehouses after a code, in the order of their codes."""
    return await read.all(_PAGE, after=after, size=size)

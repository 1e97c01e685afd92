"""Staff's changes of warehouses."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, literal_column
from sqlmodel import col, select

from catalog import events
from catalog.channels.model import Channel
from catalog.errors import InvalidWarehouse, WarehouseExists, WarehouseInUse, WarehouseNotFound
from catalog.pickup_locations.model import PickupLocation
from catalog.products.own_data import with_own_data
from catalog.stock.model import StockLevel
from catalog.warehouses.model import Warehouse, lock_default
from chassis.data.audit import record_audit
from chassis.data.rows import columns_of
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch

# Names of channels in a refusal.
_MOST_NAMED: Final = 10
_STOCKED: Final = prepare(
    select(StockLevel.variant_id)
    .where(col(StockLevel.warehouse) == bindparam("code"), col(StockLevel.on_hand) > 0)
    .limit(1)
)
_LOCK_LEVELS: Final = prepare(
    select(StockLevel.variant_id)
    .where(col(StockLevel.warehouse) == bindparam("code"))
    .order_by(col(StockLevel.variant_id))
    .with_for_update()
)
_DROP_LEVELS: Final = prepare(
    delete(StockLevel).where(col(StockLevel.warehouse) == bindparam("code"))
)
_PICKED_UP: Final = prepare(
    select(PickupLocation.code)
    .where(col(PickupLocation.warehouse) == bindparam("code"))
    .order_by(col(PickupLocation.code))
    .limit(1)
)
_SERVED: Final = prepare(
    select(Channel.code)
    .where(col(Channel.warehouses).op("?")(bindparam("code", type_=Text())))
    .order_by(col(Channel.code))
    .limit(literal_column(str(_MOST_NAMED)))
)


async def create_warehouse(
    tx: Tx, warehouse: Warehouse, *, actor_id: UUID | None = None
) -> Warehouse:
    """Creates a warehouse; a new default takes the place of the old one.

    Raises InvalidWarehouse, WarehouseExists.
    """
    warehouse.require_valid()
    with_own_data({"own_data": warehouse.own_data}, {}, InvalidWarehouse)
    if warehouse.is_default:
        await _give_up_default(tx)
    if not await tx.insert_new(warehouse):
        raise WarehouseExists(warehouse=warehouse.code)
    await tx.emit(events.warehouse_changed(warehouse), key=f"warehouse:{warehouse.code}")
    record_audit(
        tx, actor_id, "create_warehouse", f"warehouse:{warehouse.code}", after=_facts(warehouse)
    )
    return warehouse


async def update_warehouse(
    tx: Tx,
    code: str,
    changes: Mapping[str, Any],
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> Warehouse:
    """Changes the named fields; a warehouse that is the same then keeps its version.

    `metadata` merges into its `own_data`.

    Raises WarehouseNotFound, InvalidWarehouse, VersionMismatch.
    """
    # The default is locked first by all: two that change it would otherwise block each other.
    if changes.get("is_default"):
        await lock_default(tx)
    before = await _lock(tx, code, expected_version)
    if before is None:
        raise WarehouseNotFound(warehouse=code[:40])
    if before.is_default and changes.get("is_default") is False:
        raise InvalidWarehouse("make another warehouse the default", path="is_default")
    after = before.copy_row(**with_own_data(changes, before.own_data, InvalidWarehouse))
    after.require_valid()
    if after == before:
        return after
    if after.is_default and not before.is_default:
        await _give_up_default(tx)
    await tx.update(after)
    await tx.emit(events.warehouse_changed(after), key=f"warehouse:{code}")
    record_audit(
        tx,
        actor_id,
        "update_warehouse",
        f"warehouse:{code}",
        before=_facts(before),
        after=_facts(after),
    )
    return after


async def delete_warehouse(
    tx: Tx, code: str, *, actor_id: UUID | None = None, expected_version: int = 0
) -> None:
    """Deletes an empty warehouse that nothing uses; an unknown one is passed over.

    The ledger of what it held stays. Raises WarehouseInUse, VersionMismatch.
    """
    warehouse = await _lock(tx, code, expected_version)
    if warehouse is None:
        return
    if warehouse.is_default:
        raise WarehouseInUse("make another warehouse the default first", is_default=True)
    if channels := await tx.all(_SERVED, code=code):
        raise WarehouseInUse("channels sell from it", channels=", ".join(channels))
    if locations := await tx.all(_PICKED_UP, code=code):
        raise WarehouseInUse("a location has its stock there", pickup_locations=locations[0])
    await tx.all(_LOCK_LEVELS, code=code)
    if await tx.one(_STOCKED, code=code) is not None:
        raise WarehouseInUse("stock is there; take it away first", stocked=True)
    await tx.execute(_DROP_LEVELS, code=code)
    await tx.delete(warehouse)
    await tx.emit(events.warehouse_deleted(code), key=f"warehouse:{code}")
    record_audit(
        tx,
        actor_id,
        "delete_warehouse",
        f"warehouse:{code}",
        before=_facts(warehouse),
        after=None,
    )


async def _lock(tx: Tx, code: str, expected_version: int) -> Warehouse | None:
    warehouse = await tx.lock(Warehouse, code) if code.isprintable() else None
    if warehouse is not None and expected_version not in (0, warehouse.version):
        raise VersionMismatch("the warehouse changed meanwhile", version=warehouse.version)
    return warehouse


async def _give_up_default(tx: Tx) -> None:
    if (before := await lock_default(tx)) is not None:
        before.is_default = False
        await tx.update(before)
        await tx.emit(events.warehouse_changed(before), key=f"warehouse:{before.code}")


def _facts(warehouse: Warehouse) -> dict[str, Any]:
    return {name: getattr(warehouse, name) for name in columns_of(Warehouse) if name != "code"}

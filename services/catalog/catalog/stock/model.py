"""Stock levels per warehouse, and how a quantity is spread over warehouses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, bindparam, text
from sqlmodel import col, select

from catalog.channels.model import Channel, Channels
from catalog.errors import OutOfStock, Oversold, WarehouseNotFound
from catalog.stock.availability import availability_of
from chassis.data.rows import Field, Row, counter
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.line_item import Availability

# Of a variant in a warehouse, and of a line of a reservation, in increments.
MOST_ON_HAND: Final = 10**9


class Warehouse(Row, table=True):
    """A place that holds stock."""

    __tablename__ = "warehouse"
    __table_args__ = (
        Index("warehouse_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    code: str = Field(primary_key=True)
    name: str
    country: str
    is_default: bool


class StockLevel(Row, table=True):
    """Units of a variant on hand and reserved in a warehouse, in increments."""

    __tablename__ = "stock_level"
    # Room on each block for the next versions of its rows: counters change often and touch no
    # index.
    __table_args__ = (
        CheckConstraint("reserved BETWEEN 0 AND on_hand", name="stock_level_not_oversold"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    variant_id: UUID = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    on_hand: int = counter()
    reserved: int = counter()

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True, order=True)
class Allocation:
    """A quantity of a variant taken from one warehouse."""

    variant_id: UUID
    warehouse: str
    quantity: int


# Variant, warehouse, available quantity.
Available = tuple[UUID, str, int]
_of_variants: Final = (
    select(StockLevel)
    .where(one_of(StockLevel.variant_id, "variant_ids"))
    .order_by(col(StockLevel.variant_id), col(StockLevel.warehouse))
)
_OF_VARIANTS: Final = prepare(_of_variants)
_LOCK: Final = prepare(_of_variants.with_for_update())
_AVAILABLE: Final = prepare(
    select(
        StockLevel.variant_id,
        StockLevel.warehouse,
        col(StockLevel.on_hand) - col(StockLevel.reserved),
    ).where(one_of(StockLevel.variant_id, "variant_ids"))
)
_WAREHOUSE: Final = prepare(select(Warehouse).where(col(Warehouse.code) == bindparam("code")))
_DEFAULT_WAREHOUSE: Final = prepare(select(Warehouse).where(col(Warehouse.is_default)))
_WAREHOUSES: Final = prepare(select(Warehouse))
_MOVE: Final = (
    "UPDATE stock_level s SET on_hand = s.on_hand + a.quantity * %(on_hand)s, reserved = "
    "s.reserved + a.quantity * %(reserved)s"
    " FROM unnest(%(variants)s::uuid[], %(warehouses)s::text[], %(quantities)s::bigint[]) AS a "
    "(variant_id, warehouse, quantity)"
    " WHERE s.variant_id = a.variant_id AND s.warehouse = a.warehouse AND s.reserved + a.quantity "
    "* %(reserved)s >= 0"
    " AND s.on_hand - s.reserved >= a.quantity * (%(reserved)s - %(on_hand)s)"
)


def allocate(
    wanted: Mapping[UUID, int], levels: Iterable[StockLevel], warehouses: Sequence[str]
) -> list[Allocation]:
    """Allocates each quantity to warehouses: the first gives what it has, the next one the rest.

    Raises OutOfStock with the first variant (in the order of ids) that all warehouses together
    cannot serve.
    """
    free = {(level.variant_id, level.warehouse): level.available for level in levels}
    allocations: list[Allocation] = []
    for variant_id, quantity in sorted(wanted.items()):
        left = quantity
        for warehouse in warehouses:
            if left and (taken := min(left, free.get((variant_id, warehouse), 0))) > 0:
                allocations.append(Allocation(variant_id, warehouse, taken))
                left -= taken
        if left:
            raise OutOfStock(variant_id=variant_id, available=quantity - left)
    return sorted(allocations)


def available_in(channel: Channel, counts: Iterable[Available]) -> dict[UUID, int]:
    """The sums of what a channel's warehouses have available, by variant."""
    warehouses, sums = channel.warehouses, dict[UUID, int]()
    for variant_id, warehouse, available in counts:
        if warehouse in warehouses:
            sums[variant_id] = sums.get(variant_id, 0) + available
    return sums


def counts_of(levels: Iterable[StockLevel]) -> list[Available]:
    """The available quantities of levels."""
    return [(level.variant_id, level.warehouse, level.available) for level in levels]


async def available_counts(read: Read, variant_ids: Iterable[UUID]) -> list[Available]:
    """The available quantities of variants, whose levels are not locked."""
    return await read.all(_AVAILABLE, variant_ids=list(variant_ids))


def classes_of(
    channels: Channels, counts: Sequence[Available]
) -> dict[tuple[str, UUID], Availability]:
    """The availability class of each variant in each channel."""
    return {
        (channel.code, variant_id): availability_of(available)
        for channel in channels.all
        for variant_id, available in available_in(channel, counts).items()
    }


async def lock_levels(tx: Tx, variant_ids: Iterable[UUID]) -> list[StockLevel]:
    """Locks and returns the levels of variants in the order of (variant, warehouse).

    One order keeps reservations from a deadlock.
    """
    return await tx.all(_LOCK, variant_ids=list(variant_ids))


async def move(
    tx: Tx, allocations: Sequence[Allocation], *, on_hand: int = 0, reserved: int = 0
) -> None:
    """Adds each quantity, times `on_hand` and `reserved` (-1, 0 or 1), to its locked level.

    Raises Oversold, a defect, if a level would fall below nothing or below what is reserved.
    """
    touched = await tx.run(
        _MOVE,
        {
            "on_hand": on_hand,
            "reserved": reserved,
            "variants": [allocation.variant_id for allocation in allocations],
            "warehouses": [allocation.warehouse for allocation in allocations],
            "quantities": [allocation.quantity for allocation in allocations],
        },
    )
    if touched != len(allocations):
        raise Oversold("a stock level does not have what was allocated from it")


async def levels_of(read: Read, variant_ids: Iterable[UUID]) -> list[StockLevel]:
    """All levels of variants, not locked."""
    return await read.all(_OF_VARIANTS, variant_ids=list(variant_ids))


async def warehouses(read: Read) -> list[Warehouse]:
    """Every warehouse."""
    return await read.all(_WAREHOUSES)


async def warehouse_of(read: Read, code: str) -> Warehouse:
    """The warehouse of a code; the default one for the empty code. Raises WarehouseNotFound."""
    if not code.isprintable():
        raise WarehouseNotFound
    found: Warehouse | None = await (
        read.one(_WAREHOUSE, code=code) if code else read.one(_DEFAULT_WAREHOUSE)
    )
    if found is None:
        raise WarehouseNotFound(warehouse=code[:40])
    return found

"""Stock levels per warehouse, and how a quantity is spread over warehouses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog.availability import Availability, availability_of
from catalog.channels import Channel, Channels
from catalog.errors import OutOfStock, Oversold, WarehouseNotFound
from chassis.data.rows import Row
from chassis.data.tx import Read, Tx

# Of a variant in a warehouse, and of a line of a reservation, in increments.
MOST_ON_HAND: Final = 10**9


@dataclass(kw_only=True)
class Warehouse(Row, table="warehouse", key=("code",)):
    """Where stock lies."""

    code: str
    name: str
    country: str
    is_default: bool


@dataclass(kw_only=True)
class StockLevel(Row, table="stock_level", key=("variant_id", "warehouse")):
    """What is on hand of a variant in a warehouse, and how much of that is reserved; in increments."""

    variant_id: UUID
    warehouse: str
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True, order=True)
class Allocation:
    """A quantity of a variant taken from one warehouse."""

    variant_id: UUID
    warehouse: str
    quantity: int


def allocate(wanted: Mapping[UUID, int], levels: Iterable[StockLevel], warehouses: Sequence[str]) -> list[Allocation]:
    """Where to take each quantity from: the first warehouse gives what it has, the next one the rest.

    Raises OutOfStock with the first variant (in the order of ids) that all warehouses together cannot serve.
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


def available_in(channel: Channel, levels: Iterable[StockLevel]) -> dict[UUID, int]:
    """What a channel's warehouses have, by variant."""
    sums: dict[UUID, int] = {}
    for level in levels:
        if level.warehouse in channel.warehouses:
            sums[level.variant_id] = sums.get(level.variant_id, 0) + level.available
    return sums


def classes_of(channels: Channels, levels: Sequence[StockLevel]) -> dict[tuple[str, UUID], Availability]:
    """The availability class of each variant in each channel."""
    return {
        (channel.code, variant_id): availability_of(available)
        for channel in channels.all
        for variant_id, available in available_in(channel, levels).items()
    }


async def lock_levels(tx: Tx, variant_ids: Iterable[UUID]) -> list[StockLevel]:
    """All levels of variants, locked in the order of (variant, warehouse), which is what keeps reservations from blocking each other for ever."""
    return await tx.find(StockLevel, "WHERE variant_id = ANY(%s) ORDER BY variant_id, warehouse FOR UPDATE", [list(variant_ids)])


async def move(tx: Tx, allocations: Sequence[Allocation], *, on_hand: int = 0, reserved: int = 0) -> None:
    """Adds each quantity, times `on_hand` and `reserved` (-1, 0 or 1), to its locked level.

    Raises Oversold, a defect, if a level would fall below nothing or below what is reserved.
    """
    touched = await tx.run(
        "UPDATE stock_level s SET on_hand = s.on_hand + a.quantity * %(on_hand)s, reserved = s.reserved + a.quantity * %(reserved)s"
        " FROM unnest(%(variants)b::uuid[], %(warehouses)b::text[], %(quantities)b::bigint[]) AS a (variant_id, warehouse, quantity)"
        " WHERE s.variant_id = a.variant_id AND s.warehouse = a.warehouse AND s.reserved + a.quantity * %(reserved)s >= 0"
        " AND s.on_hand - s.reserved >= a.quantity * (%(reserved)s - %(on_hand)s)",
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
    return await read.find(StockLevel, "WHERE variant_id = ANY(%s) ORDER BY variant_id, warehouse", [list(variant_ids)])


async def warehouse_of(read: Read, code: str) -> Warehouse:
    """The warehouse of a code; the default one for the empty code. Raises WarehouseNotFound."""
    if not code.isprintable():
        raise WarehouseNotFound
    found = await read.find_one(Warehouse, "WHERE code = %s" if code else "WHERE is_default", [code] if code else None)
    if found is None:
        raise WarehouseNotFound(warehouse=code[:40])
    return found


async def drift(read: Read) -> tuple[int, int]:
    """How far the reserved counters are from the held reservations, and how many units are reserved beyond what is on hand.

    Both in increments over all levels; one statement, so that both sides are of the same moment.
    """
    record = await read.fetch_one(
        "SELECT coalesce(sum(abs(coalesce(s.reserved, 0) - coalesce(h.held, 0))), 0)::bigint,"
        " coalesce(sum(greatest(coalesce(h.held, 0) - coalesce(s.on_hand, 0), 0)), 0)::bigint"
        " FROM (SELECT * FROM stock_level WHERE reserved > 0) s FULL JOIN ("
        "  SELECT l.variant_id, l.warehouse, sum(l.quantity) AS held FROM reservation r JOIN reservation_line l ON l.reservation_id = r.id"
        "  WHERE r.status = 'held' GROUP BY 1, 2) h USING (variant_id, warehouse)"
    )
    return (int(record[0]), int(record[1])) if record else (0, 0)

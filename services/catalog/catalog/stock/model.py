"""Stock levels per warehouse, and how a quantity is spread over warehouses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Index,
    and_,
    func,
    literal_column,
    text,
)
from sqlalchemy.sql.expression import SQLColumnExpression
from sqlmodel import col, select

from catalog.channels.model import Channel, Channels
from catalog.errors import OutOfStock
from catalog.stock.availability import availability_of
from chassis.data.rows import Field, Row, column, counter
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.line_item import Availability

# Of a variant in a warehouse, and of a line of a reservation, in increments.
MOST_ON_HAND: Final = 10**9
# The level of what is sold before it is there: what may still be promised. No warehouse has such a
# code; every channel sells from it last.
PROMISED: Final = "~promised"
# The level of what needs no warehouse: the free licence keys of a variant, or enough of one that
# never sells out. Every channel sells from it first.
DIGITAL: Final = "~digital"
# Levels that are in no warehouse.
VIRTUAL: Final = (DIGITAL, PROMISED)


class StockLevel(Row, table=True):
    """Units of a variant on hand and reserved in a warehouse, in increments.

    `safety_stock` is kept back from sale; from `low_stock_at_most` down the level is low.
    `recorded` is the sum of its movements: a release that knows no ledger changes `on_hand` alone.
    `version` rises with what is on hand and with the rules, not with reservations.
    """

    __tablename__ = "stock_level"
    # Room on each block for the next versions of its rows: counters change often and touch no
    # index.
    __table_args__ = (
        CheckConstraint("reserved BETWEEN 0 AND on_hand", name="stock_level_not_oversold"),
        CheckConstraint("safety_stock >= 0"),
        Index("stock_level_of_warehouse", "warehouse", "variant_id"),
        Index(
            "stock_level_watched",
            "variant_id",
            "warehouse",
            postgresql_where=text("low_stock_at_most IS NOT NULL"),
        ),
        {"postgresql_with": {"fillfactor": 70}},
    )

    variant_id: UUID = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    on_hand: int = counter()
    reserved: int = counter()
    safety_stock: int = counter(default=0, server_default="0")
    low_stock_at_most: int | None = column(BigInteger, default=None, nullable=True)
    recorded: int = counter(default=0, server_default="0")
    version: int = counter(default=1, server_default="1")

    @property
    def left(self) -> int:
        """On hand and not reserved."""
        return self.on_hand - self.reserved

    @property
    def available(self) -> int:
        """Left and not kept back from sale."""
        return max(self.left - self.safety_stock, 0)

    @property
    def is_low(self) -> bool:
        return self.low_stock_at_most is not None and self.left <= self.low_stock_at_most


@dataclass(frozen=True, slots=True, order=True)
class Allocation:
    """A quantity of a variant taken from one warehouse."""

    variant_id: UUID
    warehouse: str
    quantity: int


# As StockLevel.available says it.
available_column: Final[ColumnElement[int]] = func.greatest(
    col(StockLevel.on_hand) - col(StockLevel.reserved) - col(StockLevel.safety_stock),
    literal_column("0"),
)
NO_PROMISES: Final[Mapping[UUID, Availability]] = MappingProxyType({})
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
        available_column,
    ).where(one_of(StockLevel.variant_id, "variant_ids"))
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


def available_in(channel: Channel, counts: Iterable[Available]) -> dict[UUID, tuple[int, int]]:
    """The sums of what a channel's warehouses have available, and of promises, by variant."""
    warehouses, sums = channel.warehouses, dict[UUID, tuple[int, int]]()
    for variant_id, warehouse, available in counts:
        there, promised = sums.get(variant_id, (0, 0))
        if warehouse in warehouses or warehouse == DIGITAL:
            sums[variant_id] = (there + available, promised)
        elif warehouse == PROMISED:
            sums[variant_id] = (there, promised + available)
    return sums


def is_in_warehouse(warehouse: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Says of a level's code that it is a warehouse's."""
    return and_(*(warehouse != code for code in VIRTUAL))


def serving(channel: Channel, *, first: str = "") -> list[str]:
    """Codes of the levels that serve a channel, first to last; a store's own come `first`."""
    store = [first] if first else []
    others = (code for code in channel.warehouses if code != first)
    return [DIGITAL, *store, *others, PROMISED]


def counts_of(levels: Iterable[StockLevel]) -> list[Available]:
    """The available quantities of levels."""
    return [(level.variant_id, level.warehouse, level.available) for level in levels]


async def available_counts(read: Read, variant_ids: Iterable[UUID]) -> list[Available]:
    """The available quantities of variants, whose levels are not locked."""
    return await read.all(_AVAILABLE, variant_ids=list(variant_ids))


def classes_of(
    channels: Channels,
    counts: Sequence[Available],
    promises: Mapping[UUID, Availability] = NO_PROMISES,
) -> dict[tuple[str, UUID], Availability]:
    """The availability class of each variant in each channel.

    `promises` are classes of variants that are sold before they are there; backorder for others.
    """
    return {
        (channel.code, variant_id): availability_of(there)
        if there > 0 or promised <= 0
        else promises.get(variant_id, Availability.BACKORDER)
        for channel in channels.all
        for variant_id, (there, promised) in available_in(channel, counts).items()
    }


async def lock_levels(tx: Tx, variant_ids: Iterable[UUID]) -> list[StockLevel]:
    """Locks and returns the levels of variants in the order of (variant, warehouse).

    One order keeps reservations from a deadlock.
    """
    return await tx.all(_LOCK, variant_ids=list(variant_ids))


async def levels_of(read: Read, variant_ids: Iterable[UUID]) -> list[StockLevel]:
    """All levels of variants, not locked."""
    return await read.all(_OF_VARIANTS, variant_ids=list(variant_ids))

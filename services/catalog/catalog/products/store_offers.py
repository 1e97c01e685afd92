"""Storing of what drafts of variants say of their prices, their costs and their first stock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from catalog import events
from catalog.channels.model import Channels
from catalog.prices import model as prices
from catalog.prices.model import Price
from catalog.products.model import UnitCost, Variant
from catalog.products.refusals import refuse
from catalog.products.variant_drafts import DraftVariant
from catalog.stock.ledger import open_levels
from catalog.stock.model import PROMISED
from catalog.stock.policies import PolicyKind, StockPolicy
from catalog.warehouses.model import default_warehouse, keep_warehouses
from chassis.data.tx import Tx

# What may be owed of a variant that is sold beyond its stock: as good as no limit.
MOST_PROMISED: Final = 1_000_000_000
# Those of staff's own variants stay.
_DROP_PRICES: Final = (
    "DELETE FROM price p USING variant v, unnest(%s::uuid[], %s::text[]) AS d (product_id, list)"
    " WHERE v.id = p.variant_id AND v.product_id = d.product_id AND p.price_list = d.list"
    " AND NOT v.is_own"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft of a variant with its line and place in an import, its product and its id."""

    draft: DraftVariant
    line: int
    field: str
    product_id: UUID
    variant_id: UUID


async def store_stock(tx: Tx, placed: Sequence[Placed]) -> None:
    """Puts on hand what drafts say, where no level is yet. Refuses an unknown warehouse.

    Call it before products are locked: the order in which reservations lock them.
    """
    default = (await default_warehouse(tx)).code
    named = {code or default for each in placed for code in each.draft.stock}
    warehouses = await keep_warehouses(tx, named)
    counts: dict[tuple[UUID, str], int] = {}
    for each in placed:
        for code, count in each.draft.stock.items():
            if code and code not in warehouses:
                place = f"{each.field}.initial_stock[{code!r}]"
                refuse(each.line, place, "is not a warehouse")
            counts.setdefault((each.variant_id, code or default), count)
    beyond = sorted({each.variant_id for each in placed if each.draft.sells_beyond_stock})
    counts |= {(variant_id, PROMISED): MOST_PROMISED for variant_id in beyond}
    await open_levels(tx, counts)
    policies = [
        StockPolicy(
            variant_id=variant_id, kind=PolicyKind.BACKORDER, most=MOST_PROMISED, updated_at=tx.now
        )
        for variant_id in beyond
    ]
    # One that staff set stays.
    await tx.upsert_many(StockPolicy, policies, update=())


async def store_prices(
    tx: Tx, channels: Channels, placed: Sequence[Placed], *, replaced: Collection[UUID] = ()
) -> None:
    """Writes prices.

    Of the products in `replaced`, they replace all prices in the lists that their drafts name and
    in the default channel's; other lists keep theirs. Refuses an unknown list.
    """
    lists, default = await prices.price_lists(tx), channels.default.price_list
    rows: list[Price] = []
    dropped = {(product_id, default) for product_id in replaced}
    for each in placed:
        for number, price in enumerate(each.draft.prices):
            code = price.price_list or default
            if code not in lists:
                refuse(each.line, f"{each.field}.prices[{number}].price_list", "is not known")
            if each.product_id in replaced:
                dropped.add((each.product_id, code))
            rows.append(
                Price(
                    variant_id=each.variant_id,
                    price_list=code,
                    currency=price.currency,
                    amount_minor=price.amount_minor,
                    compare_at_minor=price.compare_at_minor,
                )
            )
    if dropped:
        columns = [list(column) for column in zip(*sorted(dropped), strict=True)]
        await tx.run(_DROP_PRICES, columns)
    await tx.upsert_many(Price, rows)


def cost_columns(cost: UnitCost | None) -> dict[str, Any]:
    """Returns the columns of a variant that hold a cost."""
    return {
        "cost_minor": cost.amount_minor if cost else None,
        "cost_currency": cost.currency if cost else None,
    }


async def emit_cost(tx: Tx, variant: Variant, *, before: UnitCost | None) -> None:
    """Tells the cost of a variant where it is another one than before."""
    if variant.unit_cost != before:
        await tx.emit(events.variant_cost_changed(variant), key=f"variant_cost:{variant.id}")

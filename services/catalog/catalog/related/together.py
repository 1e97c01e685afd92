"""Products that orders have together: counted as orders come, shown some minutes later."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations
from typing import Final
from uuid import UUID

from catalog.related.model import ProductRelation
from catalog.related.queries import most_bought_together
from catalog.supplements.model import lock_supplement
from catalog.supplements.store import save_supplement
from chassis.data import timers
from chassis.data.tx import Tx

SHOW: Final = "bought_together"
# Of an order's products, so that one of a reseller writes no 10,000 pairs.
_MOST_PRODUCTS: Final = 30
_COUNT: Final = (
    "INSERT INTO bought_together (product_id, other_id, orders)"
    " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[])"
    " ON CONFLICT (product_id, other_id) DO UPDATE"
    " SET orders = bought_together.orders + excluded.orders"
)


@dataclass(frozen=True, slots=True)
class TogetherSettings:
    """The bounds of what is bought together. `every_seconds` parts two looks at one product."""

    least_orders: int = 2
    most: int = 8
    every_seconds: int = 300


def count_together(tx: Tx, product_ids: Sequence[UUID], by: int, every_seconds: int) -> None:
    """Counts an order (1), or takes it off (-1). Call it once an order and direction."""
    distinct = sorted(set(product_ids))[:_MOST_PRODUCTS]
    if len(distinct) > 1:
        tx.gather((distinct, by, every_seconds), _store, named="bought_together")


async def _store(tx: Tx, items: list[tuple[list[UUID], int, int]]) -> None:
    pairs: Counter[tuple[UUID, UUID]] = Counter()
    for product_ids, by, _ in items:
        for pair in permutations(product_ids, 2):
            pairs[pair] += by
    # In one order, so that two batches never wait for each other in a circle.
    changed = sorted((pair, by) for pair, by in pairs.items() if by)
    if not changed:
        return
    columns: list[list[UUID] | list[int]] = [
        [product_id for (product_id, _), _ in changed],
        [other_id for (_, other_id), _ in changed],
        [by for _, by in changed],
    ]
    await tx.run(_COUNT, columns)
    due_at = next_look(tx.now, items[0][2])
    for product_id in sorted({product_id for (product_id, _), _ in changed}):
        await timers.schedule(tx, SHOW, str(product_id), due_at)


def next_look(now: datetime, every_seconds: int) -> datetime:
    """Returns the next whole multiple of the interval.

    Orders that keep coming do not put it off.
    """
    seconds = int(now.timestamp()) // every_seconds * every_seconds + every_seconds
    return datetime.fromtimestamp(seconds, UTC)


async def show_together(tx: Tx, product_id: UUID, settings: TogetherSettings) -> None:
    """Shows on a product's page what is bought together with it. Idempotent."""
    supplement = await lock_supplement(tx, product_id)
    found = await most_bought_together(
        tx, product_id, least_orders=settings.least_orders, most=settings.most
    )
    relation = ProductRelation.BOUGHT_TOGETHER.value
    if supplement.computed.get(relation, []) != found:
        supplement.computed = {
            **{kind: ids for kind, ids in supplement.computed.items() if kind != relation},
            **({relation: found} if found else {}),
        }
        await save_supplement(tx, supplement)

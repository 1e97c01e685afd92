"""Applies the rules of staff to products, batch by batch.

The place of the sweep is a row, so that a change of a rule begins anew whatever batch is under way.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from catalog.categories.model import CategoryTree
from catalog.channels.model import Channel
from catalog.related.actions import SWEEP
from catalog.related.model import ProductRelation, RelationRule, RelationSweep
from catalog.related.queries import active_rules
from catalog.reservations.actions import CatalogContext
from catalog.supplements.model import lock_supplement, supplements_of
from catalog.supplements.store import save_supplement
from chassis.data import timers
from chassis.data.tx import Tx

_BATCH: Final = 100
_FIRST: Final = UUID(int=0)
_NEXT: Final = (
    "SELECT p.id, p.category_id FROM product p WHERE p.id > %s AND p.is_published"
    " AND NOT p.is_synthetic ORDER BY p.id LIMIT %s"
)
# By category and then by price, each side of the product's own: the index gives the nearest first.
_SIDE: Final = (
    "(SELECT x.product_id, x.price_minor FROM listing_offer x JOIN product q ON q.id = x.product_id"
    " WHERE x.channel = o.channel AND x.currency = o.currency AND x.category_id = c.id"
    " AND x.product_id <> o.product_id AND x.price_minor /*side*/ o.price_minor"
    " AND x.price_minor * 100 >= o.price_minor * %(least)s"
    " AND (%(highest)s = 0 OR x.price_minor * 100 <= o.price_minor * %(highest)s)"
    " AND (NOT %(same_brand)s OR q.brand = p.brand)"
    " AND NOT EXISTS (SELECT FROM unnest(%(names)s::text[]) AS n (name)"
    "  WHERE q.attributes->>n.name IS DISTINCT FROM p.attributes->>n.name"
    "  OR p.attributes->>n.name IS NULL)"
    " ORDER BY x.price_minor /*direction*/, x.product_id LIMIT %(most)s)"
)
_MATCHES: Final = (
    "SELECT o.product_id, m.product_id FROM unnest(%(product_ids)s::uuid[]) AS w (id)"
    " JOIN product p ON p.id = w.id"
    " JOIN listing_offer o ON o.product_id = p.id AND o.channel = %(channel)s"
    "  AND o.currency = %(currency)s"
    " CROSS JOIN LATERAL (SELECT f.product_id, f.price_minor FROM"
    "  unnest(CASE WHEN %(same_category)s THEN ARRAY[o.category_id] ELSE %(targets)s::uuid[] END)"
    "  AS c (id) CROSS JOIN LATERAL ("
    + _SIDE.replace("/*side*/", ">=").replace("/*direction*/", "ASC")
    + " UNION ALL "
    + _SIDE.replace("/*side*/", "<").replace("/*direction*/", "DESC")
    + ") f ORDER BY abs(f.price_minor - o.price_minor), f.product_id LIMIT %(most)s) m"
    " ORDER BY o.product_id, abs(m.price_minor - o.price_minor), m.product_id"
)


async def sweep_rules(tx: Tx, context: CatalogContext, *, every_seconds: float) -> None:
    """Applies the rules to the next products, and sets the timer for those after them.

    After the last one it begins again in `every_seconds`, where there are rules.
    """
    sweep = await tx.lock(RelationSweep, SWEEP)
    if sweep is None:
        return
    products = await tx.fetch(_NEXT, [sweep.last_id, _BATCH])
    rules = await active_rules(tx)
    if products:
        await _apply(tx, context, rules, dict(products))
        sweep.last_id = products[-1][0]
        await tx.update(sweep)
        await timers.schedule(tx, SWEEP, SWEEP, tx.now)
        return
    sweep.last_id = _FIRST
    await tx.update(sweep)
    if rules:
        await timers.schedule(tx, SWEEP, SWEEP, tx.now + timedelta(seconds=every_seconds))


async def _apply(
    tx: Tx,
    context: CatalogContext,
    rules: Sequence[RelationRule],
    categories: dict[UUID, UUID | None],
) -> None:
    channel, tree = context.channels.default, context.tree
    found: dict[UUID, dict[str, list[UUID]]] = {product_id: {} for product_id in categories}
    for rule in rules:
        wanted = _branch(tree, rule.category_id)
        asked = [each for each, of in categories.items() if wanted is None or of in wanted]
        for product_id, related_id in await _matches(tx, channel, tree, rule, asked):
            listed = found[product_id].setdefault(rule.relation.value, [])
            if related_id not in listed:
                listed.append(related_id)
    known = await supplements_of(tx, list(categories))
    for product_id, computed in sorted(found.items()):
        before = known.get(product_id)
        if computed != _ruled(before.computed if before else {}):
            supplement = await lock_supplement(tx, product_id)
            together = supplement.computed.get(ProductRelation.BOUGHT_TOGETHER.value)
            kept = {ProductRelation.BOUGHT_TOGETHER.value: together} if together else {}
            supplement.computed = {**computed, **kept}
            await save_supplement(tx, supplement)


def _ruled(computed: dict[str, list[UUID]]) -> dict[str, list[UUID]]:
    together = ProductRelation.BOUGHT_TOGETHER.value
    return {kind: ids for kind, ids in computed.items() if kind != together}


async def _matches(
    tx: Tx, channel: Channel, tree: CategoryTree, rule: RelationRule, product_ids: list[UUID]
) -> list[tuple[Any, ...]]:
    if not product_ids:
        return []
    return await tx.fetch(
        _MATCHES,
        {
            "product_ids": product_ids,
            "channel": channel.code,
            "currency": channel.currencies[0],
            "same_category": rule.same_category,
            "targets": sorted(_branch(tree, rule.target_category_id) or ()),
            "least": rule.least_price_percent,
            "highest": rule.most_price_percent,
            "same_brand": rule.same_brand,
            "names": rule.same_attributes,
            "most": rule.most,
        },
    )


def _branch(tree: CategoryTree, category_id: UUID | None) -> set[UUID] | None:
    """Returns a category and those below it; None for None, nothing for one that is gone."""
    if category_id is None:
        return None
    category = tree.by_id.get(category_id)
    return {each.id for each in tree.below(category)} if category else set()

"""Reads of related products."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from catalog.errors import ProductNotFound, RelationRuleNotFound
from catalog.products.model import Product
from catalog.related.model import RelatedProductList, RelationRule
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

_EXISTING: Final = prepare(
    select(Product.id).where(one_of(Product.id, "product_ids"), col(Product.deleted_at).is_(None))
)
_LISTS: Final = prepare(
    select(RelatedProductList).where(col(RelatedProductList.product_id) == bindparam("product_id"))
)
_RULES: Final = prepare(
    select(RelationRule)
    .where(col(RelationRule.code) > bindparam("after"))
    .order_by(col(RelationRule.code))
    .limit(bindparam("size"))
)
_ACTIVE: Final = prepare(
    select(RelationRule)
    .where(col(RelationRule.is_active))
    .order_by(col(RelationRule.priority), col(RelationRule.code))
)
_TOGETHER: Final = (
    "SELECT b.other_id FROM bought_together b JOIN product p ON p.id = b.other_id"
    " WHERE b.product_id = %(product_id)s AND b.orders >= %(least)s AND p.is_published"
    " ORDER BY b.orders DESC, b.other_id LIMIT %(most)s"
)


async def existing_products(read: Read, product_ids: Sequence[UUID]) -> set[UUID]:
    """Returns which products exist, published or not."""
    return set(await read.all(_EXISTING, product_ids=list(product_ids)))


async def require_product(read: Read, product_id: UUID) -> None:
    """Raises ProductNotFound."""
    if not await existing_products(read, [product_id]):
        raise ProductNotFound(product_id=product_id)


async def list_related_products(read: Read, product_id: UUID) -> list[RelatedProductList]:
    """The lists of a product by hand. Raises ProductNotFound."""
    await require_product(read, product_id)
    return await read.all(_LISTS, product_id=product_id)


async def get_relation_rule(read: Read, code: str) -> RelationRule:
    """Raises RelationRuleNotFound."""
    found = await read.get(RelationRule, code) if code.isprintable() else None
    if found is None:
        raise RelationRuleNotFound(code=code[:64])
    return found


async def list_relation_rules(read: Read, *, after: str, size: int) -> list[RelationRule]:
    """Rules after a code, in the order of their codes."""
    return await read.all(_RULES, after=after, size=size)


async def active_rules(read: Read) -> list[RelationRule]:
    """Rules that count, in the order in which they add."""
    return await read.all(_ACTIVE)


async def most_bought_together(
    read: Read, product_id: UUID, *, least_orders: int, most: int
) -> list[UUID]:
    """Published products that most orders have with a product."""
    found = await read.fetch(
        _TOGETHER, {"product_id": product_id, "least": least_orders, "most": most}
    )
    return [other_id for (other_id,) in found]

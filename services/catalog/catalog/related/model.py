"""Lists of related products, rules that add to them, and counts of orders with two products."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Index, Integer, Uuid

from catalog.errors import InvalidRelation, InvalidRelationRule
from chassis.data.rows import Field, Row, code, column, counter, document, states

MOST_RELATED: Final = 24
USUAL_RELATED: Final = 8


class ProductRelation(StrEnum):
    """Relations of a product to another one, in the order in which a page shows them."""

    CROSS_SELL = "cross_sell"
    UP_SELL = "up_sell"
    ACCESSORY = "accessory"
    SUBSTITUTE = "substitute"
    BOUGHT_TOGETHER = "bought_together"


class RelatedProductList(Row, table=True):
    """Products that staff put beside a product, best first."""

    __tablename__ = "related_product_list"
    __table_args__ = (states("relation", ProductRelation),)

    product_id: UUID = Field(primary_key=True)
    relation: ProductRelation = code(ProductRelation, primary_key=True)
    related_ids: list[UUID] = column(ARRAY(Uuid()))
    version: int = counter(default=1)

    def require_valid(self, path: str) -> None:
        """Raises InvalidRelation with the place under `path` of the first wrong product."""
        if len(self.related_ids) > MOST_RELATED:
            raise InvalidRelation("has too many products", path=path, most=MOST_RELATED)
        seen: set[UUID] = set()
        for index, related_id in enumerate(self.related_ids):
            if related_id == self.product_id:
                raise InvalidRelation("is the product itself", path=f"{path}[{index}]")
            if related_id in seen:
                raise InvalidRelation("is named twice", path=f"{path}[{index}]")
            seen.add(related_id)


class RelationRule(Row, table=True):
    """A rule that adds the products of the nearest price that match.

    It is for products of `category_id` and below, None for all. It finds products of the same
    category, or of `target_category_id` and below. Percents are of the product's lowest price in
    the default channel; 0 is no bound.
    """

    __tablename__ = "relation_rule"
    __table_args__ = (
        states("relation", ProductRelation),
        CheckConstraint("same_category <> (target_category_id IS NOT NULL)"),
    )

    relation: ProductRelation = code(ProductRelation)
    code: str = Field(primary_key=True)
    category_id: UUID | None = None
    same_category: bool = column(Boolean)
    target_category_id: UUID | None = None
    same_brand: bool = column(Boolean)
    same_attributes: list[str] = document(list[str])
    least_price_percent: int = column(Integer)
    most_price_percent: int = column(Integer)
    most: int = column(Integer)
    priority: int = column(Integer)
    is_active: bool = column(Boolean)
    version: int = counter(default=1)

    def require_valid(self) -> None:
        """Raises InvalidRelationRule with the `path` of the first wrong field."""
        if self.same_category is (self.target_category_id is not None):
            raise InvalidRelationRule(
                "finds products of the same category or of another one",
                path="rule.target_category_slug",
            )
        if 0 < self.most_price_percent < self.least_price_percent:
            raise InvalidRelationRule("is below the least", path="rule.most_price_percent")


class RelationSweep(Row, table=True):
    """The last product to which the rules were applied. Each change of a rule begins anew."""

    __tablename__ = "relation_sweep"

    name: str = Field(primary_key=True)
    last_id: UUID


class BoughtTogether(Row, table=True):
    """The number of orders that have both of two products; a pair is there in both directions."""

    __tablename__ = "bought_together"
    __table_args__ = (Index("bought_together_most", "product_id", "orders"),)

    product_id: UUID = Field(primary_key=True)
    other_id: UUID = Field(primary_key=True)
    orders: int = counter()

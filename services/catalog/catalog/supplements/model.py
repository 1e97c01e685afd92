"""The part of a product's page that neither its texts nor its offers hold."""

from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import select

from chassis.data.rows import Field, Row, counter, document
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


class PageSupplement(Row, table=True):
    """The ratings and other facts that a page shows beside its product.

    `ones` to `fives` count approved reviews by stars. `related` are products by relation as staff
    set them, `computed` those that orders and rules add. `page_part` is a serialized part of the
    page's message, which the page's query appends. A product without any of it has no row.
    """

    __tablename__ = "page_supplement"
    __table_args__ = (CheckConstraint("least(ones, twos, threes, fours, fives) >= 0"),)

    product_id: UUID = Field(primary_key=True)
    ones: int = counter(default=0)
    twos: int = counter(default=0)
    threes: int = counter(default=0)
    fours: int = counter(default=0)
    fives: int = counter(default=0)
    related: dict[str, list[UUID]] = document(
        dict[str, list[UUID]], default_factory=dict, server_default="'{}'"
    )
    computed: dict[str, list[UUID]] = document(
        dict[str, list[UUID]], default_factory=dict, server_default="'{}'"
    )
    page_part: bytes = b""
    version: int = counter(default=1)

    @property
    def histogram(self) -> tuple[int, ...]:
        """Counts of approved reviews of 1 to 5 stars."""
        return self.ones, self.twos, self.threes, self.fours, self.fives

    def count_rating(self, stars: int, by: int) -> None:
        """Adds `by` reviews of so many stars."""
        name = ("ones", "twos", "threes", "fours", "fives")[stars - 1]
        setattr(self, name, getattr(self, name) + by)


_OF_PRODUCTS: Final = prepare(
    select(PageSupplement).where(one_of(PageSupplement.product_id, "product_ids"))
)


def mean_of(histogram: tuple[int, ...]) -> float:
    """Returns the mean of ratings, rounded to two decimals; 0 where there is none."""
    count = sum(histogram)
    if not count:
        return 0.0
    stars = sum(stars * each for stars, each in enumerate(histogram, start=1))
    # Half up, in whole hundredths.
    return (200 * stars + count) // (2 * count) / 100


async def supplement_of(read: Read, product_id: UUID) -> PageSupplement:
    """Returns the supplement of a product; an empty one where it has none."""
    found = await read.get(PageSupplement, product_id)
    return found or PageSupplement(product_id=product_id)


async def supplements_of(read: Read, product_ids: list[UUID]) -> dict[UUID, PageSupplement]:
    """Returns the supplements of the products that have one."""
    found = await read.all(_OF_PRODUCTS, product_ids=product_ids)
    return {each.product_id: each for each in found}


async def lock_supplement(tx: Tx, product_id: UUID) -> PageSupplement:
    """Locks the supplement of a product, which is made where it is missing."""
    found = await tx.lock(PageSupplement, product_id)
    if found is None:
        await tx.insert_new(PageSupplement(product_id=product_id))
        found = await tx.lock(PageSupplement, product_id)
    assert found is not None
    return found

"""Policies of selling what is not there: backorders and preorders, up to a limit.

The limit is the `on_hand` of the level PROMISED; what orders hold of it is reserved there, and what
they took for good lowers it until goods arrive.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import select

from catalog.stock.model import PROMISED, StockLevel
from chassis.data.rows import Field, Row, code, counter, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.line_item import Availability


class PolicyKind(StrEnum):
    """Whether a variant is sold when there is none of it."""

    NONE = "none"
    BACKORDER = "backorder"
    PREORDER = "preorder"


class StockPolicy(Row, table=True):
    """A rule for selling a variant when there is none of it.

    `most` is how much may be owed to orders at once; `expected_at` is when goods should arrive.
    """

    __tablename__ = "stock_policy"
    __table_args__ = (states("kind", PolicyKind), CheckConstraint("most >= 0"))

    variant_id: UUID = Field(primary_key=True)
    kind: PolicyKind = code(PolicyKind)
    most: int = counter()
    expected_at: datetime | None = None
    version: int = counter(default=1)
    updated_at: datetime

    @property
    def promise(self) -> Availability | None:
        """The class of what is promised; None where nothing is."""
        match self.kind:
            case PolicyKind.NONE:
                return None
            case PolicyKind.BACKORDER:
                return Availability.BACKORDER
            case PolicyKind.PREORDER:
                return Availability.PREORDER

    def owed(self, promised: StockLevel | None) -> int:
        """Quantity that orders took for good before it arrived."""
        return max(self.most - promised.on_hand, 0) if promised else 0


_OF_VARIANTS: Final = prepare(
    select(StockPolicy).where(one_of(StockPolicy.variant_id, "variant_ids"))
)


async def policies_of(read: Read, variant_ids: Sequence[UUID]) -> dict[UUID, StockPolicy]:
    """Policies by variant."""
    found = await read.all(_OF_VARIANTS, variant_ids=list(variant_ids))
    return {policy.variant_id: policy for policy in found}


def promised_of(levels: Sequence[StockLevel], variant_id: UUID) -> StockLevel | None:
    """The level of what may still be promised of a variant."""
    return next(
        (
            level
            for level in levels
            if level.variant_id == variant_id and level.warehouse == PROMISED
        ),
        None,
    )

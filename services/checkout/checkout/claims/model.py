"""Claims: the table, its states, and what calls ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index

from chassis.data.rows import Code, Field, Row, code, column, counter, document, minor, states
from chassis.money import Money
from chassis.rpc.errors import VersionMismatch
from checkout.errors.after_sale import WrongClaimStatus
from checkout.payments.model import SYSTEM
from checkout.payments.refunds import RefundDestination
from checkout.returns.model import ReturnLabel


class ClaimStatus(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[dict[ClaimStatus, set[ClaimStatus]]] = {
    ClaimStatus.OPEN: {ClaimStatus.SETTLED, ClaimStatus.REJECTED, ClaimStatus.WITHDRAWN},
    # By a replacement that was refused or cancelled.
    ClaimStatus.SETTLED: {ClaimStatus.SETTLED},
    ClaimStatus.REJECTED: set(),
    ClaimStatus.WITHDRAWN: set(),
}


class ClaimProblem(StrEnum):
    """Problems of goods."""

    WRONG_ITEM = "wrong_item"
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    MISSING = "missing"


class ClaimSettlement(StrEnum):
    """Ways in which the shop makes up for goods."""

    REPLACEMENT = "replacement"
    REFUND = "refund"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A quantity of an order line, and what is wrong with it."""

    order_line_id: UUID
    variant_id: UUID
    quantity: int
    problem: ClaimProblem


@dataclass(frozen=True, slots=True)
class WantedClaimLine:
    """A line as a call names it."""

    order_line_id: UUID
    quantity: int
    problem: ClaimProblem


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A report of what is wrong with goods of an order."""

    order_id: UUID
    lines: Sequence[WantedClaimLine]
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SettleClaim:
    """A call of SettleClaim.

    `amount` is what a refund gives back, None for all that was paid. `variants` are what replaces
    order lines, by line; a line that is not there gets its own variant again.
    """

    claim_id: UUID
    settlement: ClaimSettlement
    amount: Money | None = None
    destination: RefundDestination = RefundDestination.ORIGINAL
    variants: Mapping[UUID, UUID] = field(default_factory=dict)
    return_reason: str = ""
    label: ReturnLabel | None = None
    shop_note: str = field(default="", repr=False)
    expected_version: int = 0


class Claim(Row, table=True):
    """A report of a buyer on goods. Amounts are minor units of the order's currency.

    Of a refund there are `refunded_minor` and what was not paid yet and is no longer owed.
    """

    __tablename__ = "order_claim"
    __table_args__ = (
        states("status", ClaimStatus),
        states("settlement", ClaimSettlement),
        CheckConstraint("refunded_minor >= 0 AND voided_minor >= 0"),
        Index("order_claim_order", "order_id"),
        Index("order_claim_owner", "owner_id", "id"),
        Index("order_claim_status", "status", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    order_id: UUID = Field(foreign_key="orders.id")
    owner_id: UUID
    status: ClaimStatus = code(ClaimStatus, default=ClaimStatus.OPEN)
    lines: list[ClaimLine] = document(list[ClaimLine])
    note: str = Field(default="", repr=False)
    shop_note: str = Field(default="", repr=False)
    settlement: ClaimSettlement | None = column(Code(ClaimSettlement), default=None, nullable=True)
    replacement_order_id: UUID | None = Field(default=None, foreign_key="orders.id")
    return_id: UUID | None = Field(default=None, foreign_key="order_return.id")
    refunded_minor: int = minor(default=0)
    voided_minor: int = minor(default=0)
    created_at: datetime
    settled_at: datetime | None = None

    @property
    def holds_goods(self) -> bool:
        """Whether its goods can neither be claimed again nor sent back: it may be, or was, settled.

        A return counts its goods itself.
        """
        if self.status is ClaimStatus.SETTLED:
            return self.settlement is not ClaimSettlement.RETURN
        return self.status is ClaimStatus.OPEN

    @property
    def refund_key(self) -> tuple[str, str]:
        """The caller and the idempotency key of its refunds."""
        return SYSTEM, f"{self.id}:claim"

    def become(self, status: ClaimStatus) -> None:
        """Raises WrongClaimStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongClaimStatus(
                f"the claim is {self.status}", claim_id=self.id, status=self.status
            )
        self.status = status

    def require_version(self, expected: int) -> None:
        """Raises VersionMismatch; 0 expects any version."""
        if expected not in (0, self.version):
            raise VersionMismatch("the claim changed: read it again", version=self.version)


def quantities_claimed(claims: Iterable[Claim]) -> dict[UUID, int]:
    """Returns the steps by order line that claims hold."""
    found: dict[UUID, int] = {}
    for each in claims:
        for line in each.lines if each.holds_goods else ():
            found[line.order_line_id] = found.get(line.order_line_id, 0) + line.quantity
    return found

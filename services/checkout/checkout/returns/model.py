"""Returns and their reasons: tables, states, and what calls ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Boolean, CheckConstraint, Index, Text

from chassis.data.rows import Field, Row, code, column, counter, document, minor, states
from chassis.money import Money
from chassis.rpc.errors import VersionMismatch
from checkout.errors.after_sale import WrongReturnStatus
from checkout.payments.refunds import RefundDestination

# Kind of the timer that completes the restock and the refund of a return.
COMPLETE_RETURN: Final = "return.complete"
MOST_REASONS: Final = 200


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    RECEIVED = "received"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


TRANSITIONS: Final[dict[ReturnStatus, set[ReturnStatus]]] = {
    ReturnStatus.REQUESTED: {
        ReturnStatus.ACCEPTED,
        ReturnStatus.REJECTED,
        ReturnStatus.CANCELLED,
        # Over the counter of a store.
        ReturnStatus.RECEIVED,
    },
    ReturnStatus.ACCEPTED: {ReturnStatus.CANCELLED, ReturnStatus.RECEIVED},
    ReturnStatus.REJECTED: set(),
    ReturnStatus.CANCELLED: set(),
    ReturnStatus.RECEIVED: {ReturnStatus.REFUNDING, ReturnStatus.REFUNDED},
    ReturnStatus.REFUNDING: {ReturnStatus.REFUNDED},
    ReturnStatus.REFUNDED: set(),
}
# The goods of these are still with the buyer, and asked back.
OPEN: Final = (ReturnStatus.REQUESTED, ReturnStatus.ACCEPTED)


class ReturnCondition(StrEnum):
    AS_NEW = "as_new"
    OPENED = "opened"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ReceivedUnits:
    """The steps of an order line from `start` to `end`, which came back in one condition."""

    start: int
    end: int
    condition: ReturnCondition
    is_restocked: bool
    warehouse: str


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A quantity of an order line that the buyer sends back, and what came back of it.

    The buyer may want another variant for it.
    """

    order_line_id: UUID
    variant_id: UUID
    quantity: int
    reason: str
    reason_title: str
    received: tuple[ReceivedUnits, ...] = ()
    replacement_variant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReturnLabel:
    """A way to send goods back. Any of it may be empty."""

    url: str = ""
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A quantity of an order line that a buyer wants to send back."""

    order_line_id: UUID
    quantity: int
    reason: str
    replacement_variant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """Lines of an order that a buyer wants to send back."""

    order_id: UUID
    lines: Sequence[WantedLine]
    note: str = field(repr=False)
    refund_to: RefundDestination = RefundDestination.ORIGINAL


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """A quantity of an order line that came back. An empty warehouse is that it came from."""

    order_line_id: UUID
    quantity: int
    condition: ReturnCondition
    is_restocked: bool
    warehouse: str


@dataclass(frozen=True, slots=True)
class ReturnRefund:
    """A refund as staff want it: what the shop keeps, and whether the delivery stays out of it.

    Without a destination it goes to where the buyer wants it.
    """

    deduction: Money | None
    deduction_reason: str
    is_without_delivery: bool
    destination: RefundDestination | None = None


class Return(Row, table=True):
    """Goods of an order that the buyer sends back.

    Amounts are minor units of the order's currency. `is_restocked` is false as long as goods that
    came back are still to be put on hand.
    """

    __tablename__ = "order_return"
    __table_args__ = (
        states("status", ReturnStatus),
        states("refund_to", RefundDestination),
        CheckConstraint("refunded_minor + voided_minor <= goods_minor + delivery_minor"),
        Index("order_return_order", "order_id"),
        Index("order_return_owner", "owner_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    order_id: UUID = Field(foreign_key="orders.id")
    owner_id: UUID
    status: ReturnStatus = code(ReturnStatus, default=ReturnStatus.REQUESTED)
    lines: list[ReturnLine] = document(list[ReturnLine])
    note: str = Field(default="", repr=False)
    shop_note: str = Field(default="", repr=False)
    label: ReturnLabel | None = document(ReturnLabel | None, default=None)
    return_address: dict[str, str] = document(dict[str, str], default_factory=dict)
    goods_minor: int = minor(default=0)
    delivery_minor: int = minor(default=0)
    deduction_minor: int = minor(default=0)
    deduction_reason: str = Field(default="", repr=False)
    refunded_minor: int = minor(default=0)
    voided_minor: int = minor(default=0)
    is_restocked: bool = column(Boolean, default=True)
    created_at: datetime
    received_at: datetime | None = None
    refund_to: RefundDestination = code(
        RefundDestination, default=RefundDestination.ORIGINAL, server_default="'original'"
    )
    replacement_order_id: UUID | None = Field(default=None, foreign_key="orders.id")
    # Of what is refunded, what pays the replacement.
    exchanged_minor: int = minor(default=0, server_default="0")

    def become(self, status: ReturnStatus) -> None:
        """Raises WrongReturnStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongReturnStatus(
                f"the return is {self.status}", return_id=self.id, status=self.status
            )
        self.status = status

    def require(self, *statuses: ReturnStatus) -> None:
        """Raises WrongReturnStatus if the status is not one of `statuses`."""
        if self.status not in statuses:
            raise WrongReturnStatus(
                f"the return is {self.status}", return_id=self.id, status=self.status
            )

    def require_version(self, expected: int) -> None:
        """Raises VersionMismatch; 0 expects any version."""
        if expected not in (0, self.version):
            raise VersionMismatch("the return changed: read it again", version=self.version)

    def restocks(self) -> dict[str, dict[UUID, int]]:
        """Returns what goes back on hand: by warehouse, steps by variant."""
        found: dict[str, dict[UUID, int]] = {}
        for line in self.lines:
            for each in line.received:
                if each.is_restocked:
                    there = found.setdefault(each.warehouse, {})
                    there[line.variant_id] = there.get(line.variant_id, 0) + each.end - each.start
        return found

    def restock_id(self, warehouse: str) -> UUID:
        """Returns the id under which goods go back to a warehouse."""
        return uuid5(NAMESPACE_URL, f"return:{self.id}:{warehouse}")


class ReturnReason(Row, table=True):
    """A reason that buyers may give. Titles are by language."""

    __tablename__ = "return_reason"

    code: str = column(Text, primary_key=True)
    titles: dict[str, str] = document(dict[str, str])
    position: int
    is_enabled: bool
    version: int = counter(default=1)


def quantities_asked(returns: Iterable[Return]) -> Mapping[UUID, int]:
    """Returns the steps by order line that are asked back and still with the buyer."""
    asked: dict[UUID, int] = {}
    for each in returns:
        for line in each.lines if each.status in OPEN else ():
            asked[line.order_line_id] = asked.get(line.order_line_id, 0) + line.quantity
    return asked

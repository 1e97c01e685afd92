"""A buyer's way from cart to order, as far as the buyer has gone."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, bindparam, update
from sqlmodel import col

from chassis.data.rows import Field, Row, code, column, counter, document, minor, states
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import Caller
from checkout.errors import CheckoutNotFound, CheckoutNotOpen, WrongCheckoutStatus


class CheckoutStatus(StrEnum):
    """The Universal Commerce Protocol's."""

    INCOMPLETE = "incomplete"
    READY_FOR_COMPLETE = "ready_for_complete"
    COMPLETE_IN_PROGRESS = "complete_in_progress"
    REQUIRES_ESCALATION = "requires_escalation"
    COMPLETED = "completed"
    CANCELED = "canceled"


_OPEN: Final = {CheckoutStatus.INCOMPLETE, CheckoutStatus.READY_FOR_COMPLETE}
TRANSITIONS: Final[dict[CheckoutStatus, set[CheckoutStatus]]] = {
    CheckoutStatus.INCOMPLETE: {*_OPEN, CheckoutStatus.COMPLETE_IN_PROGRESS, CheckoutStatus.CANCELED},
    CheckoutStatus.READY_FOR_COMPLETE: {*_OPEN, CheckoutStatus.COMPLETE_IN_PROGRESS, CheckoutStatus.CANCELED},
    # A refused order opens its checkout again.
    CheckoutStatus.COMPLETE_IN_PROGRESS: {CheckoutStatus.REQUIRES_ESCALATION, CheckoutStatus.COMPLETED, CheckoutStatus.INCOMPLETE},
    CheckoutStatus.REQUIRES_ESCALATION: {CheckoutStatus.COMPLETED, CheckoutStatus.INCOMPLETE},
    CheckoutStatus.COMPLETED: set(),
    CheckoutStatus.CANCELED: set(),
}


class Checkout(Row, table=True):
    """One checkout of one cart. What it costs is not kept: it is priced whenever it is shown or changed.

    `status` tells incomplete and ready_for_complete apart only as of the last change: a review tells them as of now.
    `payment_token` is the provider's; it is kept until the order is paid, and never shown. `reviewed_total_minor` is the total with which
    this version was answered; None for versions of earlier releases.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        states("status", CheckoutStatus),
        CheckConstraint("status NOT IN ('completed', 'canceled') OR payment_token = ''"),
        Index("checkout_owner", "owner_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    owner_id: UUID
    owner_kind: str
    organization_id: UUID | None = None
    channel_id: str
    external_id: str | None = None
    cart_id: UUID
    currency: str
    locale: str
    status: CheckoutStatus = code(CheckoutStatus, default=CheckoutStatus.INCOMPLETE)
    email: str = Field(default="", repr=False)
    delivery_address: dict[str, str] | None = document(dict[str, str] | None, default=None, repr=False)
    delivery_option_id: str = ""
    payment_method_id: str = ""
    payment_token: str = Field(default="", repr=False)
    order_id: UUID | None = None
    continue_url: str = Field(default="", repr=False)
    is_synthetic: bool = column(Boolean, default=False, server_default="false")
    reviewed_total_minor: int | None = minor(default=None)
    created_at: datetime
    expires_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the buyer may change and complete it."""
        return self.status in _OPEN

    @property
    def has_order(self) -> bool:
        """Whether an order of it is placed or under way."""
        return self.order_id is not None and not self.is_open and self.status is not CheckoutStatus.CANCELED

    def require_open(self, now: datetime) -> None:
        """Raises CheckoutNotOpen."""
        if not self.is_open or now >= self.expires_at:
            raise CheckoutNotOpen(status=self.status if not self.is_open else "expired")

    def require_owner(self, caller: Caller) -> None:
        """Raises CheckoutNotFound."""
        caller.must_own(self.owner_id, CheckoutNotFound())

    def become(self, status: CheckoutStatus) -> None:
        """Raises WrongCheckoutStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongCheckoutStatus(status=self.status, wanted=status)
        self.status = status

    def begin(self, order_id: UUID) -> None:
        """An order of it is under way."""
        self.become(CheckoutStatus.COMPLETE_IN_PROGRESS)
        self.order_id = order_id

    def escalate(self, continue_url: str) -> None:
        """The buyer must pass a challenge at `continue_url`."""
        self.become(CheckoutStatus.REQUIRES_ESCALATION)
        self.continue_url = continue_url

    def reopen(self) -> None:
        """Its order was refused: the buyer may mend it and try again."""
        self.become(CheckoutStatus.INCOMPLETE)
        self.order_id, self.continue_url = None, ""

    def cancel(self) -> None:
        """It is given up."""
        self.become(CheckoutStatus.CANCELED)
        self.payment_token = ""


_COMPLETE: Final = prepare(
    update(Checkout)
    .where(col(Checkout.id) == bindparam("checkout_id"), col(Checkout.order_id) == bindparam("of_order_id"))
    .values(version=Checkout.version + 1, status=CheckoutStatus.COMPLETED, payment_token="", continue_url="")
)


def complete(tx: Tx, checkout_id: UUID, order_id: UUID) -> None:
    """Its order is placed; written with the commit. Call it where the order's version was checked: its checkout is under way until then."""
    tx.deferred.execute(_COMPLETE, checkout_id=checkout_id, of_order_id=order_id)


async def owned(read: Read, checkout_id: UUID, caller: Caller) -> Checkout:
    """The caller's checkout. Raises CheckoutNotFound."""
    checkout = await read.get(Checkout, checkout_id)
    if checkout is None:
        raise CheckoutNotFound
    checkout.require_owner(caller)
    return checkout

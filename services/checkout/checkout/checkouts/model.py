"""Checkouts: the table, its states, and the fields that a buyer sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Text, text

from chassis.data.rows import Code, Field, Row, code, column, counter, document, minor, states
from chassis.rpc.auth import Caller
from checkout.contact_points import ContactPoint
from checkout.errors.checkouts import CheckoutNotFound, CheckoutNotOpen, WrongCheckoutStatus
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_messages.model import GiftMessage
from checkout.pickups.model import PickupStore
from checkout.saved_payments.model import SavedPaymentMethod
from checkout.vat_ids.model import VatIdCheck

# Kind of the timer that expires a checkout.
EXPIRE_CHECKOUT: Final = "checkout.expire"


class CheckoutStatus(StrEnum):
    """States of a checkout in the Universal Commerce Protocol."""

    INCOMPLETE = "incomplete"
    READY_FOR_COMPLETE = "ready_for_complete"
    COMPLETE_IN_PROGRESS = "complete_in_progress"
    REQUIRES_ESCALATION = "requires_escalation"
    COMPLETED = "completed"
    CANCELED = "canceled"


_OPEN: Final = {CheckoutStatus.INCOMPLETE, CheckoutStatus.READY_FOR_COMPLETE}
TRANSITIONS: Final[dict[CheckoutStatus, set[CheckoutStatus]]] = {
    CheckoutStatus.INCOMPLETE: {
        *_OPEN,
        CheckoutStatus.COMPLETE_IN_PROGRESS,
        CheckoutStatus.CANCELED,
    },
    CheckoutStatus.READY_FOR_COMPLETE: {
        *_OPEN,
        CheckoutStatus.COMPLETE_IN_PROGRESS,
        CheckoutStatus.CANCELED,
    },
    # A refused order reopens its checkout.
    CheckoutStatus.COMPLETE_IN_PROGRESS: {
        CheckoutStatus.REQUIRES_ESCALATION,
        CheckoutStatus.COMPLETED,
        CheckoutStatus.INCOMPLETE,
    },
    CheckoutStatus.REQUIRES_ESCALATION: {CheckoutStatus.COMPLETED, CheckoutStatus.INCOMPLETE},
    CheckoutStatus.COMPLETED: set(),
    CheckoutStatus.CANCELED: set(),
}


@dataclass(frozen=True, slots=True)
class CheckoutChanges:
    """Fields that a buyer sets: None leaves a field as it is, and an empty value clears it.

    `email` is in its normal form. `pickup_store` is that of a `pickup_location` that is set,
    `vat_id_check` that of a `vat_id`, and `saved_method` that of a `saved_method_id`.
    """

    email: str | None = field(default=None, repr=False)
    delivery_address: Mapping[str, str] | None = field(default=None, repr=False)
    delivery_option_id: str | None = None
    payment_method_id: str | None = None
    payment_token: str | None = field(default=None, repr=False)
    return_url: str | None = field(default=None, repr=False)
    pickup_location: str | None = None
    pickup_store: PickupStore | None = None
    gift_card_deliveries: tuple[GiftCardDelivery, ...] | None = field(default=None, repr=False)
    billing_address: Mapping[str, str] | None = field(default=None, repr=False)
    gift_messages: tuple[GiftMessage, ...] | None = field(default=None, repr=False)
    vat_id: str | None = field(default=None, repr=False)
    vat_id_check: VatIdCheck | None = field(default=None, repr=False)
    saved_method_id: UUID | None = None
    saved_method: SavedPaymentMethod | None = field(default=None, repr=False)
    drops_saved_method: bool = False
    saves_payment_method: bool | None = None
    splits_shipments: bool | None = None


@dataclass(frozen=True, slots=True)
class UsualChoices:
    """The delivery option and the payment method of a shopper's last order; empty for none."""

    delivery_option_id: str = ""
    payment_method_id: str = ""


class Checkout(Row, table=True):
    """A buyer's checkout of a cart.

    It has no prices: a review computes them whenever the checkout is shown or changed.

    An open `status` is that of the last change; a review computes the present one. `payment_token`
    is the payment provider's; it is stored until the order is placed or canceled, and never
    returned. `reviewed_total_minor` is the total that the buyer was shown with this version, and
    `reviewed_due_minor` what was left of it after the gift cards; None for a version that an
    earlier release wrote. `gift_card_ids` are in the order in which the cards pay.
    `placed_by` is the member of the staff who began it for the buyer, and `placed_via` where.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        states("status", CheckoutStatus),
        states("placed_via", ContactPoint),
        CheckConstraint("status NOT IN ('completed', 'canceled') OR payment_token = ''"),
        Index("checkout_owner", "owner_id", "id"),
        Index("checkout_email", text("lower(email)"), postgresql_where=text("email <> ''")),
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
    delivery_address: dict[str, str] | None = document(
        dict[str, str] | None, default=None, repr=False
    )
    delivery_option_id: str = ""
    payment_method_id: str = ""
    payment_token: str = Field(default="", repr=False)
    order_id: UUID | None = None
    continue_url: str = Field(default="", repr=False)
    is_synthetic: bool = column(Boolean, default=False, server_default="false")
    reviewed_total_minor: int | None = minor(default=None)
    reviewed_due_minor: int | None = minor(default=None)
    gift_card_deliveries: list[GiftCardDelivery] = document(
        list[GiftCardDelivery], default_factory=list, server_default="'[]'", repr=False
    )
    gift_messages: list[GiftMessage] = document(
        list[GiftMessage], default_factory=list, server_default="'[]'", repr=False
    )
    gift_card_ids: list[UUID] = document(list[UUID], default_factory=list, server_default="'[]'")
    return_url: str = column(Text, default="", server_default="''", repr=False)
    pickup_store: PickupStore | None = document(PickupStore | None, default=None)
    billing_address: dict[str, str] | None = document(
        dict[str, str] | None, default=None, repr=False
    )
    vat_id: VatIdCheck | None = document(VatIdCheck | None, default=None, repr=False)
    saved_payment_method_id: UUID | None = None
    saves_payment_method: bool = column(Boolean, default=False, server_default="false")
    splits_shipments: bool = column(Boolean, default=False, server_default="false")
    placed_by: UUID | None = None
    placed_via: ContactPoint | None = column(Code(ContactPoint), default=None, nullable=True)
    created_at: datetime
    expires_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the buyer may change or complete the checkout."""
        return self.status in _OPEN

    @property
    def has_order(self) -> bool:
        """Whether the checkout has an order that is placed or in progress."""
        return (
            self.order_id is not None
            and not self.is_open
            and self.status is not CheckoutStatus.CANCELED
        )

    def require_open(self, now: datetime) -> None:
        """Raises CheckoutNotOpen."""
        if not self.is_open or now >= self.expires_at:
            raise CheckoutNotOpen(status=self.status if not self.is_open else "expired")

    def require_owner(self, caller: Caller) -> None:
        """Raises CheckoutNotFound."""
        caller.must_own(self.owner_id, CheckoutNotFound())

    @property
    def has_instrument(self) -> bool:
        """Whether the buyer said with what the chosen method is charged."""
        return bool(self.payment_token) or self.saved_payment_method_id is not None

    def become(self, status: CheckoutStatus) -> None:
        """Raises WrongCheckoutStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongCheckoutStatus(status=self.status, wanted=status)
        self.status = status

    def start_order(self, order_id: UUID) -> None:
        """Records the order in progress; the checkout cannot change until the order is refused."""
        self.become(CheckoutStatus.COMPLETE_IN_PROGRESS)
        self.order_id = order_id

    def escalate(self, continue_url: str) -> None:
        """Records that the buyer must pass the bank's challenge at `continue_url`."""
        self.become(CheckoutStatus.REQUIRES_ESCALATION)
        self.continue_url = continue_url

    def reopen(self) -> None:
        """Removes the refused order: the buyer may change the checkout and complete it again."""
        self.become(CheckoutStatus.INCOMPLETE)
        self.order_id, self.continue_url = None, ""

    def cancel(self) -> None:
        """Cancels the checkout and drops the payment token."""
        self.become(CheckoutStatus.CANCELED)
        self.payment_token = ""
        self.saved_payment_method_id = None

"""Orders, their lines and their history.

The row of an order is also the state of the saga that places it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)

from chassis.data.rows import Code, Field, Row, code, column, counter, document, minor, states
from chassis.line_item import Availability, ItemKind, LineItem
from chassis.money import Money
from chassis.quantity import PIECE, Quantity
from chassis.rpc.errors import DomainError, Refused
from checkout.checkouts.totals import TotalEntry
from checkout.contact_points import ContactPoint
from checkout.delivery.options import DeliveryOption
from checkout.errors.orders import WrongOrderStatus
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_messages.model import GiftMessage
from checkout.loyalty.model import EarningTerms
from checkout.pickups.model import Pickup
from checkout.taxes.calculation import TaxLine
from checkout.taxes.taxation import OrderTaxation

# Kinds of the timers of an order.
ADVANCE_ORDER: Final = "order.advance"
CANCEL_ORDER: Final = "order.cancel"
CANCEL_SYNTHETIC_ORDER: Final = "order.cancel_synthetic"
ISSUE_GIFT_CARDS: Final = "order.issue_gift_cards"
ISSUE_DOCUMENTS: Final = "order.issue_documents"


class OrderStatus(StrEnum):
    PENDING = "pending"
    ACTION_REQUIRED = "action_required"
    PLACED = "placed"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REFUSED = "refused"


TRANSITIONS: Final[dict[OrderStatus, set[OrderStatus]]] = {
    OrderStatus.PENDING: {OrderStatus.ACTION_REQUIRED, OrderStatus.PLACED, OrderStatus.REFUSED},
    OrderStatus.ACTION_REQUIRED: {OrderStatus.PLACED, OrderStatus.REFUSED},
    OrderStatus.PLACED: {
        OrderStatus.PARTIALLY_SHIPPED,
        OrderStatus.SHIPPED,
        # One that is picked up is handed over, not shipped.
        OrderStatus.DELIVERED,
        OrderStatus.CANCELLING,
    },
    OrderStatus.PARTIALLY_SHIPPED: {OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED},
    OrderStatus.SHIPPED: {OrderStatus.DELIVERED},
    OrderStatus.DELIVERED: set(),
    OrderStatus.CANCELLING: {OrderStatus.CANCELLED},
    OrderStatus.CANCELLED: set(),
    OrderStatus.REFUSED: set(),
}
UNPLACED: Final = (OrderStatus.PENDING, OrderStatus.ACTION_REQUIRED)
# The captured money of these may be refunded.
PAID: Final = (
    OrderStatus.PLACED,
    OrderStatus.PARTIALLY_SHIPPED,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
)


# No channel has this name, so that synthetic orders leave no gaps in the numbers of a channel.
_SYNTHETIC_NUMBERING: Final = "synthetic"
SYNTHETIC_PREFIX: Final = "SYNTHETIC"


class StepName(StrEnum):
    """Steps of the saga. `placing.steps.STEPS` has their order."""

    RESERVE = "reserve"
    AUTHORIZE = "authorize"
    REDEEM = "redeem"
    CAPTURE = "capture"
    CONFIRM = "confirm"


class Actor(StrEnum):
    BUYER = "buyer"
    STAFF = "staff"
    SYSTEM = "system"
    PROVIDER = "provider"


class Order(Row, table=True):
    """A customer's commitment to buy.

    Amounts are minor units of `currency`.

    `number` is taken when the order is placed: a refused one has none. `begun` is the last step
    that may have had an effect. An unplaced order with a `refusal_reason` is being undone: no
    process takes it forward. `expires_at` ends the reservation of its stock and is the deadline
    of its payment. A synthetic order is paid in the simulator, cancelled as soon as it is
    placed, never shipped, and not counted. One with a `pickup` is picked up in a store: it has no
    delivery address.
    """

    # ORDER is a reserved word of SQL.
    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("channel_id", "number"),
        states("status", OrderStatus),
        states("placed_via", ContactPoint),
        CheckConstraint("begun IN ('reserve', 'authorize', 'redeem', 'capture', 'confirm')"),
        CheckConstraint("total_minor >= 0"),
        # A checkout has one live order; after a refused or cancelled one it may have another.
        Index(
            "orders_live_of_checkout",
            "checkout_id",
            unique=True,
            postgresql_where=text("status NOT IN ('refused', 'cancelled')"),
        ),
        Index("orders_owner", "owner_id", "id"),
        Index(
            "orders_replaced",
            "replaces_order_id",
            postgresql_where=text("replaces_order_id IS NOT NULL"),
        ),
        Index("orders_number", "number", postgresql_where=text("number IS NOT NULL")),
        Index("orders_forget", "forget_at", postgresql_where=text("forget_at IS NOT NULL")),
        Index("orders_placed", "placed_at", postgresql_where=text("placed_at IS NOT NULL")),
        Index("orders_total", "currency", "total_minor", "id"),
        Index("orders_status", "status", "id"),
        Index(
            "orders_postal_code",
            text("COALESCE(delivery_address ->> 'postal_code', '')"),
            "created_at",
        ),
        Index(
            "orders_pickup_keeps_until",
            "pickup_keeps_until",
            postgresql_where=text("pickup_keeps_until IS NOT NULL"),
        ),
        Index("orders_country", text("(delivery_address ->> 'address_country')"), "id"),
        Index(
            "orders_organization",
            "organization_id",
            "id",
            postgresql_where=text("organization_id IS NOT NULL"),
        ),
        Index("orders_email", text("lower(email)"), postgresql_where=text("email <> ''")),
        Index(
            "orders_unsettled",
            "created_at",
            postgresql_where=text("status IN ('pending', 'action_required', 'cancelling')"),
        ),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    number: str | None = None
    number_prefix: str = column(Text, default="S", server_default="'S'")
    owner_id: UUID
    organization_id: UUID | None = None
    channel_id: str
    external_id: str | None = None
    checkout_id: UUID
    cart_id: UUID
    cart_version: int = counter()
    currency: str
    locale: str
    status: OrderStatus = code(OrderStatus, default=OrderStatus.PENDING)
    begun: StepName = code(StepName, default=StepName.RESERVE)
    refusal_reason: str = ""
    refusal_metadata: dict[str, str] = document(dict[str, str], default_factory=dict)
    email: str = Field(repr=False)
    delivery_address: dict[str, str] = document(dict[str, str], repr=False)
    delivery_option: DeliveryOption = document(DeliveryOption)
    totals: list[TotalEntry] = document(list[TotalEntry])
    tax_lines: list[TaxLine] = document(list[TaxLine])
    promotion_codes: list[str] = document(list[str])
    total_minor: int = minor()
    created_at: datetime
    expires_at: datetime
    placed_at: datetime | None = None
    is_synthetic: bool = column(Boolean, default=False, server_default="false")
    pickup: Pickup | None = document(Pickup | None, default=None, repr=False)
    # None where the buyer is billed at the address of the delivery, or gave none.
    billing_address: dict[str, str] | None = document(
        dict[str, str] | None, default=None, repr=False
    )
    gift_messages: list[GiftMessage] = document(
        list[GiftMessage], default_factory=list, server_default="'[]'", repr=False
    )
    # When the addresses of an erased buyer are blanked; None for a buyer who is not.
    forget_at: datetime | None = None
    # The member of the staff who placed it for the buyer, and where; None for the buyer's own.
    placed_by: UUID | None = None
    placed_via: ContactPoint | None = column(Code(ContactPoint), default=None, nullable=True)
    # When the store no longer keeps it; None unless it waits there.
    pickup_keeps_until: datetime | None = None
    # None in orders of releases that did not say so.
    taxation: OrderTaxation | None = document(OrderTaxation | None, default=None, repr=False)
    # What its buyer earns with it; None for nothing.
    earns: EarningTerms | None = document(EarningTerms | None, default=None)
    # The order of which it replaces goods; it has no cart of its own.
    replaces_order_id: UUID | None = Field(default=None, foreign_key="orders.id")

    @property
    def numbering(self) -> str:
        """The sequence of its number: that of its channel, or of all synthetic orders."""
        return _SYNTHETIC_NUMBERING if self.is_synthetic else self.channel_id

    @property
    def authorization_key(self) -> str:
        """The idempotency key of its payment at the provider."""
        return f"{self.id}:{StepName.AUTHORIZE}"

    @property
    def capture_key(self) -> str:
        """The idempotency key under which its payment is captured."""
        return f"{self.id}:{StepName.CAPTURE}"

    @property
    def is_settled(self) -> bool:
        """Whether no step of the saga and no cancellation is in progress."""
        return self.status not in (*UNPLACED, OrderStatus.CANCELLING)

    @property
    def refusal(self) -> DomainError:
        """The stored refusal as an error."""
        error = Refused(
            self.refusal_reason.replace("_", " ").lower(), **self.refusal_metadata, order_id=self.id
        )
        error.reason = self.refusal_reason
        return error

    def become(self, status: OrderStatus) -> None:
        """Raises WrongOrderStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongOrderStatus(
                f"the order is {self.status}", order_id=self.id, status=self.status, wanted=status
            )
        self.status = status

    def require(self, *statuses: OrderStatus) -> None:
        """Raises WrongOrderStatus if the status is not one of `statuses`."""
        if self.status not in statuses:
            raise WrongOrderStatus(
                f"the order is {self.status}", order_id=self.id, status=self.status
            )


class OrderLine(Row, table=True):
    """A line of an order, as it was sold.

    Quantities are in 10^-`scale` units, amounts in minor units; the mass is that of the whole line.
    `total_minor` includes `tax_minor` if the prices of the order include tax. A gift card is worth
    `gift_card_value_minor` where that is not its price; each unit is mailed by its delivery, those
    beyond to the buyer.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0"),
        CheckConstraint("discount_minor <= 0"),
        CheckConstraint("shipped_quantity BETWEEN 0 AND quantity"),
        CheckConstraint("cancelled_quantity >= 0"),
        CheckConstraint("shipped_quantity + cancelled_quantity <= quantity"),
        CheckConstraint("returned_quantity BETWEEN 0 AND shipped_quantity"),
        states("kind", ItemKind),
        Index("order_line_order", "order_id"),
        Index("order_line_sku", "sku", "order_id"),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    position: int
    variant_id: UUID
    product_id: str
    sku: str
    title: str
    options: str
    product_slug: str
    image_url: str
    quantity: int = counter()
    unit_price_minor: int = minor()
    discount_minor: int = minor()
    total_minor: int = minor()
    tax_minor: int = minor()
    tax_class: str
    shipped_quantity: int = counter(default=0)
    scale: int = column(Integer, default=0, server_default="0")
    unit_code: str = column(Text, default=PIECE, server_default="'C62'")
    mass_grams: int = column(BigInteger, default=0, server_default="0")
    volume_cm3: int = column(BigInteger, default=0, server_default="0")
    increment: int = column(Integer, default=1, server_default="1")
    promise: Availability | None = column(Code(Availability), default=None, nullable=True)
    expected_at: datetime | None = None
    cancelled_quantity: int = counter(default=0, server_default="0")
    returned_quantity: int = counter(default=0, server_default="0")
    kind: ItemKind = code(ItemKind, default=ItemKind.PHYSICAL, server_default="'physical'")
    gift_card_value_minor: int | None = minor(default=None)
    gift_card_deliveries: list[GiftCardDelivery] = document(
        list[GiftCardDelivery], default_factory=list, server_default="'[]'", repr=False
    )

    @property
    def gift_card_worth_minor(self) -> int:
        """The amount that each gift card of the line is issued with; 0 for anything else."""
        if self.kind is not ItemKind.GIFT_CARD:
            return 0
        value = self.gift_card_value_minor
        return self.unit_price_minor if value is None else value

    @property
    def needs_delivery(self) -> bool:
        """Whether it is sent or picked up."""
        return self.kind is ItemKind.PHYSICAL

    @property
    def unshipped_quantity(self) -> int:
        """The quantity that is still to ship; what needs no delivery never ships."""
        if not self.needs_delivery:
            return 0
        return self.quantity - self.shipped_quantity - self.cancelled_quantity

    @property
    def shipped(self) -> Quantity:
        return Quantity(self.shipped_quantity, self.scale, self.increment, self.unit_code)

    @property
    def returnable_quantity(self) -> int:
        """The quantity that was shipped and is not back; what never ships does not come back."""
        return self.shipped_quantity - self.returned_quantity if self.needs_delivery else 0

    @property
    def returned(self) -> Quantity:
        return Quantity(self.returned_quantity, self.scale, self.increment, self.unit_code)

    @property
    def cancelled(self) -> Quantity:
        return Quantity(self.cancelled_quantity, self.scale, self.increment, self.unit_code)

    def item(self, currency: str) -> LineItem:
        """Returns the item as it was sold, in the currency of the order."""
        return LineItem(
            variant_id=self.variant_id,
            product_id=self.product_id,
            sku=self.sku,
            title=self.title,
            options=self.options,
            product_slug=self.product_slug,
            image_url=self.image_url,
            quantity=Quantity(self.quantity, self.scale, self.increment, self.unit_code),
            unit_price=Money(self.unit_price_minor, currency),
            subtotal=Money(self.total_minor - self.discount_minor, currency),
            discount=Money(self.discount_minor, currency),
            tax_class=self.tax_class,
            mass_grams=self.mass_grams,
            volume_cm3=self.volume_cm3,
            promise=self.promise,
            expected_at=self.expected_at,
            kind=self.kind,
            gift_card_value=None
            if self.gift_card_value_minor is None
            else Money(self.gift_card_value_minor, currency),
        )


class OrderEvent(Row, table=True):
    """A change of the status of an order, or a refund or a cancellation of lines in this status."""

    __tablename__ = "order_event"
    __table_args__ = (
        states("actor", Actor),
        Index("order_event_order", "order_id", "id"),
        Index("order_event_cancelling", "at", "id", postgresql_where=text("status = 'cancelling'")),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    status: OrderStatus = code(OrderStatus)
    at: datetime
    actor: Actor = code(Actor)
    trace_id: str
    refund_id: UUID | None = Field(default=None, foreign_key="refund.id")
    cancellation_id: UUID | None = Field(default=None, foreign_key="order_cancellation.id")

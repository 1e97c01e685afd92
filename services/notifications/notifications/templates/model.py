"""The templates. Their texts are the files `texts/<language>/<name>.txt` and `.html`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from notifications.errors import UnknownTemplate
from notifications.preferences.model import Topic
from notifications.templates import variables
from notifications.templates.variables import Variables

LANGUAGES: Final = ("en", "de")


class DeliveryRule(StrEnum):
    """The addresses that a template may be sent to, and its limit.

    ORDER and SECURITY mails go to any address, without a limit. CONFIRMATION mails ask the owner to
    confirm an address: they go to any address, within its daily limit. REGISTRATION mails ask the
    same for an account: their limit is the account's own, because anyone may register with the
    address. REQUESTED mails go to an address that asked for them at another service, which had it
    confirmed, within its daily limit. OPTIONAL mails go to confirmed addresses only, within the
    daily limit. STAFF mails go to addresses that the staff set, without a limit.
    """

    ORDER = "order"
    SECURITY = "security"
    CONFIRMATION = "confirmation"
    REGISTRATION = "registration"
    REQUESTED = "requested"
    OPTIONAL = "optional"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message: its topic, the class of its variables, and its delivery rule."""

    name: str
    topic: Topic
    variables: type[Variables]
    delivery_rule: DeliveryRule

    @property
    def has_daily_limit(self) -> bool:
        """Returns whether a mail is suppressed if its address reached the daily limit."""
        return self.delivery_rule in (
            DeliveryRule.CONFIRMATION,
            DeliveryRule.REQUESTED,
            DeliveryRule.OPTIONAL,
        )


WELCOME: Final = Template("welcome", Topic.TRANSACTIONAL, variables.Welcome, DeliveryRule.OPTIONAL)
ORDER_CONFIRMATION: Final = Template(
    "order_confirmation", Topic.TRANSACTIONAL, variables.OrderConfirmation, DeliveryRule.ORDER
)
ORDER_SHIPPED: Final = Template(
    "order_shipped", Topic.TRANSACTIONAL, variables.OrderShipped, DeliveryRule.ORDER
)
SHIPMENT_LATE: Final = Template(
    "shipment_late", Topic.TRANSACTIONAL, variables.ShipmentLate, DeliveryRule.ORDER
)
ORDER_READY_FOR_PICKUP: Final = Template(
    "order_ready_for_pickup",
    Topic.TRANSACTIONAL,
    variables.OrderReadyForPickup,
    DeliveryRule.ORDER,
)
PICKUP_REMINDER: Final = Template(
    "pickup_reminder", Topic.TRANSACTIONAL, variables.OrderReadyForPickup, DeliveryRule.ORDER
)
ORDER_DOCUMENTS: Final = Template(
    "order_documents", Topic.TRANSACTIONAL, variables.OrderDocuments, DeliveryRule.ORDER
)
DIGITAL_GOODS_DELIVERED: Final = Template(
    "digital_goods_delivered",
    Topic.TRANSACTIONAL,
    variables.DigitalGoodsDelivered,
    DeliveryRule.ORDER,
)
GIFT_CARD: Final = Template(
    "gift_card", Topic.TRANSACTIONAL, variables.GiftCard, DeliveryRule.ORDER
)
ORDER_DELIVERED: Final = Template(
    "order_delivered", Topic.TRANSACTIONAL, variables.OrderDelivered, DeliveryRule.ORDER
)
ORDER_CANCELLED: Final = Template(
    "order_cancelled", Topic.TRANSACTIONAL, variables.OrderCancelled, DeliveryRule.ORDER
)
ORDER_REFUNDED: Final = Template(
    "order_refunded", Topic.TRANSACTIONAL, variables.OrderRefunded, DeliveryRule.ORDER
)
ORDER_LINES_CANCELLED: Final = Template(
    "order_lines_cancelled", Topic.TRANSACTIONAL, variables.OrderLinesCancelled, DeliveryRule.ORDER
)
ORDER_RETURN: Final = Template(
    "order_return", Topic.TRANSACTIONAL, variables.OrderReturn, DeliveryRule.ORDER
)
CART_REMINDER: Final = Template(
    "cart_reminder", Topic.REMINDERS, variables.CartReminder, DeliveryRule.OPTIONAL
)
SURVEY: Final = Template("survey", Topic.SURVEYS, variables.Survey, DeliveryRule.OPTIONAL)
CONFIRM_EMAIL: Final = Template(
    "confirm_email", Topic.TRANSACTIONAL, variables.SecretLink, DeliveryRule.REGISTRATION
)
CONFIRM_REMINDERS: Final = Template(
    "confirm_reminders", Topic.REMINDERS, variables.SecretLink, DeliveryRule.CONFIRMATION
)
EMAIL_IN_USE: Final = Template(
    "email_in_use", Topic.TRANSACTIONAL, variables.NoVariables, DeliveryRule.SECURITY
)
LOGIN_LINK: Final = Template(
    "login_link", Topic.TRANSACTIONAL, variables.SecretLink, DeliveryRule.SECURITY
)

ORGANIZATION_INVITATION: Final = Template(
    "organization_invitation",
    Topic.TRANSACTIONAL,
    variables.OrganizationInvitation,
    DeliveryRule.CONFIRMATION,
)
ACCOUNT_ERASED: Final = Template(
    "account_erased", Topic.TRANSACTIONAL, variables.NoVariables, DeliveryRule.SECURITY
)
ORDER_LINK: Final = Template(
    "order_link", Topic.TRANSACTIONAL, variables.OrderLink, DeliveryRule.ORDER
)
DRAFT_ORDER: Final = Template(
    "draft_order", Topic.TRANSACTIONAL, variables.DraftOrderLink, DeliveryRule.ORDER
)
CONFIRM_ALERT: Final = Template(
    "confirm_alert", Topic.TRANSACTIONAL, variables.AlertLink, DeliveryRule.CONFIRMATION
)
BACK_IN_STOCK: Final = Template(
    "back_in_stock", Topic.TRANSACTIONAL, variables.ProductAlert, DeliveryRule.REQUESTED
)
PRICE_DROP: Final = Template(
    "price_drop", Topic.TRANSACTIONAL, variables.ProductAlert, DeliveryRule.REQUESTED
)

STAFF_NOTICE: Final = Template(
    "staff_notice", Topic.TRANSACTIONAL, variables.StaffNotice, DeliveryRule.STAFF
)

TEMPLATES: Final = {
    template.name: template
    for template in (
        WELCOME,
        ORDER_CONFIRMATION,
        ORDER_SHIPPED,
        SHIPMENT_LATE,
        ORDER_READY_FOR_PICKUP,
        PICKUP_REMINDER,
        ORDER_DOCUMENTS,
        DIGITAL_GOODS_DELIVERED,
        GIFT_CARD,
        ORDER_DELIVERED,
        ORDER_CANCELLED,
        ORDER_REFUNDED,
        ORDER_LINES_CANCELLED,
        ORDER_RETURN,
        CART_REMINDER,
        SURVEY,
        CONFIRM_EMAIL,
        CONFIRM_REMINDERS,
        EMAIL_IN_USE,
        LOGIN_LINK,
        ORGANIZATION_INVITATION,
        ACCOUNT_ERASED,
        ORDER_LINK,
        DRAFT_ORDER,
        CONFIRM_ALERT,
        BACK_IN_STOCK,
        PRICE_DROP,
        STAFF_NOTICE,
    )
}


def get_template(name: str) -> Template:
    """Returns the template of that name. Raises UnknownTemplate."""
    if name not in TEMPLATES:
        raise UnknownTemplate(f"one of {', '.join(TEMPLATES)}")
    return TEMPLATES[name]

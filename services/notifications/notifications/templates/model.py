"""The templates: what each is about and which variables it takes. Their texts lie in `texts/<language>/<name>.txt` and `.html`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from notifications.errors import UnknownTemplate
from notifications.preferences.topics import Topic
from notifications.templates import variables
from notifications.templates.variables import Variables

LANGUAGES: Final = ("en", "de")


class Delivery(StrEnum):
    """Which addresses a template may go to.

    ORDER belongs to an order and SECURITY to the safety of an account: they go to any address and are never dropped. CONFIRMATION asks the
    owner of an address whether it is theirs: it goes to any, within the budget of a day. REGISTRATION asks the same for an account: it goes to
    any, within a budget of the account's own, because anyone may register with the address. OPTIONAL goes to confirmed addresses only.
    """

    ORDER = "order"
    SECURITY = "security"
    CONFIRMATION = "confirmation"
    REGISTRATION = "registration"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message."""

    name: str
    topic: Topic
    variables: type[Variables]
    delivery: Delivery

    @property
    def is_bounded(self) -> bool:
        """Whether the budget that an address has for a day drops it."""
        return self.delivery in (Delivery.CONFIRMATION, Delivery.OPTIONAL)


WELCOME: Final = Template("welcome", Topic.TRANSACTIONAL, variables.Welcome, Delivery.OPTIONAL)
ORDER_CONFIRMATION: Final = Template("order_confirmation", Topic.TRANSACTIONAL, variables.OrderConfirmation, Delivery.ORDER)
ORDER_SHIPPED: Final = Template("order_shipped", Topic.TRANSACTIONAL, variables.OrderShipped, Delivery.ORDER)
ORDER_DELIVERED: Final = Template("order_delivered", Topic.TRANSACTIONAL, variables.OrderDelivered, Delivery.ORDER)
ORDER_CANCELLED: Final = Template("order_cancelled", Topic.TRANSACTIONAL, variables.OrderCancelled, Delivery.ORDER)
CART_REMINDER: Final = Template("cart_reminder", Topic.REMINDERS, variables.CartReminder, Delivery.OPTIONAL)
CONFIRM_EMAIL: Final = Template("confirm_email", Topic.TRANSACTIONAL, variables.SecretLink, Delivery.REGISTRATION)
CONFIRM_REMINDERS: Final = Template("confirm_reminders", Topic.REMINDERS, variables.SecretLink, Delivery.CONFIRMATION)
EMAIL_IN_USE: Final = Template("email_in_use", Topic.TRANSACTIONAL, variables.NoVariables, Delivery.SECURITY)
LOGIN_LINK: Final = Template("login_link", Topic.TRANSACTIONAL, variables.SecretLink, Delivery.SECURITY)

TEMPLATES: Final = {
    template.name: template
    for template in (
        WELCOME,
        ORDER_CONFIRMATION,
        ORDER_SHIPPED,
        ORDER_DELIVERED,
        ORDER_CANCELLED,
        CART_REMINDER,
        CONFIRM_EMAIL,
        CONFIRM_REMINDERS,
        EMAIL_IN_USE,
        LOGIN_LINK,
    )
}


def named(name: str) -> Template:
    """The template of that name. Raises UnknownTemplate."""
    if name not in TEMPLATES:
        raise UnknownTemplate(f"one of {', '.join(TEMPLATES)}")
    return TEMPLATES[name]

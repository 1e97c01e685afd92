"""The templates: what each is about and which variables it takes. Their texts lie in `texts/<language>/<name>.txt` and `.html`."""

from dataclasses import dataclass
from typing import Final

from notifications import variables
from notifications.errors import UnknownTemplate
from notifications.topics import Topic
from notifications.variables import Variables

LANGUAGES: Final = ("en", "de")


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message."""

    name: str
    topic: Topic
    variables: type[Variables]


WELCOME: Final = Template("welcome", Topic.TRANSACTIONAL, variables.Welcome)
ORDER_CONFIRMATION: Final = Template("order_confirmation", Topic.TRANSACTIONAL, variables.OrderConfirmation)
ORDER_SHIPPED: Final = Template("order_shipped", Topic.TRANSACTIONAL, variables.OrderShipped)
ORDER_DELIVERED: Final = Template("order_delivered", Topic.TRANSACTIONAL, variables.OrderDelivered)
ORDER_CANCELLED: Final = Template("order_cancelled", Topic.TRANSACTIONAL, variables.OrderCancelled)
CART_REMINDER: Final = Template("cart_reminder", Topic.REMINDERS, variables.CartReminder)

TEMPLATES: Final = {
    template.name: template for template in (WELCOME, ORDER_CONFIRMATION, ORDER_SHIPPED, ORDER_DELIVERED, ORDER_CANCELLED, CART_REMINDER)
}


def named(name: str) -> Template:
    """The template of that name. Raises UnknownTemplate."""
    if name not in TEMPLATES:
        raise UnknownTemplate(f"one of {', '.join(TEMPLATES)}")
    return TEMPLATES[name]

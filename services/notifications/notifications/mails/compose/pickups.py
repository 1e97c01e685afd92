"""Mails about orders that wait in a store."""

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifications.mails.compose.orders import compose_order_mail
from notifications.mails.compose.variables import line_variables, store_variables
from notifications.mails.model import NewMail
from notifications.templates.model import ORDER_READY_FOR_PICKUP, PICKUP_REMINDER
from sojourn.checkout.v1 import checkout_pb2, pickup_events_pb2


def compose_order_ready_for_pickup(event: pickup_events_pb2.OrderReadyForPickup) -> NewMail:
    """Brings the code of an order that waits in its store."""
    order = event.order
    variables = _variables(order, event.pickup_code)
    key = f"order-ready:{order.id}"
    return compose_order_mail(key, ORDER_READY_FOR_PICKUP, order, event.locale, variables)


def compose_pickup_reminder(event: pickup_events_pb2.PickupReminderDue) -> NewMail:
    """Reminds of an order that the store will not keep much longer, with its code."""
    order = event.order
    variables = _variables(order, event.pickup_code)
    key = f"pickup-reminder:{order.id}"
    return compose_order_mail(key, PICKUP_REMINDER, order, event.locale, variables)


def _variables(order: checkout_pb2.Order, code: str) -> dict[str, Any]:
    store = order.pickup.store
    variables: dict[str, Any] = {
        "code": code,
        "address_lines": store_variables(store),
        "country": store.country,
        "lines": line_variables(order.lines, with_total=False),
    }
    if order.pickup.HasField("keeps_until"):
        # It is the end of the last day.
        end = order.pickup.keeps_until.ToDatetime(UTC) - timedelta(seconds=1)
        variables["keeps_until"] = end.astimezone(_zone(store.time_zone)).date()
    return variables


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")

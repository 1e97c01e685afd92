"""From events to the mails that they ask for. Total functions, apart from what the mail's variables forbid.

An event of an older release may come after an upgrade: its lines have no item and its totals no type. The mail leaves them out.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date
from itertools import islice
from typing import Any, Final
from uuid import UUID

from chassis.quantity import PIECE
from chassis.rpc import wire
from chassis.totals import TotalType
from notifications.mails.actions import Wish
from notifications.templates import model as templates
from sojourn.checkout.v1 import checkout_pb2, events_pb2
from sojourn.common.v1 import address_pb2, line_item_pb2, money_pb2
from sojourn.identity.v1 import events_pb2 as identity_pb2

_LONGEST_TEXT: Final = 500
_LINK: Final = re.compile(r"://|www\.", re.IGNORECASE)
_MOST_LINES: Final = 500


def confirm_email(event: identity_pb2.EmailConfirmationRequested) -> Wish:
    """The only mail to an address that was typed at a registration. It holds nothing that was typed beside it."""
    return Wish(
        dedupe_key=f"confirm-email:{_fingerprint(event.token)}",
        template=templates.CONFIRM_EMAIL,
        recipient=event.email,
        variables={"token": event.token},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id),
    )


def email_in_use(event: identity_pb2.KnownEmailRegistered) -> Wish:
    """Tells the owner of an account that a stranger registered with their address."""
    return Wish(
        dedupe_key=f"email-in-use:{event.customer_id}",
        template=templates.EMAIL_IN_USE,
        recipient=event.email,
        variables={},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.owner_id),
    )


def login_link(event: identity_pb2.LoginLinkRequested) -> Wish:
    return Wish(
        dedupe_key=f"login-link:{_fingerprint(event.token)}",
        template=templates.LOGIN_LINK,
        recipient=event.email,
        variables={"token": event.token},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.subject_id),
    )


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def welcome(event: identity_pb2.EmailConfirmed | identity_pb2.CustomerRegistered) -> Wish:
    return Wish(
        dedupe_key=f"welcome:{event.customer_id}",
        template=templates.WELCOME,
        recipient=event.email,
        variables={"first_name": _text(event.first_name)},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id),
    )


def order_confirmation(event: events_pb2.OrderPlaced) -> Wish:
    order = event.order
    option = order.delivery_option
    placed_at = (order.placed_at if order.HasField("placed_at") else order.created_at).ToDatetime(UTC)
    facts = {
        "placed_on": placed_at.date(),
        "totals": _totals(order),
        "delivery": {"title": _text(option.title), "earliest_on": _date(option.earliest_on), "latest_on": _date(option.latest_on)},
        "address_lines": _address_lines(order.delivery_address),
        "country": order.delivery_address.address_country,
        "lines": _lines(order.lines, with_total=True),
    }
    wish = _of_order(f"order-confirmation:{order.id}", templates.ORDER_CONFIRMATION, order, event.locale, facts)
    return replace(wish, caused_at=placed_at)


def order_shipped(event: events_pb2.OrderShipped) -> Wish:
    shipment = event.shipment
    facts = {
        "carrier": _text(shipment.carrier),
        "tracking_number": _text(shipment.tracking_number),
        "tracking_url": shipment.tracking_url,
        "lines": _lines(shipment.lines, with_total=False),
    }
    return _of_order(f"order-shipped:{event.order.id}:{shipment.id}", templates.ORDER_SHIPPED, event.order, event.locale, facts)


def order_delivered(event: events_pb2.OrderDelivered) -> Wish:
    """Asks for a recommendation once nothing of the order is missing."""
    order, shipment = event.order, event.shipment
    facts = {"asks_survey": order.status == checkout_pb2.ORDER_STATUS_DELIVERED, "lines": _lines(shipment.lines, with_total=False)}
    return _of_order(f"order-delivered:{order.id}:{shipment.id}", templates.ORDER_DELIVERED, order, event.locale, facts)


def order_cancelled(event: events_pb2.OrderCancelled) -> Wish:
    order = event.order
    total = next((_amount(total.amount) for total in order.totals if total.type == money_pb2.TOTAL_TYPE_TOTAL), None)
    facts = {"total": total, "lines": _lines(order.lines, with_total=False)}
    return _of_order(f"order-cancelled:{order.id}", templates.ORDER_CANCELLED, order, event.locale, facts)


def _totals(order: checkout_pb2.Order) -> list[dict[str, Any]]:
    """A tax that is in the prices already is told as such: it adds nothing to the total."""
    is_included = bool(order.tax_lines) and all(tax.included for tax in order.tax_lines)
    types = {TotalType.TAX: "tax_included"} if is_included else {}
    entries = ((wire.TOTAL_TYPES.decode(total.type), total) for total in order.totals if total.type)
    return [{"type": types.get(type, type), "label": _text(total.label), "amount": _amount(total.amount)} for type, total in entries]


def _of_order(key: str, template: templates.Template, order: checkout_pb2.Order, locale: str, facts: dict[str, Any]) -> Wish:
    return Wish(
        dedupe_key=key,
        template=template,
        recipient=order.email,
        variables={"number": _text(order.number), "first_name": _text(order.delivery_address.first_name), **facts},
        locale=locale,
        channel=order.channel,
        owner_id=UUID(order.owner_id) if order.owner_id else None,
        order_id=UUID(order.id),
    )


def _lines(lines: Iterable[checkout_pb2.OrderLine | checkout_pb2.ShipmentLine], *, with_total: bool) -> list[dict[str, Any]]:
    return [_line(line.item, with_total=with_total) for line in islice(lines, _MOST_LINES) if line.HasField("item")]


def _line(item: line_item_pb2.LineItem, *, with_total: bool) -> dict[str, Any]:
    return {
        "title": _text(item.title),
        "options": _text(item.options),
        "quantity": item.quantity.steps,
        "scale": item.quantity.scale,
        "unit_code": item.quantity.unit_code or PIECE,
        "total": _amount(item.total) if with_total else None,
        "image_url": item.image_url if len(item.image_url) <= 2_000 else "",
    }


def _address_lines(address: address_pb2.Address) -> list[str]:
    name = f"{address.first_name} {address.last_name}"
    place = f"{address.postal_code} {address.address_locality}"
    lines = [name, address.organization, *address.street_address.splitlines()[:4], place, address.address_region]
    # Whoever typed the address may not be who reads the mail.
    return _texts(line for line in lines if not _LINK.search(line))


def _texts(lines: Iterable[str]) -> list[str]:
    return [_text(line.strip()) for line in lines if line.strip()]


def _text(text: str) -> str:
    return text[:_LONGEST_TEXT]


def _amount(money: money_pb2.Money) -> dict[str, Any]:
    return {"amount_minor": money.amount_minor, "currency": money.currency}


def _date(text: str) -> date | None:
    """An ISO 8601 date; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

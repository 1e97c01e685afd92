"""Values of events as variables of templates.

Events of an older release may arrive after an upgrade. Their lines have no item and their totals no
type, so the mail omits them.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, date
from itertools import islice
from typing import Any, Final

from chassis.quantity import PIECE
from chassis.rpc import wire
from chassis.totals import TotalType
from sojourn.checkout.v1 import checkout_pb2, pickup_pb2, return_pb2
from sojourn.common.v1 import address_pb2, line_item_pb2, money_pb2

_LONGEST_TEXT: Final = 500
_LINK: Final = re.compile(r"://|www\.", re.IGNORECASE)
_MOST_LINES: Final = 500
_MOST_GIFT_MESSAGES: Final = 50
_LONGEST_NOTE: Final = 1_000
# Label of a tax in the prices in orders of older releases. The texts name the tax.
_OLD_LABEL: Final = "included"


def digest_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def total_variables(order: checkout_pb2.Order) -> list[dict[str, Any]]:
    """A tax that the prices include has the type `tax_included`: it adds nothing to the total."""
    is_included = bool(order.tax_lines) and all(tax.included for tax in order.tax_lines)
    types = {TotalType.TAX: "tax_included"} if is_included else {}
    entries = ((wire.TOTAL_TYPES.decode(total.type), total) for total in order.totals if total.type)
    return [
        {
            "type": types.get(type, type),
            "label": "" if total.label == _OLD_LABEL else truncate(total.label),
            "amount": amount_variables(total.amount),
        }
        for type, total in entries
    ]


def line_variables(
    lines: Iterable[
        checkout_pb2.OrderLine
        | checkout_pb2.ShipmentLine
        | checkout_pb2.CancelledLine
        | return_pb2.ReturnLine
    ],
    *,
    with_total: bool,
) -> list[dict[str, Any]]:
    return [
        _item_variables(line.item, with_total=with_total)
        for line in islice(lines, _MOST_LINES)
        if line.HasField("item")
    ]


def _item_variables(item: line_item_pb2.LineItem, *, with_total: bool) -> dict[str, Any]:
    return {
        "title": truncate(item.title),
        "options": truncate(item.options),
        "quantity": item.quantity.steps,
        "scale": item.quantity.scale,
        "unit_code": item.quantity.unit_code or PIECE,
        "total": amount_variables(item.total) if with_total else None,
        "image_url": item.image_url if len(item.image_url) <= 2_000 else "",
    }


def address_variables(address: address_pb2.Address) -> list[str]:
    name = f"{address.first_name} {address.last_name}"
    place = f"{address.postal_code} {address.address_locality}"
    lines = [
        name,
        address.organization,
        *address.street_address.splitlines()[:4],
        place,
        address.address_region,
    ]
    # A stranger may have typed the address of the delivery, so a line with a link is omitted.
    return _truncate_all(line for line in lines if not _LINK.search(line))


def gift_message_variables(order: checkout_pb2.Order) -> list[dict[str, Any]]:
    """Returns the messages of the giver. One that holds a link is left out."""
    titles = {line.id: line.item.title for line in order.lines}
    return [
        {
            "title": truncate(titles.get(each.line_id, "")),
            "message": text,
            "sender_name": unlinked(each.sender_name),
            "recipient_name": unlinked(each.recipient_name),
        }
        for each in islice(order.gift_messages, _MOST_GIFT_MESSAGES)
        if (text := unlinked(each.message))
    ]


def shipment_variables(order: checkout_pb2.Order) -> list[dict[str, Any]]:
    """Returns the groups in which an order leaves, with their days.

    Empty where all of it leaves together on a known day: the delivery's days are those.
    """
    planned = order.delivery_option.shipments
    if len(planned) == 1 and planned[0].latest_on:
        return []
    items = {line.id: line.item for line in order.lines}
    return [
        {
            "titles": [
                truncate(f"{item.title} ({item.options})" if item.options else item.title)
                for line_id in islice(each.line_ids, _MOST_LINES)
                if (item := items.get(line_id))
            ],
            "earliest_on": parse_date(each.earliest_on),
            "latest_on": parse_date(each.latest_on),
        }
        for each in islice(planned, _MOST_LINES)
    ]


def transfer_variables(order: checkout_pb2.Order) -> dict[str, Any] | None:
    """Returns what is to be transferred for an order; None where nothing is."""
    for payment in order.payments:
        left = payment.amount.amount_minor - payment.captured.amount_minor
        if payment.reference and left > 0:
            has_end = payment.HasField("due_at")
            return {
                "amount": {"amount_minor": left, "currency": payment.amount.currency},
                "reference": truncate(payment.reference),
                "instructions": payment.instructions[:_LONGEST_NOTE],
                "due_on": payment.due_at.ToDatetime(UTC).date() if has_end else None,
            }
    return None


def store_variables(store: pickup_pb2.PickupStore) -> list[str]:
    """Returns the lines of a store's address. Staff wrote them: a link is not the buyer's."""
    place = f"{store.postal_code} {store.address_locality}"
    return _truncate_all([store.name, store.street_address, place, store.phone_number])


def _truncate_all(lines: Iterable[str]) -> list[str]:
    return [truncate(line.strip()) for line in lines if line.strip()]


def truncate(text: str) -> str:
    return text[:_LONGEST_TEXT]


def unlinked(text: str) -> str:
    """Returns a text of a stranger; empty if it holds a link."""
    return "" if _LINK.search(text) else truncate(text)


def amount_variables(money: money_pb2.Money) -> dict[str, Any]:
    return {"amount_minor": money.amount_minor, "currency": money.currency}


def parse_date(text: str) -> date | None:
    """Returns None if `text` is not an ISO 8601 date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

"""Events of other services to mails.

Events of an older release may arrive after an upgrade. Their lines have no item and their totals no
type, so the mail omits them.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date
from itertools import islice
from typing import Any, Final, get_args
from uuid import UUID

from chassis.quantity import PIECE
from chassis.rpc import wire
from chassis.totals import TotalType
from notifications.mails.model import NewMail
from notifications.templates.model import (
    ACCOUNT_ERASED,
    BACK_IN_STOCK,
    CONFIRM_ALERT,
    CONFIRM_EMAIL,
    DIGITAL_GOODS_DELIVERED,
    EMAIL_IN_USE,
    LOGIN_LINK,
    ORDER_CANCELLED,
    ORDER_CONFIRMATION,
    ORDER_DELIVERED,
    ORDER_LINES_CANCELLED,
    ORDER_LINK,
    ORDER_READY_FOR_PICKUP,
    ORDER_REFUNDED,
    ORDER_RETURN,
    ORDER_SHIPPED,
    PRICE_DROP,
    WELCOME,
    Template,
)
from sojourn.catalog.v1 import digital_events_pb2, subscription_events_pb2, subscriptions_pb2
from sojourn.checkout.v1 import (
    checkout_pb2,
    events_pb2,
    pickup_events_pb2,
    pickup_pb2,
    return_events_pb2,
    return_pb2,
)
from sojourn.common.v1 import address_pb2, line_item_pb2, money_pb2
from sojourn.identity.v1 import events_pb2 as identity_pb2

ReturnEvent = (
    return_events_pb2.ReturnRequested
    | return_events_pb2.ReturnAccepted
    | return_events_pb2.ReturnRejected
    | return_events_pb2.ReturnCancelled
    | return_events_pb2.ReturnReceived
    | return_events_pb2.ReturnRefunded
)
RETURN_EVENTS: Final[tuple[type[ReturnEvent], ...]] = get_args(ReturnEvent)
_LONGEST_TEXT: Final = 500
_LINK: Final = re.compile(r"://|www\.", re.IGNORECASE)
_MOST_LINES: Final = 500
# Of digital goods, and of the keys and files of one.
_MOST_GOODS: Final = 100
# Label of a tax in the prices in orders of older releases. The texts name the tax.
_OLD_LABEL: Final = "included"


def compose_confirm_email(event: identity_pb2.EmailConfirmationRequested) -> NewMail:
    """Asks for a confirmation of an address.

    The mail holds no text that was typed at the registration.
    """
    return NewMail(
        dedupe_key=f"confirm-email:{_digest_token(event.token)}",
        template=CONFIRM_EMAIL,
        recipient=event.email,
        variables={"token": event.token},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id),
    )


def compose_email_in_use(event: identity_pb2.KnownEmailRegistered) -> NewMail:
    """Tells the owner of an account that another person registered with their address."""
    return NewMail(
        dedupe_key=f"email-in-use:{event.customer_id}",
        template=EMAIL_IN_USE,
        recipient=event.email,
        variables={},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.owner_id),
    )


def compose_account_erased(event: identity_pb2.CustomerErased) -> NewMail:
    """Tells the owner of an account, for the last time, that it is gone.

    The mail names no owner: its row is all that is known of them until it is sent.
    """
    return NewMail(
        dedupe_key=f"account-erased:{_digest_token(event.customer_id)}",
        template=ACCOUNT_ERASED,
        recipient=event.email,
        variables={},
        locale=event.locale,
        channel=event.channel,
    )


def compose_login_link(event: identity_pb2.LoginLinkRequested) -> NewMail:
    return NewMail(
        dedupe_key=f"login-link:{_digest_token(event.token)}",
        template=LOGIN_LINK,
        recipient=event.email,
        variables={"token": event.token},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.subject_id),
    )


def compose_confirm_alert(event: subscription_events_pb2.AlertConfirmationRequested) -> NewMail:
    """Asks for a confirmation of an alert. The mail holds no text that a stranger typed."""
    return NewMail(
        dedupe_key=f"confirm-alert:{_digest_token(event.token)}",
        template=CONFIRM_ALERT,
        recipient=event.email,
        variables={"token": event.token, "end_token": event.end_token},
        locale=event.locale,
        channel=event.channel,
    )


def compose_alert(event: subscription_events_pb2.AlertTriggered) -> NewMail:
    """Tells that a product is back in stock, or costs less. One version is one cause."""
    is_stock = event.kind == subscriptions_pb2.ALERT_KIND_BACK_IN_STOCK
    variables = {
        "title": _truncate(event.title),
        "options": _truncate(event.options),
        "image_url": event.image_url if len(event.image_url) <= 2_000 else "",
        "product_slug": event.product_slug,
        "price": _amount_variables(event.price) if event.HasField("price") else None,
        "price_before": _amount_variables(event.price_before)
        if event.HasField("price_before")
        else None,
        "end_token": event.end_token,
    }
    return NewMail(
        dedupe_key=f"alert:{event.alert_id}:{event.version}",
        template=BACK_IN_STOCK if is_stock else PRICE_DROP,
        recipient=event.email,
        variables=variables,
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id) if event.customer_id else None,
    )


def _digest_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def compose_welcome(
    event: identity_pb2.EmailConfirmed | identity_pb2.CustomerRegistered,
) -> NewMail:
    return NewMail(
        dedupe_key=f"welcome:{event.customer_id}",
        template=WELCOME,
        recipient=event.email,
        variables={"first_name": _truncate(event.first_name)},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id),
    )


def compose_order_confirmation(event: events_pb2.OrderPlaced) -> NewMail:
    order = event.order
    option = order.delivery_option
    placed_at = (order.placed_at if order.HasField("placed_at") else order.created_at).ToDatetime(
        UTC
    )
    is_picked_up, store = order.HasField("pickup"), order.pickup.store
    variables = {
        "placed_on": placed_at.date(),
        "totals": _total_variables(order),
        "delivery": {
            "title": _truncate(option.title),
            "earliest_on": _parse_date(option.earliest_on),
            "latest_on": _parse_date(option.latest_on),
        },
        "address_lines": _store_variables(store)
        if is_picked_up
        else _address_variables(order.delivery_address),
        "country": store.country if is_picked_up else order.delivery_address.address_country,
        # A mail to an address is as older releases know it.
        **({"is_picked_up": True} if is_picked_up else {}),
        "lines": _line_variables(order.lines, with_total=True),
    }
    new = _compose_order_mail(
        f"order-confirmation:{order.id}", ORDER_CONFIRMATION, order, event.locale, variables
    )
    return replace(new, caused_at=placed_at)


def compose_order_ready_for_pickup(event: pickup_events_pb2.OrderReadyForPickup) -> NewMail:
    order = event.order
    variables = {
        "code": event.pickup_code,
        "address_lines": _store_variables(order.pickup.store),
        "country": order.pickup.store.country,
        "lines": _line_variables(order.lines, with_total=False),
    }
    return _compose_order_mail(
        f"order-ready:{order.id}", ORDER_READY_FOR_PICKUP, order, event.locale, variables
    )


def compose_digital_goods_delivered(event: digital_events_pb2.DigitalGoodsDelivered) -> NewMail:
    """Brings licence keys and links of files, up to a bound; the order has all of them."""
    goods = list(islice(event.goods, _MOST_GOODS))
    variables = {
        "number": _truncate(event.number),
        "first_name": _truncate(event.first_name),
        "goods": [
            {
                "title": _truncate(good.title),
                "options": _truncate(good.options),
                "licence_keys": list(good.licence_keys[:_MOST_GOODS]),
                "files": [
                    {"name": _truncate(file.name), "token": file.token}
                    for file in good.files[:_MOST_GOODS]
                ],
            }
            for good in goods
        ],
        "links_end_on": event.links_expire_at.ToDatetime(UTC).date(),
        "has_more": len(event.goods) > _MOST_GOODS
        or any(max(len(good.licence_keys), len(good.files)) > _MOST_GOODS for good in goods),
    }
    return NewMail(
        dedupe_key=f"digital-goods:{event.order_id}",
        template=DIGITAL_GOODS_DELIVERED,
        recipient=event.email,
        variables=variables,
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.owner_id) if event.owner_id else None,
        order_id=UUID(event.order_id),
    )


def compose_order_shipped(event: events_pb2.OrderShipped) -> NewMail:
    shipment = event.shipment
    variables = {
        "carrier": _truncate(shipment.carrier),
        "tracking_number": _truncate(shipment.tracking_number),
        "tracking_url": shipment.tracking_url,
        "lines": _line_variables(shipment.lines, with_total=False),
    }
    return _compose_order_mail(
        f"order-shipped:{event.order.id}:{shipment.id}",
        ORDER_SHIPPED,
        event.order,
        event.locale,
        variables,
    )


def compose_order_delivered(event: events_pb2.OrderDelivered) -> NewMail:
    """Tells of a delivery, and asks for a recommendation once the whole order is delivered."""
    order, shipment = event.order, event.shipment
    variables = {
        "asks_survey": order.status == checkout_pb2.ORDER_STATUS_DELIVERED,
        "lines": _line_variables(shipment.lines, with_total=False),
    }
    return _compose_order_mail(
        f"order-delivered:{order.id}:{shipment.id}", ORDER_DELIVERED, order, event.locale, variables
    )


def compose_order_cancelled(event: events_pb2.OrderCancelled) -> NewMail:
    order = event.order
    total = next(
        (
            _amount_variables(total.amount)
            for total in order.totals
            if total.type == money_pb2.TOTAL_TYPE_TOTAL
        ),
        None,
    )
    # An event of an older release has no payments that tell.
    is_paid = not order.payments or any(each.captured.amount_minor for each in order.payments)
    variables = {
        "total": total,
        "is_paid": is_paid,
        "lines": _line_variables(order.lines, with_total=False),
    }
    return _compose_order_mail(
        f"order-cancelled:{order.id}", ORDER_CANCELLED, order, event.locale, variables
    )


def compose_order_refunded(event: events_pb2.OrderRefunded) -> NewMail:
    variables = {"amount": _amount_variables(event.refund.amount)}
    return _compose_order_mail(
        f"order-refunded:{event.refund.id}", ORDER_REFUNDED, event.order, event.locale, variables
    )


def compose_order_lines_cancelled(event: events_pb2.OrderLinesCancelled) -> NewMail:
    made = event.cancellation
    amounts = {"refunded": made.refunded, "voided": made.voided}
    variables = {
        "lines": _line_variables(made.lines, with_total=False),
        **{name: _amount_variables(each) for name, each in amounts.items() if each.amount_minor},
    }
    return _compose_order_mail(
        f"order-lines-cancelled:{made.id}",
        ORDER_LINES_CANCELLED,
        event.order,
        event.locale,
        variables,
    )


def compose_order_return(event: ReturnEvent) -> NewMail:
    """Tells of the status that a return reached."""
    made = event.order_return
    amounts = {"refunded": made.refunded, "voided": made.voided, "deduction": made.deduction}
    name = return_pb2.ReturnStatus.Name(made.status)
    address = made.return_address
    variables = {
        "status": name.removeprefix("RETURN_STATUS_").lower(),
        "lines": _line_variables(made.lines, with_total=False),
        "shop_note": made.shop_note,
        "label_url": made.label.url,
        "carrier": _truncate(made.label.carrier),
        "tracking_number": _truncate(made.label.tracking_number),
        "address_lines": _address_variables(address) if made.HasField("return_address") else [],
        "country": address.address_country,
        "deduction_reason": _truncate(made.deduction_reason),
        **{name: _amount_variables(each) for name, each in amounts.items() if each.amount_minor},
    }
    return _compose_order_mail(
        f"order-return:{made.id}:{made.version}",
        ORDER_RETURN,
        event.order,
        event.locale,
        variables,
    )


def compose_order_link(event: events_pb2.OrderLinkRequested) -> NewMail:
    return NewMail(
        dedupe_key=f"order-link:{_digest_token(event.token)}",
        template=ORDER_LINK,
        recipient=event.email,
        variables={"number": _truncate(event.number), "token": event.token},
        locale=event.locale,
        channel=event.channel,
        order_id=UUID(event.order_id),
    )


def _total_variables(order: checkout_pb2.Order) -> list[dict[str, Any]]:
    """A tax that the prices include has the type `tax_included`: it adds nothing to the total."""
    is_included = bool(order.tax_lines) and all(tax.included for tax in order.tax_lines)
    types = {TotalType.TAX: "tax_included"} if is_included else {}
    entries = ((wire.TOTAL_TYPES.decode(total.type), total) for total in order.totals if total.type)
    return [
        {
            "type": types.get(type, type),
            "label": "" if total.label == _OLD_LABEL else _truncate(total.label),
            "amount": _amount_variables(total.amount),
        }
        for type, total in entries
    ]


def _compose_order_mail(
    key: str, template: Template, order: checkout_pb2.Order, locale: str, variables: dict[str, Any]
) -> NewMail:
    return NewMail(
        dedupe_key=key,
        template=template,
        recipient=order.email,
        variables={
            "number": _truncate(order.number),
            "first_name": _truncate(order.delivery_address.first_name),
            **variables,
        },
        locale=locale,
        channel=order.channel,
        owner_id=UUID(order.owner_id) if order.owner_id else None,
        order_id=UUID(order.id),
    )


def _line_variables(
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
        "title": _truncate(item.title),
        "options": _truncate(item.options),
        "quantity": item.quantity.steps,
        "scale": item.quantity.scale,
        "unit_code": item.quantity.unit_code or PIECE,
        "total": _amount_variables(item.total) if with_total else None,
        "image_url": item.image_url if len(item.image_url) <= 2_000 else "",
    }


def _address_variables(address: address_pb2.Address) -> list[str]:
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


def _store_variables(store: pickup_pb2.PickupStore) -> list[str]:
    """Returns the lines of a store's address. Staff wrote them: a link is not the buyer's."""
    place = f"{store.postal_code} {store.address_locality}"
    return _truncate_all([store.name, store.street_address, place, store.phone_number])


def _truncate_all(lines: Iterable[str]) -> list[str]:
    return [_truncate(line.strip()) for line in lines if line.strip()]


def _truncate(text: str) -> str:
    return text[:_LONGEST_TEXT]


def _amount_variables(money: money_pb2.Money) -> dict[str, Any]:
    return {"amount_minor": money.amount_minor, "currency": money.currency}


def _parse_date(text: str) -> date | None:
    """Returns None if `text` is not an ISO 8601 date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

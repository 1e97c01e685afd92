"""Mails about orders, returns and digital goods."""

from dataclasses import replace
from datetime import UTC
from itertools import islice
from typing import Any, Final, get_args
from uuid import UUID

from notifications.mails.compose.variables import (
    address_variables,
    amount_variables,
    digest_token,
    gift_message_variables,
    line_variables,
    parse_date,
    shipment_variables,
    store_variables,
    total_variables,
    transfer_variables,
    truncate,
)
from notifications.mails.model import NewMail
from notifications.templates.model import (
    DIGITAL_GOODS_DELIVERED,
    ORDER_CANCELLED,
    ORDER_CONFIRMATION,
    ORDER_DELIVERED,
    ORDER_DOCUMENTS,
    ORDER_LINES_CANCELLED,
    ORDER_LINK,
    ORDER_REFUNDED,
    ORDER_RETURN,
    ORDER_SHIPPED,
    Template,
)
from sojourn.catalog.v1 import digital_events_pb2
from sojourn.checkout.v1 import (
    checkout_pb2,
    document_events_pb2,
    documents_pb2,
    events_pb2,
    refund_destination_pb2,
    return_events_pb2,
    return_pb2,
)
from sojourn.common.v1 import money_pb2

ReturnEvent = (
    return_events_pb2.ReturnRequested
    | return_events_pb2.ReturnAccepted
    | return_events_pb2.ReturnRejected
    | return_events_pb2.ReturnCancelled
    | return_events_pb2.ReturnReceived
    | return_events_pb2.ReturnRefunded
)
_STORE_CREDIT: Final = refund_destination_pb2.REFUND_DESTINATION_STORE_CREDIT
RETURN_EVENTS: Final[tuple[type[ReturnEvent], ...]] = get_args(ReturnEvent)
# Of one mail: what an order is due in one commit.
_MOST_DOCUMENTS: Final = 50
# Of digital goods, and of the keys and files of one.
_MOST_GOODS: Final = 100


def compose_order_confirmation(event: events_pb2.OrderPlaced) -> NewMail:
    order = event.order
    option = order.delivery_option
    placed_at = (order.placed_at if order.HasField("placed_at") else order.created_at).ToDatetime(
        UTC
    )
    is_picked_up, store = order.HasField("pickup"), order.pickup.store
    gift_messages, transfer = gift_message_variables(order), transfer_variables(order)
    shipments = shipment_variables(order)
    variables = {
        "placed_on": placed_at.date(),
        "totals": total_variables(order),
        "delivery": {
            "title": truncate(option.title),
            "earliest_on": parse_date(option.earliest_on),
            "latest_on": parse_date(option.latest_on),
        },
        "address_lines": store_variables(store)
        if is_picked_up
        else address_variables(order.delivery_address),
        "country": store.country if is_picked_up else order.delivery_address.address_country,
        # A mail without them is as older releases know it.
        **({"is_picked_up": True} if is_picked_up else {}),
        **({"shipments": shipments} if shipments else {}),
        **({"transfer": transfer} if transfer else {}),
        **({"gift_messages": gift_messages} if gift_messages else {}),
        "lines": line_variables(order.lines, with_total=True),
    }
    new = compose_order_mail(
        f"order-confirmation:{order.id}", ORDER_CONFIRMATION, order, event.locale, variables
    )
    return replace(new, caused_at=placed_at)


def compose_order_documents(event: document_events_pb2.OrderDocumentsSent) -> NewMail:
    """Brings links of an order's documents. Each request of a mail has tokens of its own."""
    documents = list(islice(event.documents, _MOST_DOCUMENTS))
    variables = {
        "number": truncate(event.order_number),
        "first_name": truncate(event.first_name),
        "documents": [
            {
                "kind": "credit_note"
                if each.kind == documents_pb2.DOCUMENT_KIND_CREDIT_NOTE
                else "invoice",
                "number": truncate(each.number),
                "issued_on": parse_date(each.issued_on),
                "amount": amount_variables(each.gross),
                "token": each.token,
            }
            for each in documents
        ],
        "links_end_on": event.links_expire_at.ToDatetime(UTC).date(),
    }
    return NewMail(
        dedupe_key=f"order-documents:{digest_token(documents[0].token)}",
        template=ORDER_DOCUMENTS,
        recipient=event.email,
        variables=variables,
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.owner_id) if event.owner_id else None,
        order_id=UUID(event.order_id),
    )


def compose_digital_goods_delivered(event: digital_events_pb2.DigitalGoodsDelivered) -> NewMail:
    """Brings licence keys and links of files, up to a bound; the order has all of them."""
    goods = list(islice(event.goods, _MOST_GOODS))
    variables = {
        "number": truncate(event.number),
        "first_name": truncate(event.first_name),
        "goods": [
            {
                "title": truncate(good.title),
                "options": truncate(good.options),
                "licence_keys": list(good.licence_keys[:_MOST_GOODS]),
                "files": [
                    {"name": truncate(file.name), "token": file.token}
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
        "carrier": truncate(shipment.carrier),
        "tracking_number": truncate(shipment.tracking_number),
        "tracking_url": shipment.tracking_url,
        "lines": line_variables(shipment.lines, with_total=False),
    }
    return compose_order_mail(
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
        "lines": line_variables(shipment.lines, with_total=False),
    }
    return compose_order_mail(
        f"order-delivered:{order.id}:{shipment.id}", ORDER_DELIVERED, order, event.locale, variables
    )


def compose_order_cancelled(event: events_pb2.OrderCancelled) -> NewMail:
    order = event.order
    total = next(
        (
            amount_variables(total.amount)
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
        "lines": line_variables(order.lines, with_total=False),
    }
    return compose_order_mail(
        f"order-cancelled:{order.id}", ORDER_CANCELLED, order, event.locale, variables
    )


def compose_order_refunded(event: events_pb2.OrderRefunded) -> NewMail:
    variables = {
        "amount": amount_variables(event.refund.amount),
        "to_store_credit": event.refund.destination == _STORE_CREDIT,
    }
    return compose_order_mail(
        f"order-refunded:{event.refund.id}", ORDER_REFUNDED, event.order, event.locale, variables
    )


def compose_order_lines_cancelled(event: events_pb2.OrderLinesCancelled) -> NewMail:
    made = event.cancellation
    amounts = {"refunded": made.refunded, "voided": made.voided}
    variables = {
        "lines": line_variables(made.lines, with_total=False),
        **{name: amount_variables(each) for name, each in amounts.items() if each.amount_minor},
    }
    return compose_order_mail(
        f"order-lines-cancelled:{made.id}",
        ORDER_LINES_CANCELLED,
        event.order,
        event.locale,
        variables,
    )


def compose_order_return(event: ReturnEvent) -> NewMail:
    """Tells of the status that a return reached."""
    made = event.order_return
    rest = money_pb2.Money(
        amount_minor=made.refunded.amount_minor - made.exchanged.amount_minor,
        currency=made.refunded.currency,
    )
    amounts = {
        "refunded": rest,
        "exchanged": made.exchanged,
        "voided": made.voided,
        "deduction": made.deduction,
    }
    name = return_pb2.ReturnStatus.Name(made.status)
    address = made.return_address
    variables = {
        "status": name.removeprefix("RETURN_STATUS_").lower(),
        "lines": line_variables(made.lines, with_total=False),
        "shop_note": made.shop_note,
        "label_url": made.label.url,
        "carrier": truncate(made.label.carrier),
        "tracking_number": truncate(made.label.tracking_number),
        "address_lines": address_variables(address) if made.HasField("return_address") else [],
        "country": address.address_country,
        "deduction_reason": truncate(made.deduction_reason),
        "to_store_credit": made.refund_to == _STORE_CREDIT,
        **{name: amount_variables(each) for name, each in amounts.items() if each.amount_minor},
    }
    return compose_order_mail(
        f"order-return:{made.id}:{made.version}",
        ORDER_RETURN,
        event.order,
        event.locale,
        variables,
    )


def compose_order_link(event: events_pb2.OrderLinkRequested) -> NewMail:
    return NewMail(
        dedupe_key=f"order-link:{digest_token(event.token)}",
        template=ORDER_LINK,
        recipient=event.email,
        variables={"number": truncate(event.number), "token": event.token},
        locale=event.locale,
        channel=event.channel,
        order_id=UUID(event.order_id),
    )


def compose_order_mail(
    key: str, template: Template, order: checkout_pb2.Order, locale: str, variables: dict[str, Any]
) -> NewMail:
    """Returns a mail to the buyer of an order."""
    return NewMail(
        dedupe_key=key,
        template=template,
        recipient=order.email,
        variables={
            "number": truncate(order.number),
            "first_name": truncate(order.delivery_address.first_name),
            **variables,
        },
        locale=locale,
        channel=order.channel,
        owner_id=UUID(order.owner_id) if order.owner_id else None,
        order_id=UUID(order.id),
    )

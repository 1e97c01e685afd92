"""Rows as protobuf messages, and back."""

from collections.abc import Mapping, Sequence

from chassis import postal_addresses
from chassis.rpc.wire import money, timestamp
from checkout import contacts
from checkout.baskets import Notice
from checkout.delivery import Bounds, DeliveryOption
from checkout.order_views import OrderView
from checkout.orders import OrderEvent, OrderLine
from checkout.payments import Payment
from checkout.shipments import Shipment, ShipmentLine
from checkout.taxes import TaxLine
from checkout.totals import TotalEntry
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import events_pb2
from sojourn.common.v1 import money_pb2


def address_from_proto(address: money_pb2.Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in postal_addresses.FIELDS}


def address_to_proto(address: Mapping[str, str]) -> money_pb2.Address:
    return money_pb2.Address(**{name: address.get(name, "") for name in postal_addresses.FIELDS})


def notice_to_proto(notice: Notice) -> money_pb2.Message:
    return money_pb2.Message(type=notice.type, code=notice.code, path=notice.path, content=notice.content, severity=notice.severity)


def totals_to_proto(entries: Sequence[TotalEntry], currency: str) -> list[money_pb2.Total]:
    return [money_pb2.Total(type=entry.type, label=entry.label, amount=money(entry.amount_minor, currency)) for entry in entries]


def estimate_to_proto(options: Sequence[DeliveryOption], bounds: Bounds) -> pb.EstimateDeliveryResponse:
    return pb.EstimateDeliveryResponse(
        options=[option_to_proto(option) for option in options],
        weight_from_grams=bounds.weight_grams[0], weight_below_grams=bounds.weight_grams[1],
        subtotal_from_minor=bounds.subtotal_minor[0], subtotal_below_minor=bounds.subtotal_minor[1] or 0,
    )  # fmt: skip


def option_to_proto(option: DeliveryOption) -> pb.DeliveryOption:
    return pb.DeliveryOption(
        id=option.id,
        title=option.title,
        price=money(option.price_minor, option.currency),
        earliest_on=option.earliest_on.isoformat(),
        latest_on=option.latest_on.isoformat(),
    )


def tax_line_to_proto(line: TaxLine, currency: str) -> pb.TaxLine:
    return pb.TaxLine(
        title=line.title, rate=f"{line.rate.normalize():f}", amount=money(line.amount_minor, currency), included=line.is_included
    )


def line_to_proto(line: OrderLine, currency: str) -> pb.OrderLine:
    return pb.OrderLine(
        id=str(line.id),
        variant_id=str(line.variant_id),
        product_id=line.product_id,
        sku=line.sku,
        title=line.title,
        options=line.options,
        quantity=line.quantity,
        unit_price=money(line.unit_price_minor, currency),
        discount=money(line.discount_minor, currency),
        total=money(line.total_minor, currency),
        tax=money(line.tax_minor, currency),
        shipped_quantity=line.shipped_quantity,
        image_url=line.image_url,
        product_slug=line.product_slug,
        scale=line.scale,
        unit_code=line.unit_code,
        mass_grams=line.mass_grams,
    )


def payment_to_proto(payment: Payment) -> pb.Payment:
    return pb.Payment(
        id=str(payment.id),
        provider=payment.provider,
        status=payment.status,
        amount=money(payment.amount_minor, payment.currency),
        captured=money(payment.captured_minor, payment.currency),
        refunded=money(payment.refunded_minor, payment.currency),
        action_url=payment.action_url,
        decline_code=payment.decline_code,
    )


def shipment_to_proto(shipment: Shipment, lines: Sequence[ShipmentLine]) -> pb.Shipment:
    return pb.Shipment(
        id=str(shipment.id),
        status=shipment.status,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        lines=[
            pb.ShipmentLine(order_line_id=str(line.order_line_id), quantity=line.quantity)
            for line in lines
            if line.shipment_id == shipment.id
        ],
        shipped_at=timestamp(shipment.shipped_at),
        delivered_at=timestamp(shipment.delivered_at),
    )


def event_to_proto(event: OrderEvent) -> pb.OrderEvent:
    return pb.OrderEvent(status=event.status, at=timestamp(event.at), actor=event.actor, trace_id=event.trace_id)


def order_to_proto(view: OrderView) -> pb.Order:
    order = view.order
    return pb.Order(
        id=str(order.id),
        number=order.number,
        status=order.status,
        version=order.version,
        currency=order.currency,
        channel=order.channel_id,
        lines=[line_to_proto(line, order.currency) for line in view.lines],
        totals=totals_to_proto(order.totals, order.currency),
        tax_lines=[tax_line_to_proto(line, order.currency) for line in order.tax_lines],
        email=order.email,
        delivery_address=address_to_proto(order.delivery_address),
        delivery_option=option_to_proto(order.delivery_option),
        payments=[payment_to_proto(payment) for payment in view.payments],
        shipments=[shipment_to_proto(shipment, view.shipment_lines) for shipment in view.shipments],
        history=[event_to_proto(event) for event in view.history],
        created_at=timestamp(order.created_at),
        placed_at=timestamp(order.placed_at),
        refusal_reason=order.refusal_reason if order.is_settled else "",
        refusal_metadata=order.refusal_metadata if order.is_settled else {},
        checkout_id=str(order.checkout_id),
        promotion_codes=order.promotion_codes,
        owner_id=str(order.owner_id),
        synthetic=order.is_synthetic,
    )


def order_placed(view: OrderView) -> events_pb2.OrderPlaced:
    order = view.order
    return events_pb2.OrderPlaced(
        order=order_to_proto(view), locale=order.locale, cart_id=str(order.cart_id), email_digest=contacts.email_digest(order.email)
    )


def order_refused(view: OrderView) -> events_pb2.OrderRefused:
    order = view.order
    return events_pb2.OrderRefused(
        order_id=str(order.id),
        version=order.version,
        owner_id=str(order.owner_id),
        reason=order.refusal_reason,
        cart_id=str(order.cart_id),
        channel=order.channel_id,
        synthetic=order.is_synthetic,
    )


def order_cancelled(view: OrderView) -> events_pb2.OrderCancelled:
    order = view.order
    return events_pb2.OrderCancelled(
        order=order_to_proto(view), locale=order.locale, cart_id=str(order.cart_id), email_digest=contacts.email_digest(order.email)
    )


def order_shipped(view: OrderView, shipment: Shipment) -> events_pb2.OrderShipped:
    return events_pb2.OrderShipped(
        order=order_to_proto(view), shipment=shipment_to_proto(shipment, view.shipment_lines), locale=view.order.locale
    )


def order_delivered(view: OrderView, shipment: Shipment) -> events_pb2.OrderDelivered:
    return events_pb2.OrderDelivered(
        order=order_to_proto(view), shipment=shipment_to_proto(shipment, view.shipment_lines), locale=view.order.locale
    )

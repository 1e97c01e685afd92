"""Orders as protobuf messages, in replies and in events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from chassis import postal_addresses
from chassis.rpc import wire
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.cancellations.model import Cancellation, CancellationStatus
from checkout.checkouts.totals import TotalEntry
from checkout.contact_points import ContactPoint
from checkout.delivery.options import DeliveryOption
from checkout.gift_messages.messages import gift_message_to_proto
from checkout.orders.model import Actor, OrderEvent, OrderLine, OrderStatus
from checkout.orders.view import OrderView
from checkout.payments.model import OrderReason, Payment, PaymentStatus
from checkout.payments.refunds import Refund, RefundDestination, RefundStatus
from checkout.pickups.model import Pickup, PickupStatus, PickupStore
from checkout.shipments.model import Shipment, ShipmentStatus
from checkout.taxes.calculation import TaxLine
from checkout.taxes.taxation import OrderTaxation
from checkout.vat_ids.messages import check_to_proto
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import pickup_pb2, refund_destination_pb2
from sojourn.checkout.v1 import tax_treatment_pb2 as treatment_pb2
from sojourn.common.v1 import address_pb2, money_pb2

ORDER_STATUSES: Final = EnumCodec(pb.OrderStatus, OrderStatus)
ORDER_REASONS: Final = EnumCodec(pb.OrderReason, OrderReason)
ACTORS: Final = EnumCodec(pb.OrderActor, Actor)
CONTACT_POINTS: Final = EnumCodec(pb.OrderContactPoint, ContactPoint)
_CANCELLATION_STATUSES: Final = EnumCodec(pb.CancellationStatus, CancellationStatus)
PAYMENT_STATUSES: Final = EnumCodec(pb.PaymentStatus, PaymentStatus)
_REFUND_STATUSES: Final = EnumCodec(pb.RefundStatus, RefundStatus)
REFUND_DESTINATIONS: Final = EnumCodec(refund_destination_pb2.RefundDestination, RefundDestination)
_PICKUP_STATUSES: Final = EnumCodec(pickup_pb2.PickupStatus, PickupStatus)
_SHIPMENT_STATUSES: Final = EnumCodec(pb.ShipmentStatus, ShipmentStatus)


def address_to_proto(address: Mapping[str, str]) -> address_pb2.Address:
    return address_pb2.Address(**{name: address.get(name, "") for name in postal_addresses.FIELDS})


def store_to_proto(store: PickupStore) -> pickup_pb2.PickupStore:
    return pickup_pb2.PickupStore(
        code=store.code,
        name=store.name,
        street_address=store.street_address,
        address_locality=store.address_locality,
        address_region=store.address_region,
        postal_code=store.postal_code,
        country=store.country,
        phone_number=store.phone_number,
        time_zone=store.time_zone,
    )


def pickup_to_proto(pickup: Pickup, keeps_until: datetime | None) -> pickup_pb2.OrderPickup:
    """Returns how an order is picked up, without the buyer's code."""
    return pickup_pb2.OrderPickup(
        store=store_to_proto(pickup.store),
        status=_PICKUP_STATUSES.encode(pickup.status),
        ready_at=timestamp(pickup.ready_at),
        collected_at=timestamp(pickup.collected_at),
        keeps_until=timestamp(keeps_until),
    )


def totals_to_proto(entries: Sequence[TotalEntry], currency: str) -> list[money_pb2.Total]:
    return [
        money_pb2.Total(
            type=wire.TOTAL_TYPES.encode(entry.type),
            label=entry.label,
            amount=money(entry.amount_minor, currency),
        )
        for entry in entries
    ]


def tax_line_to_proto(line: TaxLine, currency: str) -> pb.TaxLine:
    return pb.TaxLine(
        title=line.title,
        rate=f"{line.rate.normalize():f}",
        amount=money(line.amount_minor, currency),
        included=line.is_included,
        category=line.category,
        reason_code=line.reason_code,
        reason=line.reason,
    )


def taxation_to_proto(taxation: OrderTaxation) -> treatment_pb2.OrderTaxation:
    granted = taxation.exemption
    exemption = None
    if granted is not None:
        exemption = treatment_pb2.AppliedTaxExemption(
            code=granted.code, reason=granted.reason, certificate_number=granted.certificate_number
        )
    return treatment_pb2.OrderTaxation(
        calculated_by=taxation.calculated_by,
        is_fallback=taxation.is_fallback,
        vat_id=check_to_proto(taxation.vat_id) if taxation.vat_id else None,
        exemption=exemption,
        ioss_number=taxation.ioss_number,
    )


def option_to_proto(option: DeliveryOption, line_ids: Sequence[str] = ()) -> pb.DeliveryOption:
    """Returns an option; `line_ids` are those of the lines by their places."""
    return pb.DeliveryOption(
        id=option.id,
        title=option.title,
        price=money(option.price_minor, option.currency),
        earliest_on=option.earliest_on.isoformat(),
        latest_on=option.latest_on.isoformat(),
        shipments=[
            pb.PlannedShipment(
                line_ids=[line_ids[place] for place in each.positions if place < len(line_ids)],
                earliest_on=each.earliest_on.isoformat() if each.earliest_on else "",
                latest_on=each.latest_on.isoformat() if each.latest_on else "",
            )
            for each in option.shipments
        ],
        can_split=option.can_split,
    )


def line_to_proto(line: OrderLine, currency: str) -> pb.OrderLine:
    return pb.OrderLine(
        id=str(line.id),
        item=wire.line_item(line.item(currency)),
        tax=money(line.tax_minor, currency),
        shipped=wire.quantity(line.shipped),
        cancelled=wire.quantity(line.cancelled) if line.cancelled_quantity else None,
        returned=wire.quantity(line.returned) if line.returned_quantity else None,
    )


def payment_to_proto(payment: Payment) -> pb.Payment:
    return pb.Payment(
        id=str(payment.id),
        provider=payment.provider,
        status=PAYMENT_STATUSES.encode(payment.status),
        amount=money(payment.amount_minor, payment.currency),
        captured=money(payment.captured_minor, payment.currency),
        refunded=money(payment.refunded_minor, payment.currency),
        action_url=payment.action_url,
        decline_code=payment.decline_code,
        method=payment.method_id,
        reference=payment.reference or "",
        instructions=payment.instructions,
        due_at=timestamp(payment.due_at),
        gift_card_ending=payment.gift_card_ending,
    )


def refund_to_proto(refund: Refund) -> pb.Refund:
    return pb.Refund(
        id=str(refund.id),
        payment_id=str(refund.payment_id),
        status=_REFUND_STATUSES.encode(refund.status),
        amount=money(refund.amount_minor, refund.currency),
        reason=ORDER_REASONS.encode(refund.reason),
        created_at=timestamp(refund.created_at),
        refunded_at=timestamp(refund.refunded_at),
        failed_at=timestamp(refund.failed_at),
        failure_code=refund.failure_code,
        repaid_at=timestamp(refund.repaid_at),
        cancellation_id=str(refund.cancellation_id or ""),
        return_id=str(refund.return_id or ""),
        destination=REFUND_DESTINATIONS.encode(refund.destination),
    )


def cancellation_to_proto(cancellation: Cancellation, view: OrderView) -> pb.Cancellation:
    currency = view.order.currency
    return pb.Cancellation(
        id=str(cancellation.id),
        status=_CANCELLATION_STATUSES.encode(cancellation.status),
        lines=[
            pb.CancelledLine(order_line_id=str(order_line_id), item=wire.line_item(item))
            for order_line_id, item in view.cancelled_items(cancellation).items()
        ],
        reason=ORDER_REASONS.encode(cancellation.reason),
        goods=money(cancellation.goods_minor, currency),
        delivery=money(cancellation.delivery_minor, currency),
        refunded=money(cancellation.refunded_minor, currency),
        voided=money(cancellation.voided_minor, currency),
        created_at=timestamp(cancellation.created_at),
    )


def shipment_to_proto(shipment: Shipment, view: OrderView) -> pb.Shipment:
    return pb.Shipment(
        id=str(shipment.id),
        status=_SHIPMENT_STATUSES.encode(shipment.status),
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        lines=[
            pb.ShipmentLine(order_line_id=str(order_line_id), item=wire.line_item(item))
            for order_line_id, item in view.items_of(shipment).items()
        ],
        shipped_at=timestamp(shipment.shipped_at),
        delivered_at=timestamp(shipment.delivered_at),
        carrier_code=shipment.carrier_code,
    )


def event_to_proto(event: OrderEvent) -> pb.OrderEvent:
    return pb.OrderEvent(
        status=ORDER_STATUSES.encode(event.status),
        at=timestamp(event.at),
        actor=ACTORS.encode(event.actor),
        trace_id=event.trace_id,
        refund_id=str(event.refund_id or ""),
        cancellation_id=str(event.cancellation_id or ""),
    )


def order_to_proto(view: OrderView) -> pb.Order:
    order = view.order
    return pb.Order(
        id=str(order.id),
        number=order.number or "",
        status=ORDER_STATUSES.encode(order.status),
        version=order.version,
        currency=order.currency,
        channel=order.channel_id,
        lines=[line_to_proto(line, order.currency) for line in view.lines],
        totals=totals_to_proto(order.totals, order.currency),
        tax_lines=[tax_line_to_proto(line, order.currency) for line in order.tax_lines],
        email=order.email,
        delivery_address=address_to_proto(order.delivery_address)
        if order.delivery_address
        else None,
        delivery_option=option_to_proto(
            order.delivery_option, [str(line.id) for line in view.lines]
        ),
        payments=[payment_to_proto(payment) for payment in view.payments],
        refunds=[refund_to_proto(refund) for refund in view.refunds],
        shipments=[shipment_to_proto(shipment, view) for shipment in view.shipments],
        history=[event_to_proto(event) for event in view.history],
        created_at=timestamp(order.created_at),
        placed_at=timestamp(order.placed_at),
        refusal_reason=order.refusal_reason if order.is_settled else "",
        refusal_metadata=order.refusal_metadata if order.is_settled else {},
        checkout_id=str(order.checkout_id),
        promotion_codes=order.promotion_codes,
        owner_id=str(order.owner_id),
        synthetic=order.is_synthetic,
        locale=order.locale,
        pickup=pickup_to_proto(order.pickup, order.pickup_keeps_until) if order.pickup else None,
        cancellations=[cancellation_to_proto(each, view) for each in view.cancellations],
        taxation=taxation_to_proto(order.taxation) if order.taxation else None,
        billing_address=address_to_proto(order.billing_address) if order.billing_address else None,
        gift_messages=map(gift_message_to_proto, order.gift_messages),
        replaces_order_id=str(order.replaces_order_id or ""),
        placed_via=CONTACT_POINTS.encode(order.placed_via) if order.placed_via else None,
    )

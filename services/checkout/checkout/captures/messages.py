"""Captures and authorized payments as messages."""

from typing import Final

from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.captures.model import CaptureStatus, PaymentCapture
from checkout.orders.model import Order
from checkout.payments.model import Payment
from sojourn.checkout.v1 import payment_captures_pb2 as pb

STATUSES: Final = EnumCodec(pb.PaymentCaptureStatus, CaptureStatus)


def capture_to_proto(capture: PaymentCapture) -> pb.PaymentCapture:
    return pb.PaymentCapture(
        id=str(capture.id),
        order_id=str(capture.order_id),
        payment_id=str(capture.payment_id),
        shipment_id=str(capture.shipment_id or ""),
        amount=money(capture.amount_minor, capture.currency),
        status=STATUSES.encode(capture.status),
        failure_code=capture.failure_code,
        created_at=timestamp(capture.created_at),
        captured_at=timestamp(capture.captured_at),
    )


def authorization_to_proto(payment: Payment, order: Order) -> pb.PaymentAuthorization:
    return pb.PaymentAuthorization(
        order_id=str(order.id),
        number=order.number or "",
        payment_id=str(payment.id),
        amount=money(payment.amount_minor - payment.captured_minor, payment.currency),
        expires_at=timestamp(payment.authorization_expires_at),
    )

"""Payment methods as messages, and messages as values."""

from decimal import Decimal
from typing import Final

from chassis.rpc.wire import EnumCodec
from checkout.errors.payments import InvalidPaymentMethod
from checkout.payment_methods.model import PaymentMethod
from checkout.payments.model import CapturePoint
from sojourn.checkout.v1 import payment_methods_pb2 as pb

CAPTURE_POINTS: Final = EnumCodec(pb.CapturePoint, CapturePoint)


def method_from_proto(message: pb.PaymentMethodRule) -> PaymentMethod:
    """Returns the method of a message. Raises InvalidPaymentMethod for one without a code."""
    if not message.code:
        raise InvalidPaymentMethod(path="payment_method.code", problem="it is needed")
    return PaymentMethod(
        code=message.code,
        provider=message.provider,
        provider_method=message.provider_method,
        titles=dict(sorted(message.titles.items())),
        descriptions=dict(sorted(message.descriptions.items())),
        channels=sorted(message.channels),
        countries=sorted(message.countries),
        currencies=sorted(message.currencies),
        customer_groups=sorted(message.customer_groups),
        amount_from_minor=message.amount_from_minor,
        amount_to_minor=message.amount_to_minor,
        position=message.position,
        is_preferred=message.preferred,
        is_enabled=message.active if message.HasField("active") else True,
        capture_at=CAPTURE_POINTS.decode(message.capture)
        if message.capture
        else CapturePoint.ORDER,
        fees=dict(sorted(message.fees.items())),
        fee_rate=normal_rate(message.fee_rate),
    )


def method_to_proto(method: PaymentMethod) -> pb.PaymentMethodRule:
    return pb.PaymentMethodRule(
        code=method.code,
        provider=method.provider,
        provider_method=method.provider_method,
        titles=method.titles,
        descriptions=method.descriptions,
        channels=method.channels,
        countries=method.countries,
        currencies=method.currencies,
        customer_groups=method.customer_groups,
        amount_from_minor=method.amount_from_minor,
        amount_to_minor=method.amount_to_minor,
        position=method.position,
        preferred=method.is_preferred,
        active=method.is_enabled,
        capture=CAPTURE_POINTS.encode(method.capture_at),
        version=method.version,
        fees=method.fees,
        fee_rate=method.fee_rate,
    )


def normal_rate(text: str) -> str:
    """Returns a rate without zeros at its end; empty for none."""
    rate = Decimal(text or 0)
    return f"{rate.normalize():f}" if rate else ""

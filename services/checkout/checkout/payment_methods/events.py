"""Events of payment methods."""

from checkout.payment_methods.model import PaymentMethod
from sojourn.checkout.v1 import payment_methods_pb2 as pb


def payment_method_changed(method: PaymentMethod) -> pb.PaymentMethodChanged:
    return pb.PaymentMethodChanged(code=method.code, version=method.version)


def payment_method_deleted(code: str) -> pb.PaymentMethodDeleted:
    return pb.PaymentMethodDeleted(code=code)

"""Saved payment methods as messages."""

from datetime import datetime

from chassis.rpc.wire import timestamp
from checkout.payments.vaults.vault import ProviderSetUp
from checkout.saved_payments.model import SavedMethodStatus, SavedPaymentMethod
from sojourn.checkout.v1 import saved_payment_methods_pb2 as pb


def saved_method_to_proto(
    method: SavedPaymentMethod,
    now: datetime,
    *,
    is_default: bool,
    set_up: ProviderSetUp | None = None,
) -> pb.SavedPaymentMethod:
    """Returns a method that its customer sees, with what a set-up awaits of them."""
    is_active = method.status is SavedMethodStatus.ACTIVE
    return pb.SavedPaymentMethod(
        id=str(method.id),
        status=pb.SAVED_PAYMENT_METHOD_STATUS_ACTIVE
        if is_active
        else pb.SAVED_PAYMENT_METHOD_STATUS_PENDING,
        provider=method.provider,
        method=method.provider_method,
        brand=method.brand,
        last_four=method.last_four,
        expires_month=method.expires_month,
        expires_year=method.expires_year,
        expired=method.is_expired(now),
        default=is_default,
        created_at=timestamp(method.created_at),
        action_url=set_up.action_url if set_up and not is_active else "",
        client_secret=set_up.client_secret if set_up and not is_active else "",
    )

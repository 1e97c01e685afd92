"""Payment of what goods cost more than those that pay for them."""

from datetime import timedelta

from chassis.runtime.clock import uuid7
from checkout.errors.payments import PaymentMethodNotOffered
from checkout.orders.model import Order
from checkout.payment_methods.offers import OfferedMethod, PaymentOffers
from checkout.payments.model import Payment, Settlement
from checkout.payments.references import creditor_reference


def choose_transfer(
    order: Order, methods: PaymentOffers, code: str, amount_minor: int
) -> OfferedMethod:
    """Returns the method by bank transfer that a call names for an amount of an order.

    Other methods need the buyer, or their saved instrument. Raises PaymentMethodNotOffered.
    """
    store = order.pickup.store if order.pickup else None
    offered = methods.offer(
        channel=order.channel_id,
        country=store.place.country if store else order.delivery_address["address_country"],
        currency=order.currency,
        amount_minor=amount_minor,
        locale=order.locale,
    )
    method = next((each for each in offered if each.code == code), None)
    if method is None or method.settlement is not Settlement.TRANSFER:
        raise PaymentMethodNotOffered(
            "a higher price is paid by a bank transfer", payment_method=code
        )
    return method


def draft_transfer(order: Order, method: OfferedMethod, amount_minor: int, *, days: int) -> Payment:
    """Returns the payment of an amount of an order that is awaited for some days."""
    payment_id = uuid7()
    return Payment(
        id=payment_id,
        order_id=order.id,
        provider=method.provider,
        method_id=method.code,
        provider_method=method.provider_method,
        currency=order.currency,
        amount_minor=amount_minor,
        settlement=Settlement.TRANSFER,
        reference=creditor_reference(payment_id),
        instructions=method.description,
        due_at=order.created_at + timedelta(days=days),
        created_at=order.created_at,
    )

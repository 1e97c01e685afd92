"""Choices that a shopper is used to, for orders in one call."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from checkout.checkouts.choose_payment import method_of
from checkout.checkouts.model import CheckoutChanges, UsualChoices
from checkout.checkouts.review import Review
from checkout.saved_payments.model import SavedPaymentMethod, default_of


def choose_delivery(
    changes: CheckoutChanges,
    review: Review,
    usual: UsualChoices,
    *,
    pickup_methods: Collection[str],
) -> CheckoutChanges:
    """Returns changes with the usual delivery option, or else the first that is offered.

    Nothing is picked up in a store unless the shopper did so last. What is chosen already stays.
    """
    if changes.delivery_option_id is not None or review.chosen is not None:
        return changes
    offered = [option.id for option in review.options]
    if usual.delivery_option_id in offered:
        return replace(changes, delivery_option_id=usual.delivery_option_id)
    sent = (code for code in offered if code not in pickup_methods)
    return replace(changes, delivery_option_id=next(sent, None))


def choose_saved_method(
    changes: CheckoutChanges, review: Review, saved: Sequence[SavedPaymentMethod], now: datetime
) -> CheckoutChanges:
    """Returns changes with the default saved method, where the buyer said nothing else.

    One that is expired, or whose payment method is not offered, is left out.
    """
    chosen = default_of(saved)
    if chosen is None or chosen.is_expired(now) or not review.due_minor:
        return changes
    is_said = changes.payment_method_id or changes.payment_token or changes.saved_method
    method = method_of(chosen, review.methods)
    if is_said or changes.drops_saved_method or method is None:
        return changes
    return replace(changes, payment_method_id=method.code, saved_method=chosen)


def choose_payment(
    changes: CheckoutChanges, review: Review, usual: UsualChoices
) -> CheckoutChanges:
    """Returns changes with the usual payment method.

    Otherwise with the one that the shop prefers, or the only one. Any other is the buyer's choice.
    A payment token is of a method that needs one. What is chosen already stays.
    """
    if changes.payment_method_id is not None or changes.saved_method is not None:
        return changes
    offered = [
        method for method in review.methods if method.needs_token or not changes.payment_token
    ]
    for method in offered:
        if method.code == usual.payment_method_id:
            return replace(changes, payment_method_id=method.code)
    preferred = [method for method in offered if method.is_preferred] or offered
    if len(preferred) != 1:
        return changes
    return replace(changes, payment_method_id=preferred[0].code)

"""The rows of an order that replaces goods of another one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chassis.line_item import LineItem
from chassis.runtime.clock import uuid7
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.checkouts.totals import Totals
from checkout.orders.model import Actor, Order
from checkout.payments.model import Payment, Settlement
from checkout.payments.split import split_refund
from checkout.pickups.model import Pickup
from checkout.placing.draft import draft_line
from checkout.placing.model import Attempt, OrderTerms
from checkout.taxes.taxation import OrderTaxation


def draft_replacement(
    order: Order, items: Sequence[LineItem], totals: Totals, terms: OrderTerms, now: datetime
) -> tuple[Attempt, Checkout]:
    """Returns a replacement of goods of an order and its completed checkout, not inserted yet.

    It goes where the order went, without a price of delivery, and has no payments.
    """
    order_id, checkout = uuid7(), _draft_checkout(order, now)
    checkout.status, checkout.order_id = CheckoutStatus.COMPLETE_IN_PROGRESS, order_id
    today = now.date()
    before = order.delivery_option
    late = before.latest_on - before.earliest_on
    for each in before.shipments[:1]:
        if each.earliest_on and each.latest_on:
            late = each.latest_on - each.earliest_on
    option = replace(
        before,
        price_minor=0,
        earliest_on=today,
        latest_on=today + late,
        shipments=(),
        can_split=False,
    )
    made = Order(
        id=order_id,
        number_prefix=terms.order_prefix,
        owner_id=order.owner_id,
        organization_id=order.organization_id,
        channel_id=order.channel_id,
        checkout_id=checkout.id,
        cart_id=order.cart_id,
        cart_version=order.cart_version,
        currency=order.currency,
        locale=order.locale,
        email=order.email,
        delivery_address=order.delivery_address,
        billing_address=order.billing_address,
        delivery_option=option,
        totals=totals.entries,
        tax_lines=list(totals.taxes.tax_lines),
        promotion_codes=[],
        total_minor=totals.total_minor,
        pickup=Pickup(order.pickup.store) if order.pickup else None,
        taxation=OrderTaxation(
            totals.taxes.calculated_by,
            totals.taxes.is_fallback,
            order.taxation.vat_id if order.taxation else None,
            order.taxation.exemption if order.taxation else None,
            order.taxation.ioss_number if order.taxation else "",
        ),
        earns=order.earns,
        replaces_order_id=order.id,
        created_at=now,
        expires_at=now + timedelta(seconds=terms.reservation_seconds),
    )
    lines = [
        draft_line(order_id, position, item, tax_minor)
        for position, (item, tax_minor) in enumerate(
            zip(items, totals.taxes.of_lines_minor, strict=True)
        )
    ]
    return Attempt(made, lines, [], Actor.STAFF), checkout


def draft_exchange_payments(
    attempt: Attempt, sources: Sequence[Payment], amount_minor: int
) -> list[Payment]:
    """Returns payments of a replacement with what other payments took; they wait for the return."""
    order = attempt.order
    return [
        Payment(
            id=uuid7(),
            order_id=order.id,
            provider=source.provider,
            method_id=source.method_id,
            provider_method=source.provider_method,
            currency=order.currency,
            amount_minor=part_minor,
            settlement=Settlement.EXCHANGE,
            source_payment_id=source.id,
            gift_card_ending=source.gift_card_ending,
            created_at=order.created_at,
        )
        for source, part_minor in split_refund(sources, amount_minor)
    ]


def _draft_checkout(order: Order, now: datetime) -> Checkout:
    return Checkout(
        id=uuid7(),
        owner_id=order.owner_id,
        owner_kind="",
        organization_id=order.organization_id,
        channel_id=order.channel_id,
        cart_id=order.cart_id,
        currency=order.currency,
        locale=order.locale,
        email=order.email,
        created_at=now,
        expires_at=now,
    )

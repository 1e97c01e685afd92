"""Counts of orders by what they share, exact under concurrency.

An order counts from the commit that admits it. That commit holds an advisory lock on what is
counted, so that of two orders at once the second one sees the first.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, LiteralString

from chassis.data.tx import Tx
from checkout.fraud.model import Finding, FindingKind, FraudLimit, FraudMeasure, FraudSubject
from checkout.orders.model import Order
from checkout.payments.model import Payment

# Known before a payment is asked for, and after it is authorized.
BEFORE_PAYMENT: Final = (FraudSubject.CUSTOMER, FraudSubject.EMAIL, FraudSubject.ADDRESS)
OF_PAYMENT: Final = (FraudSubject.CARD,)
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 35))"
_SELECTED: Final[dict[FraudMeasure, LiteralString]] = {
    FraudMeasure.ORDERS: "count(*)",
    FraudMeasure.DECLINED_PAYMENTS: "count(*)",
    FraudMeasure.AMOUNT: "COALESCE(sum(o.total_minor), 0)::bigint",
}
# Orders that were given up do not count; one whose payment is under way may still be declined.
_COUNTED: Final[dict[FraudMeasure, LiteralString]] = {
    FraudMeasure.ORDERS: "o.status <> 'refused' AND o.refusal_reason = ''",
    FraudMeasure.AMOUNT: "o.status <> 'refused' AND o.refusal_reason = ''"
    " AND o.currency = %(currency)s",
    FraudMeasure.DECLINED_PAYMENTS: "(o.refusal_reason = 'PAYMENT_DECLINED'"
    " OR (o.refusal_reason = '' AND o.status IN ('pending', 'action_required')))",
}
# Verbatim as in the index `orders_postal_code`; the others are `orders_owner`, `orders_email` and
# `payment_card`. `begun` is written by the commit that admits an order.
_BEFORE: Final[dict[FraudSubject, LiteralString]] = {
    FraudSubject.CUSTOMER: "o.owner_id = %(owner_id)s",
    FraudSubject.EMAIL: "lower(o.email) = lower(%(email)s) AND o.email <> ''",
    FraudSubject.ADDRESS: "COALESCE(o.delivery_address ->> 'postal_code', '') = %(postal_code)s"
    " AND o.delivery_address ->> 'address_country' = %(country)s"
    " AND regexp_replace(lower(o.delivery_address ->> 'street_address'), '[[:space:][:punct:]]',"
    " '', 'g') = regexp_replace(lower(%(street)s::text), '[[:space:][:punct:]]', '', 'g')",
}
_OF_CARD: Final = (
    "o.id IN (SELECT p.order_id FROM payment p WHERE p.card_fingerprint = %(card)s"
    " AND p.card_fingerprint <> '' AND p.created_at >= %(since)s)"
)


async def find_exceeded(
    tx: Tx, limits: Sequence[FraudLimit], order: Order, payment: Payment | None
) -> list[Finding]:
    """Returns the limits that an order exceeds, in the transaction that admits it."""
    values = _values_of(order, payment)
    counted = [each for each in limits if _key_of(each.subject, values)]
    # In one order, so that two transactions wait for each other.
    for key in sorted({_key_of(each.subject, values) for each in counted}):
        await tx.fetch(_LOCK, [key])
    found = list[Finding]()
    for limit in counted:
        before = await _count(tx, limit, order, values)
        total = limit.count_with(before, order.total_minor)
        if total > limit.most:
            found.append(Finding(FindingKind.LIMIT, limit.code, limit.action, total, limit.most))
    return found


async def _count(tx: Tx, limit: FraudLimit, order: Order, values: dict[str, str]) -> int:
    """Returns what was before an order."""
    subject, measure = limit.subject, limit.measure
    where = (
        _OF_CARD if subject is FraudSubject.CARD else _BEFORE[subject] + " AND o.begun <> 'reserve'"
    )
    query = (
        "SELECT " + _SELECTED[measure] + " FROM orders o WHERE o.created_at >= %(since)s"
        " AND o.id <> %(order_id)s AND NOT o.is_synthetic"
        " AND (%(channel)s = '' OR o.channel_id = %(channel)s)"
        " AND " + where + " AND " + _COUNTED[measure]
    )
    record = await tx.fetch_one(
        query,
        {
            **values,
            "since": tx.now - timedelta(hours=limit.hours),
            "order_id": order.id,
            "owner_id": order.owner_id,
            "channel": limit.channel,
            "currency": limit.currency,
        },
    )
    return int(record[0]) if record else 0


def _values_of(order: Order, payment: Payment | None) -> dict[str, str]:
    address = order.delivery_address
    return {
        "owner": str(order.owner_id),
        "email": order.email,
        "postal_code": address.get("postal_code", ""),
        "country": address.get("address_country", ""),
        "street": address.get("street_address", ""),
        "card": payment.card_fingerprint if payment else "",
    }


def _key_of(subject: FraudSubject, values: dict[str, str]) -> str:
    """Returns what orders share; empty where an order has no such thing."""
    match subject:
        case FraudSubject.CUSTOMER:
            return f"customer:{values['owner']}"
        case FraudSubject.EMAIL:
            return f"email:{values['email'].lower()}" if values["email"] else ""
        case FraudSubject.ADDRESS:
            # All streets of a postal code wait for each other: the count tells them apart.
            place = f"address:{values['country']}:{values['postal_code']}"
            return place if values["street"] else ""
        case FraudSubject.CARD:
            return f"card:{values['card']}" if values["card"] else ""

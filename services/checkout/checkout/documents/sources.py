"""Credits of an order: the amounts that went back, and are due credit notes."""

from collections.abc import Iterable
from uuid import UUID

from chassis.data.tx import Read
from checkout.claims.queries import find_claims
from checkout.documents.amounts.credits import Credit
from checkout.orders.view import OrderView
from checkout.payments.refunds import Refund, RefundStatus
from checkout.returns.queries import find_returns


async def find_credits(read: Read, view: OrderView) -> list[Credit]:
    """Returns a credit for each cancellation, return, claim and other refund, oldest first.

    One whose refunds are not all settled is not in it yet.
    """
    found = list[tuple[UUID, Credit]]()
    for cancellation in view.cancellations:
        mine = [each for each in view.refunds if each.cancellation_id == cancellation.id]
        expected = cancellation.refunded_minor
        if _is_open(mine) or sum(each.amount_minor for each in mine) < expected:
            continue
        credit = Credit(
            source=f"cancellation:{cancellation.id}",
            amount_minor=_done(mine) + cancellation.voided_minor,
            voided_minor=cancellation.voided_minor,
            steps=tuple((each.order_line_id, each.start, each.end) for each in cancellation.lines),
            delivery_minor=cancellation.delivery_minor,
        )
        found.append((cancellation.id, credit))
    for each in await find_returns(read, [view.order.id]):
        mine = [refund for refund in view.refunds if refund.return_id == each.id]
        if _is_open(mine) or not (mine or each.voided_minor):
            continue
        credit = Credit(
            source=f"return:{each.id}",
            amount_minor=_done(mine) + each.voided_minor,
            voided_minor=each.voided_minor,
            steps=tuple(
                (line.order_line_id, units.start, units.end)
                for line in each.lines
                for units in line.received
            ),
            delivery_minor=each.delivery_minor,
        )
        found.append((each.id, credit))
    claims = {each.refund_key: each for each in await find_claims(read, [view.order.id])}
    for key, claim in claims.items():
        mine = [refund for refund in view.refunds if _call_of(refund) == key]
        if _is_open(mine) or not (mine or claim.voided_minor):
            continue
        amount = _done(mine) + claim.voided_minor
        found.append((claim.id, Credit(f"claim:{claim.id}", amount, claim.voided_minor)))
    for refunds in _by_call([each for each in view.refunds if _call_of(each) not in claims]):
        if not _is_open(refunds):
            first = min(each.id for each in refunds)
            found.append((first, Credit(f"refund:{first}", _done(refunds))))
    return [credit for _, credit in sorted(found, key=lambda one: one[0])]


def _by_call(refunds: Iterable[Refund]) -> list[list[Refund]]:
    """Returns the refunds that are of no cancellation and no return, by their call."""
    calls: dict[tuple[str, str], list[Refund]] = {}
    for each in refunds:
        if each.cancellation_id is None and each.return_id is None:
            calls.setdefault(_call_of(each), []).append(each)
    return list(calls.values())


def _call_of(refund: Refund) -> tuple[str, str]:
    return refund.caller, refund.idempotency_key


def _is_open(refunds: Iterable[Refund]) -> bool:
    return any(each.status is RefundStatus.PENDING for each in refunds)


def _done(refunds: Iterable[Refund]) -> int:
    return sum(each.amount_minor for each in refunds if each.status is RefundStatus.DONE)

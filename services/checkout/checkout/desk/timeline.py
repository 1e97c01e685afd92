"""Timelines: everything that happened to an order in order of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.audit import Audit
from chassis.data.statements import prepare
from chassis.data.tx import Read
from chassis.money import Money
from checkout.desk.model import OrderHold, OrderNote
from checkout.desk.queries import find_holds, find_notes
from checkout.orders.model import Actor, OrderStatus
from checkout.orders.queries import get_order
from checkout.orders.view import OrderView
from checkout.returns.model import Return
from checkout.returns.queries import find_returns

_AUDIT: Final = prepare(
    select(Audit)
    .where(col(Audit.subject) == bindparam("subject"))
    .order_by(col(Audit.at), col(Audit.id))
)
# Audit rows of what has no other trace in a timeline.
_OTHER_ACTS: Final = (
    "order.tag",
    "order.note.update",
    "order.note.delete",
    "order.review.release",
    "order.review.reject",
)


class TimelineKind(StrEnum):
    """Kinds of entries of a timeline."""

    STATUS = "status"
    PAYMENT = "payment"
    SHIPPED = "shipped"
    ARRIVED = "arrived"
    READY_FOR_PICKUP = "ready_for_pickup"
    LINES_CANCELLED = "lines_cancelled"
    RETURN_REQUESTED = "return_requested"
    RETURN_RECEIVED = "return_received"
    REFUND_STARTED = "refund_started"
    REFUNDED = "refunded"
    NOTE = "note"
    HELD = "held"
    RELEASED = "released"
    STAFF = "staff"


# What a buyer does not see.
STAFF_ONLY: Final = frozenset(
    {TimelineKind.NOTE, TimelineKind.HELD, TimelineKind.RELEASED, TimelineKind.STAFF}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened to an order."""

    at: datetime
    kind: TimelineKind
    status: OrderStatus | None = None
    actor: Actor | None = None
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    amount: Money | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeskWork:
    """The work of the staff on an order."""

    holds: Sequence[OrderHold] = ()
    notes: Sequence[OrderNote] = ()
    audit: Sequence[Audit] = ()


async def get_timeline(
    read: Read, order_id: UUID, *, for_staff: bool
) -> tuple[OrderView, list[TimelineEntry]]:
    """Returns an order and what happened to it, oldest first. Raises OrderNotFound.

    Without `for_staff` it leaves out what staff did among themselves, and who they are.
    """
    view = await get_order(read, order_id)
    returns = await find_returns(read, [order_id])
    work = DeskWork()
    if for_staff:
        work = DeskWork(
            await find_holds(read, order_id),
            await find_notes(read, order_id),
            await read.all(_AUDIT, subject=f"order:{order_id}"),
        )
    return view, merge_timeline(view, returns, work)


def merge_timeline(
    view: OrderView, returns: Sequence[Return], work: DeskWork
) -> list[TimelineEntry]:
    """Returns what happened, oldest first; at one time in the order of their kinds."""
    entries = [
        *_history(view, {each.trace_id: each.actor_id for each in work.audit if each.trace_id}),
        *_payments(view),
        *_parcels(view),
        *_refunds(view),
        *_returns(returns),
        *_desk_work(work),
    ]
    kinds = list(TimelineKind)
    return sorted(entries, key=lambda each: (each.at, kinds.index(each.kind)))


def _history(view: OrderView, staff: Mapping[str, UUID]) -> Iterator[TimelineEntry]:
    """Yields changes of the status and cancellations of lines; audit rows of one trace say who."""
    for event in view.history:
        if event.refund_id:
            # The refund itself is told.
            continue
        yield TimelineEntry(
            at=event.at,
            kind=TimelineKind.LINES_CANCELLED if event.cancellation_id else TimelineKind.STATUS,
            status=event.status,
            actor=event.actor,
            actor_id=staff.get(event.trace_id) if event.actor is Actor.STAFF else None,
            subject_id=event.cancellation_id,
        )


def _payments(view: OrderView) -> Iterator[TimelineEntry]:
    for payment in view.payments:
        yield TimelineEntry(
            at=payment.created_at,
            kind=TimelineKind.PAYMENT,
            actor=Actor.BUYER,
            subject_id=payment.id,
            amount=Money(payment.amount_minor, payment.currency),
            detail=payment.method_id,
        )


def _parcels(view: OrderView) -> Iterator[TimelineEntry]:
    for shipment in view.shipments:
        detail = f"{shipment.carrier} {shipment.tracking_number}".strip()
        yield TimelineEntry(
            at=shipment.shipped_at,
            kind=TimelineKind.SHIPPED,
            actor=Actor.STAFF,
            subject_id=shipment.id,
            detail=detail,
        )
        if shipment.delivered_at:
            yield TimelineEntry(
                at=shipment.delivered_at,
                kind=TimelineKind.ARRIVED,
                actor=Actor.STAFF,
                subject_id=shipment.id,
                detail=detail,
            )
    pickup = view.order.pickup
    if pickup and pickup.ready_at:
        yield TimelineEntry(
            at=pickup.ready_at,
            kind=TimelineKind.READY_FOR_PICKUP,
            actor=Actor.STAFF,
            detail=pickup.store.name,
        )


def _refunds(view: OrderView) -> Iterator[TimelineEntry]:
    actors = {event.refund_id: event.actor for event in view.history if event.refund_id}
    for refund in view.refunds:
        actor, amount = actors.get(refund.id), Money(refund.amount_minor, refund.currency)
        yield TimelineEntry(
            at=refund.created_at,
            kind=TimelineKind.REFUND_STARTED,
            actor=actor,
            subject_id=refund.id,
            amount=amount,
        )
        if refund.refunded_at:
            yield TimelineEntry(
                at=refund.refunded_at,
                kind=TimelineKind.REFUNDED,
                actor=Actor.PROVIDER,
                subject_id=refund.id,
                amount=amount,
            )


def _returns(returns: Sequence[Return]) -> Iterator[TimelineEntry]:
    for each in returns:
        yield TimelineEntry(
            at=each.created_at, kind=TimelineKind.RETURN_REQUESTED, subject_id=each.id
        )
        if each.received_at:
            yield TimelineEntry(
                at=each.received_at,
                kind=TimelineKind.RETURN_RECEIVED,
                actor=Actor.STAFF,
                subject_id=each.id,
            )


def _desk_work(work: DeskWork) -> Iterator[TimelineEntry]:
    for note in work.notes:
        yield _staff(TimelineKind.NOTE, note.created_at, note.author_id, note.id, note.text)
    for hold in work.holds:
        detail = f"{hold.reason}: {hold.note}" if hold.note else hold.reason.value
        yield _staff(TimelineKind.HELD, hold.held_at, hold.held_by, hold.id, detail)
        if hold.released_at:
            yield _staff(TimelineKind.RELEASED, hold.released_at, hold.released_by, hold.id, "")
    for row in work.audit:
        if row.action in _OTHER_ACTS:
            yield _staff(TimelineKind.STAFF, row.at, row.actor_id, None, _change_of(row))


def _staff(
    kind: TimelineKind, at: datetime, actor_id: UUID | None, subject_id: UUID | None, detail: str
) -> TimelineEntry:
    return TimelineEntry(
        at=at,
        kind=kind,
        actor=Actor.STAFF,
        actor_id=actor_id,
        subject_id=subject_id,
        detail=detail,
    )


def _change_of(row: Audit) -> str:
    """Returns an act with the tags that it left, where it changed these."""
    tags = (row.after or {}).get("tags")
    return f"{row.action}: {', '.join(map(str, tags))}" if isinstance(tags, list) else row.action

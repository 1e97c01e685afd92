"""Orders as staff see them, timelines, and searches: messages and values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import ColumnElement
from sqlmodel import col

from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.desk.actions import TagChanges
from checkout.desk.model import HoldReason, OrderHold, OrderNote
from checkout.desk.search import OrderSearch, OrderSort, matches_text
from checkout.desk.timeline import TimelineEntry, TimelineKind
from checkout.disputes.messages import dispute_to_proto
from checkout.disputes.model import PaymentDispute
from checkout.fraud.model import OrderRisk
from checkout.fraud.wire import risk_to_proto, signals_to_proto
from checkout.orders.messages import ACTORS, ORDER_STATUSES, PAYMENT_STATUSES, order_to_proto
from checkout.orders.model import Order
from checkout.orders.view import OrderView
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import order_desk_pb2 as pb

HOLD_REASONS: Final = EnumCodec(pb.HoldReason, HoldReason)
_KINDS: Final = EnumCodec(pb.OrderTimelineKind, TimelineKind)
_SORTS: Final = EnumCodec(pb.OrderSort, OrderSort, unspecified=OrderSort.NEWEST)


@dataclass(frozen=True, slots=True)
class Doubts:
    """The risk of an order, if it was screened, and the disputes of its payments."""

    risk: OrderRisk | None
    disputes: Sequence[PaymentDispute]


def search_from_proto(request: pb.SearchOrdersRequest, *, now: datetime) -> OrderSearch:
    """Returns the filters of a search."""
    return OrderSearch(
        number=request.number,
        email=request.email,
        customer_id=_optional_id(request, "customer_id"),
        organization_id=_optional_id(request, "organization_id"),
        sku=request.sku,
        placed_from=_time_of(request, "placed_from"),
        placed_to=_time_of(request, "placed_to"),
        statuses=[ORDER_STATUSES.decode(status) for status in request.statuses],
        currency=request.currency,
        total_from_minor=request.total_from_minor if request.HasField("total_from_minor") else None,
        total_to_minor=request.total_to_minor if request.HasField("total_to_minor") else None,
        channel=request.channel,
        country=request.country,
        payment_method=request.payment_method,
        payment_status=PAYMENT_STATUSES.decode(request.payment_status)
        if request.payment_status
        else None,
        tags=list(request.tags),
        is_held=request.on_hold if request.HasField("on_hold") else None,
        includes_synthetic=request.include_synthetic,
        is_pickup_overdue=request.pickup_overdue if request.HasField("pickup_overdue") else None,
        now=now,
        sort=_SORTS.decode(request.sort),
    )


def history_conditions(request: checkout_pb2.ListOrdersRequest) -> list[ColumnElement[bool]]:
    """Returns the conditions of a buyer's search in their own orders."""
    found: list[ColumnElement[bool]] = []
    if request.query.strip():
        found.append(matches_text(request.query))
    if placed_from := _time_of(request, "placed_from"):
        found.append(col(Order.placed_at) >= placed_from)
    if placed_to := _time_of(request, "placed_to"):
        found.append(col(Order.placed_at) < placed_to)
    return found


def tag_changes_from_proto(request: pb.TagOrdersRequest) -> TagChanges:
    return TagChanges(list(request.add), list(request.remove))


def hold_to_proto(hold: OrderHold) -> pb.OrderHold:
    return pb.OrderHold(
        id=str(hold.id),
        reason=HOLD_REASONS.encode(hold.reason),
        note=hold.note,
        held_by=str(hold.held_by),
        held_at=timestamp(hold.held_at),
    )


def staff_order_to_proto(
    view: OrderView, tags: Sequence[str], hold: OrderHold | None, doubts: Doubts
) -> pb.StaffOrder:
    return pb.StaffOrder(
        version=view.order.version,
        order=order_to_proto(view),
        tags=tags,
        hold=hold_to_proto(hold) if hold else None,
        risk=risk_to_proto(doubts.risk) if doubts.risk else None,
        disputes=map(dispute_to_proto, doubts.disputes),
        signals=signals_to_proto(view.payments),
    )


def note_to_proto(note: OrderNote) -> pb.OrderNote:
    return pb.OrderNote(
        id=str(note.id),
        version=note.version,
        order_id=str(note.order_id),
        text=note.text,
        author_id=str(note.author_id),
        created_at=timestamp(note.created_at),
        edited_by=str(note.edited_by or ""),
        edited_at=timestamp(note.edited_at),
    )


def entry_to_proto(entry: TimelineEntry) -> pb.OrderTimelineEntry:
    return pb.OrderTimelineEntry(
        at=timestamp(entry.at),
        kind=_KINDS.encode(entry.kind),
        status=ORDER_STATUSES.encode(entry.status)
        if entry.status
        else checkout_pb2.ORDER_STATUS_UNSPECIFIED,
        actor=ACTORS.encode(entry.actor) if entry.actor else checkout_pb2.ORDER_ACTOR_UNSPECIFIED,
        actor_id=str(entry.actor_id or ""),
        subject_id=str(entry.subject_id or ""),
        amount=money(entry.amount.amount_minor, entry.amount.currency) if entry.amount else None,
        detail=entry.detail,
    )


def _optional_id(request: Message, name: str) -> UUID | None:
    return parse_id(getattr(request, name), name) if request.HasField(name) else None


def _time_of(request: Message, name: str) -> datetime | None:
    if not request.HasField(name):
        return None
    stamp: Timestamp = getattr(request, name)
    return stamp.ToDatetime(UTC)

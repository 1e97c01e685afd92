"""Events of tags, holds and notes."""

from collections.abc import Sequence
from datetime import datetime

from chassis.rpc.wire import EnumCodec, timestamp
from checkout.desk.model import HoldReason, OrderHold, OrderNote
from checkout.orders.model import Order
from sojourn.checkout.v1 import order_desk_events_pb2 as pb
from sojourn.checkout.v1 import order_desk_pb2

_REASONS = EnumCodec(order_desk_pb2.HoldReason, HoldReason)


def order_held(
    order: Order, hold: OrderHold, *, review_until: datetime | None = None
) -> pb.OrderHeld:
    """Returns the event of a hold; `review_until` is the deadline of a review."""
    return pb.OrderHeld(
        order_id=str(order.id),
        version=order.version,
        reason=_REASONS.encode(hold.reason),
        channel=order.channel_id,
        number=order.number or "",
        review_until=timestamp(review_until),
    )


def order_released(order: Order) -> pb.OrderReleased:
    return pb.OrderReleased(order_id=str(order.id), version=order.version, channel=order.channel_id)


def order_tags_changed(order: Order, tags: Sequence[str]) -> pb.OrderTagsChanged:
    return pb.OrderTagsChanged(
        order_id=str(order.id), version=order.version, tags=tags, channel=order.channel_id
    )


def order_note_changed(note: OrderNote, *, is_deleted: bool = False) -> pb.OrderNoteChanged:
    return pb.OrderNoteChanged(
        order_id=str(note.order_id),
        note_id=str(note.id),
        version=note.version,
        deleted=is_deleted,
    )


def order_address_changed(order: Order) -> pb.OrderAddressChanged:
    return pb.OrderAddressChanged(
        order_id=str(order.id), version=order.version, channel=order.channel_id
    )

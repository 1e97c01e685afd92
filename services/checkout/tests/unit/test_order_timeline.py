"""Timelines: what happened to an order, merged in order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.data.audit import Audit
from chassis.runtime.clock import uuid7
from checkout.desk.model import HoldReason, OrderHold, OrderNote, require_tags
from checkout.desk.search import OrderSearch, OrderSort
from checkout.desk.timeline import STAFF_ONLY, DeskWork, TimelineKind, merge_timeline
from checkout.errors.orders import InvalidOrderSearch, InvalidOrderTag
from checkout.orders.model import Actor, Order, OrderEvent, OrderStatus
from checkout.orders.view import OrderView
from checkout.payments.model import OrderReason, Payment
from checkout.payments.refunds import Refund
from checkout.shipments.model import Shipment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDER_ID, ADA = uuid7(), uuid7()


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def an_event(minutes: int, status: OrderStatus, actor: Actor, **more: Any) -> OrderEvent:
    return OrderEvent(
        id=uuid7(), order_id=ORDER_ID, status=status, at=at(minutes), actor=actor,
        trace_id=f"t{minutes}", **more,
    )  # fmt: skip


def a_view() -> OrderView:
    """Returns an order that was placed, shipped and refunded in part."""
    payment = Payment(
        id=uuid7(), order_id=ORDER_ID, provider="simulator", method_id="card", currency="EUR",
        amount_minor=50_00, created_at=at(0),
    )  # fmt: skip
    refund = Refund(
        id=uuid7(), order_id=ORDER_ID, payment_id=payment.id, caller="", idempotency_key="",
        fingerprint=b"", currency="EUR", amount_minor=5_00, reason=OrderReason.OTHER,
        created_at=at(30), refunded_at=at(31),
    )  # fmt: skip
    return OrderView(
        Order.model_construct(id=ORDER_ID, pickup=None, currency="EUR"),
        payments=[payment],
        refunds=[refund],
        shipments=[
            Shipment(
                id=uuid7(),
                order_id=ORDER_ID,
                carrier="DHL",
                tracking_number="1Z",
                tracking_url="",
                shipped_at=at(20),
                delivered_at=at(60),
            )
        ],
        history=[
            an_event(0, OrderStatus.PENDING, Actor.BUYER),
            an_event(1, OrderStatus.PLACED, Actor.BUYER),
            an_event(20, OrderStatus.SHIPPED, Actor.STAFF),
            an_event(31, OrderStatus.SHIPPED, Actor.STAFF, refund_id=refund.id),
        ],
    )


def an_act(minutes: int, action: str, **after: Any) -> Audit:
    return Audit(
        id=uuid7(), at=at(minutes), actor_id=ADA, action=action, subject=f"order:{ORDER_ID}",
        after=after, trace_id=f"t{minutes}",
    )  # fmt: skip


def test_a_timeline_merges_everything_in_order_of_time_and_says_who_acted() -> None:
    hold = OrderHold(
        id=uuid7(), order_id=ORDER_ID, reason=HoldReason.ADDRESS, note="No number", held_by=ADA,
        held_at=at(5), released_by=ADA, released_at=at(10),
    )  # fmt: skip
    note = OrderNote(id=uuid7(), order_id=ORDER_ID, text="Called", author_id=ADA, created_at=at(7))
    acts = [an_act(6, "order.tag", tags=["gift"]), an_act(20, "order.ship", status="shipped")]

    entries = merge_timeline(a_view(), [], DeskWork([hold], [note], acts))

    assert [entry.kind for entry in entries] == [
        TimelineKind.STATUS, TimelineKind.PAYMENT, TimelineKind.STATUS, TimelineKind.HELD,
        TimelineKind.STAFF, TimelineKind.NOTE, TimelineKind.RELEASED, TimelineKind.STATUS,
        TimelineKind.SHIPPED, TimelineKind.REFUND_STARTED, TimelineKind.REFUNDED,
        TimelineKind.ARRIVED,
    ]  # fmt: skip
    assert [entry.detail for entry in entries if entry.actor_id] == [
        "address: No number", "order.tag: gift", "Called", "", "",
    ]  # fmt: skip
    shipped = next(entry for entry in entries if entry.status is OrderStatus.SHIPPED)
    assert (shipped.actor, shipped.actor_id) == (Actor.STAFF, ADA)


def test_a_timeline_without_the_work_of_the_staff_names_no_one_of_them() -> None:
    entries = merge_timeline(a_view(), [], DeskWork())

    assert not {entry.kind for entry in entries} & STAFF_ONLY
    assert {entry.actor_id for entry in entries} == {None}


@pytest.mark.parametrize("tag", ["Gift", "", "-gift", "a b", "ä", "x" * 41])
def test_a_text_that_no_tag_may_be_is_refused_with_its_place(tag: str) -> None:
    with pytest.raises(InvalidOrderTag) as caught:
        require_tags(["gift", tag], "add")

    assert caught.value.metadata["path"] == "add[1]"


@pytest.mark.parametrize(
    ("search", "path"),
    [
        (OrderSearch(total_from_minor=5), "currency"),
        (OrderSearch(total_to_minor=5), "currency"),
        (OrderSearch(sort=OrderSort.TOTAL_ASCENDING), "currency"),
        (OrderSearch(placed_from=at(1), placed_to=at(1)), "placed_to"),
    ],
)
def test_filters_that_do_not_fit_are_refused(search: OrderSearch, path: str) -> None:
    with pytest.raises(InvalidOrderSearch) as caught:
        search.require_valid()

    assert caught.value.metadata["path"] == path


def test_the_position_of_a_page_has_what_it_is_sorted_by() -> None:
    order = Order.model_construct(id=UUID(int=1), total_minor=5)

    assert OrderSort.NEWEST.position_of(order) == [UUID(int=1)]
    assert OrderSort.TOTAL_ASCENDING.position_of(order) == [5, UUID(int=1)]

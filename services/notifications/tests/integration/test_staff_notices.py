"""Mails to the staff: their recipients, once each, and reminders of evidence."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from chassis.data.timers import TimerRunner
from chassis.events.broker import Broker
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually, running
from notifications.staff_notices.reminders import remind_evidence
from notifications.staff_notices.stock import stock_timers
from services.notifications.tests.notifications_edge import STAFF, TOKENS, Edge
from services.notifications.tests.notifications_world import World, content_of, publish
from sojourn.catalog.v1.stock_events_pb2 import StockLow
from sojourn.checkout.v1 import disputes_pb2 as disputes
from sojourn.checkout.v1.order_desk_events_pb2 import OrderHeld
from sojourn.checkout.v1.refund_failures_pb2 import RefundFailed
from sojourn.notifications.v1 import staff_notices_pb2 as pb

ALL = [kind for kind in pb.StaffNoticeKind.values() if kind]
FINANCE = "finance@shop.example"
NEEDS_RESPONSE = disputes.PAYMENT_DISPUTE_STATUS_NEEDS_RESPONSE
UNDER_REVIEW = disputes.PAYMENT_DISPUTE_STATUS_UNDER_REVIEW
WON, LOST = disputes.PAYMENT_DISPUTE_STATUS_WON, disputes.PAYMENT_DISPUTE_STATUS_LOST


async def put(
    edge: Edge, code: str = "finance", version: int = 0, **fields: Any
) -> pb.StaffNoticeRecipient:
    recipient = {"code": code, "email": FINANCE, "kinds": ALL, **fields}
    request = pb.PutStaffNoticeRecipientRequest(recipient=recipient, expected_version=version)
    return await edge.peer.ask(
        edge.staff_notices.PutStaffNoticeRecipient, request, authorization=STAFF
    )


async def ask(edge: Edge, method: str, authorization: str = STAFF, **fields: Any) -> Any:
    request = getattr(pb, f"{method}Request")(**fields)
    return await edge.peer.ask(
        getattr(edge.staff_notices, method), request, authorization=authorization
    )


def a_dispute(world: World, *, hours: float = 100, **fields: Any) -> disputes.PaymentDisputeChanged:
    event = disputes.PaymentDisputeChanged(
        order_id=str(uuid7()),
        version=3,
        channel="web",
        owner_id=str(uuid7()),
        number="S-100042",
        dispute=disputes.PaymentDispute(
            id=str(uuid7()), status=NEEDS_RESPONSE, reason="fraudulent", amount=eur(29_90)
        ),
    )
    event.dispute.respond_by.FromDatetime(world.database.clock.now() + timedelta(hours=hours))
    for name, value in fields.items():
        setattr(event, name, value)
    return event


def changed(
    event: disputes.PaymentDisputeChanged, status: disputes.PaymentDisputeStatus.ValueType
) -> disputes.PaymentDisputeChanged:
    """The same dispute a version later, in another state."""
    later = disputes.PaymentDisputeChanged()
    later.CopyFrom(event)
    later.version += 1
    later.dispute.status = status
    return later


async def refusal_of(awaitable: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value.reason


async def notices(world: World) -> list[tuple[str, Any]]:
    """Recipient and kind of each mail to the staff, oldest first."""
    return [(mail.recipient, mail.variables["kind"]) for mail in await world.mails()]  # type: ignore[index,call-overload]


async def remind(world: World) -> None:
    await remind_evidence(world.database, world.wiring().rules)


async def test_recipients_are_kept_by_staff_with_versions_an_audit_row_and_no_address_in_it(
    world: World, edge: Edge
) -> None:
    made = await put(edge, channels=["web"])
    again = await put(edge, channels=["web"])
    changed_one = await put(edge, version=1, channels=["web"], email="other@shop.example")
    stale = await refusal_of(put(edge, version=1, active=False))
    read = await ask(edge, "GetStaffNoticeRecipient", code="finance")
    listed = await ask(edge, "ListStaffNoticeRecipients")
    kept = await put(edge, email=read.email, kinds=read.kinds, channels=read.channels)
    await ask(edge, "DeleteStaffNoticeRecipient", code="finance", expected_version=2)
    await ask(edge, "DeleteStaffNoticeRecipient", code="finance")

    assert (made.version, made.active, made.evidence_due_hours) == (1, True, 48)
    assert again == made
    assert (changed_one.version, stale) == (2, "VERSION_MISMATCH")
    assert list(listed.recipients) == [read] == [changed_one] == [kept]
    missing = ask(edge, "GetStaffNoticeRecipient", code="finance")
    assert await refusal_of(missing) == "STAFF_NOTICE_RECIPIENT_NOT_FOUND"
    async with world.database.read() as found:
        audit = await found.fetch("SELECT action, before::text, after::text FROM audit ORDER BY id")
    assert [action for action, *_ in audit] == [
        "staff_notice_recipient.put",
        "staff_notice_recipient.put",
        "staff_notice_recipient.delete",
    ]
    assert "@" not in str(audit)
    assert '"email_changed": true' in audit[1][2]
    events = await world.events(pb.StaffNoticeRecipientChanged)
    assert [(event.code, event.version) for event in events] == [("finance", 1), ("finance", 2)]
    assert [each.code for each in await world.events(pb.StaffNoticeRecipientDeleted)] == ["finance"]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"email": "nobody"}, "recipient.email"),
        ({"kinds": []}, "recipient.kinds"),
    ],
)
async def test_a_recipient_that_cannot_be_is_refused_and_changes_nothing(
    world: World, edge: Edge, fields: dict[str, Any], path: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await put(edge, **fields)

    assert refused.value.reason == "INVALID_STAFF_NOTICE_RECIPIENT"
    assert refused.value.metadata["path"] == path
    assert not (await ask(edge, "ListStaffNoticeRecipients")).recipients


async def test_recipients_are_read_and_changed_by_their_scopes_only(
    edge: Edge,
) -> None:
    reader, writer = TOKENS.staff("notifications.read"), TOKENS.staff("notifications.write")
    recipient = {"code": "a", "email": FINANCE, "kinds": ALL}

    by_reader = ask(edge, "PutStaffNoticeRecipient", reader, recipient=recipient)
    by_writer = ask(edge, "ListStaffNoticeRecipients", writer)

    assert await refusal_of(by_reader) == "SCOPE_REQUIRED"
    assert await refusal_of(by_writer) == "SCOPE_REQUIRED"


async def test_a_dispute_is_mailed_once_to_each_address_of_its_channel_and_kind(
    world: World, edge: Edge, logs: io.StringIO
) -> None:
    await put(edge)
    await put(edge, "finance-too", channels=["web"])
    await put(edge, "others", email="de@shop.example", channels=["de"])
    await put(edge, "stock", email="stock@shop.example", kinds=[pb.STAFF_NOTICE_KIND_STOCK_LOW])
    await put(edge, "away", email="away@shop.example", active=False)
    event = a_dispute(world)

    await world.handle(event, event, changed(event, UNDER_REVIEW), changed(event, LOST))

    assert await notices(world) == [(FINANCE, "dispute_opened"), (FINANCE, "dispute_lost")]
    assert FINANCE not in logs.getvalue()


@pytest.mark.parametrize(
    ("locale", "subject", "text"),
    [
        ("en", "A payment of order S-100042 is disputed", "€29.90"),
        ("de-AT", "Zahlung der Bestellung S-100042 bestritten", "€ 29,90"),
    ],
)
async def test_an_event_that_comes_twice_sends_one_mail_in_the_recipients_language(
    world: World, edge: Edge, locale: str, subject: str, text: str
) -> None:
    await put(edge, locale=locale)
    broker: Broker = await world.service.broker()
    event = a_dispute(world)

    async with running(world.consumer(broker), world.timers()):
        event_id = await publish(broker, event)
        await publish(broker, event, event_id=event_id)
        await publish(broker, event)
        other = await publish(broker, a_dispute(world, channel="de", number="S-2"))
        await eventually(lambda: len(world.postbox.to(FINANCE)) == 2)

    assert other
    [letter] = [each for each in world.postbox.to(FINANCE) if "S-100042" in each.subject]
    content = content_of(letter)
    assert letter.subject == subject
    assert text in content["text"].replace("\xa0", " ")
    assert "List-Unsubscribe" not in content["headers"]


async def test_evidence_is_reminded_of_once_before_its_date_at_each_recipients_time(
    world: World, edge: Edge
) -> None:
    early, late = "early@shop.example", "late@shop.example"
    kinds = [pb.STAFF_NOTICE_KIND_EVIDENCE_DUE]
    await put(edge, "early", email=early, kinds=kinds, evidence_due_hours=72)
    await put(edge, "late", email=late, kinds=kinds, evidence_due_hours=24)
    await world.handle(a_dispute(world, hours=100))

    await remind(world)
    before = await notices(world)
    world.database.clock.shift_to(30 * 3_600)
    await remind(world)
    await remind(world)
    first = await notices(world)
    world.database.clock.shift_to(80 * 3_600)
    await remind(world)
    world.database.clock.shift_to(130 * 3_600)
    await remind(world)

    assert before == []
    assert first == [(early, "evidence_due")]
    assert await notices(world) == [(early, "evidence_due"), (late, "evidence_due")]


@pytest.mark.parametrize("status", [UNDER_REVIEW, WON, LOST])
async def test_evidence_that_was_sent_or_is_no_longer_taken_is_not_reminded_of(
    world: World, edge: Edge, status: disputes.PaymentDisputeStatus.ValueType
) -> None:
    await put(edge, kinds=[pb.STAFF_NOTICE_KIND_EVIDENCE_DUE], evidence_due_hours=720)
    event = a_dispute(world)

    # The older event comes again, after the newer one.
    await world.handle(event, changed(event, status), event)
    await remind(world)

    assert await notices(world) == []


async def test_replicas_that_remind_at_once_send_one_mail(world: World, edge: Edge) -> None:
    await put(edge, kinds=[pb.STAFF_NOTICE_KIND_EVIDENCE_DUE], evidence_due_hours=720)
    await world.handle(a_dispute(world))

    await asyncio.gather(*(remind(world) for _ in range(4)))

    assert await notices(world) == [(FINANCE, "evidence_due")]


async def test_a_date_of_evidence_that_changes_is_reminded_of_again(
    world: World, edge: Edge
) -> None:
    await put(edge, kinds=[pb.STAFF_NOTICE_KIND_EVIDENCE_DUE], evidence_due_hours=720)
    event = a_dispute(world)
    await world.handle(event)
    await remind(world)

    later = changed(event, NEEDS_RESPONSE)
    later.dispute.respond_by.seconds += 86_400
    await world.handle(later)
    await remind(world)

    assert await notices(world) == [(FINANCE, "evidence_due")] * 2


async def test_reviews_and_owed_refunds_are_mailed(world: World, edge: Edge) -> None:
    await put(edge, channels=["web"])
    review = held()
    review.review_until.FromDatetime(world.database.clock.now() + timedelta(hours=72))
    refund = RefundFailed(
        order_id=str(uuid7()), refund_id=str(uuid7()), channel="web", number="S-2", amount=eur(5)
    )
    again = RefundFailed(attempt=1)
    again.MergeFrom(refund)

    await world.handle(held(), review, review, refund, refund, again)

    assert [kind for _, kind in await notices(world)] == [
        "order_under_review",
        "refund_owed",
        "refund_owed",
    ]
    async with world.working():
        await eventually(lambda: len(world.postbox.to(FINANCE)) == 3)
    texts = " ".join(content_of(each)["text"] for each in world.postbox.to(FINANCE))
    assert "€0.05 for order S-2 failed" in texts


async def test_all_stock_that_falls_within_some_minutes_is_one_mail(
    world: World, edge: Edge
) -> None:
    await put(edge, channels=["web"])
    mug = StockLow(variant_id=str(uuid7()), sku="MUG <S>", warehouse="berlin", left=2)
    pot = StockLow(variant_id=str(uuid7()), sku="POT", warehouse="paris", left=0)
    lower = StockLow(variant_id=mug.variant_id, sku="MUG <S>", warehouse="berlin", left=1)
    rules = world.wiring().rules

    async def mail_low_stock(timer_runs: int = 1) -> None:
        handlers = stock_timers(world.database, rules)
        async with running(TimerRunner(world.database, handlers).run):
            await eventually(lambda: _told(world, timer_runs))

    await world.handle(mug, pot, lower)
    due = await world.service.rows("SELECT due_at FROM timer WHERE kind = 'staff.low_stock'")
    assert await notices(world) == []
    world.database.clock.shift_to(15 * 60)
    await mail_low_stock()
    await world.handle(mug)
    world.database.clock.shift_to(30 * 60)
    await mail_low_stock(2)

    assert 0 <= (due[0][0] - world.database.clock.now()).total_seconds() + 30 * 60 <= 15 * 60  # type: ignore[operator]
    assert await notices(world) == [(FINANCE, "stock_low")] * 2
    async with world.working():
        await eventually(lambda: len(world.postbox.to(FINANCE)) == 2)
    letters = {each.subject: content_of(each) for each in world.postbox.to(FINANCE)}
    content = letters["Stock is low: MUG <S>, POT"]
    assert "Stock is low: MUG <S>" in letters
    assert "MUG <S> (berlin): 1 left" in content["text"]
    assert "POT (paris): 0 left" in content["text"]
    assert "MUG &lt;S&gt; (berlin): 1 left" in content["html"]


async def _told(world: World, mails: int) -> bool:
    return len(await world.mails()) == mails


def held(**fields: Any) -> OrderHeld:
    return OrderHeld(order_id=str(uuid7()), version=2, channel="web", number="S-1", **fields)

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.events.broker import Broker
from chassis.runtime.clock import uuid7
from chassis.testing import an_email, eur, eventually, running, sample_value
from checkout.testing import a_shipment, an_order
from notifications.templates.survey_tokens import read_survey_token
from services.notifications.tests.notifications_world import (
    SECRET,
    World,
    confirmed,
    content_of,
    placed,
    publish,
    registered,
)
from sojourn.cart.v1 import events_pb2 as cart_pb2
from sojourn.catalog.v1 import subscription_events_pb2 as alerts_pb2
from sojourn.catalog.v1 import subscriptions_pb2
from sojourn.checkout.v1 import events_pb2, gift_card_events_pb2, refund_destination_pb2
from sojourn.checkout.v1.checkout_pb2 import (
    ORDER_STATUS_CANCELLING,
    ORDER_STATUS_DELIVERED,
    Cancellation,
    CancelledLine,
    Order,
    Refund,
    TaxLine,
)
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_TAX
from sojourn.identity.v1 import events_pb2 as identity_pb2
from sojourn.notifications.v1 import events_pb2 as own_pb2


@pytest.fixture
async def broker(world: World) -> Broker:
    return await world.service.broker()


async def test_an_event_delivered_three_times_sends_one_mail(world: World, broker: Broker) -> None:
    order = an_order()

    async with running(world.consumer(broker), world.timers()):
        event_id = await publish(broker, placed(order))
        await publish(broker, placed(order), event_id=event_id)
        await world.becomes("sent")
        # A new event id passes the inbox. The dedupe key of the mail prevents a second one.
        await publish(broker, placed(order))
        other = await publish(broker, placed())
        await eventually(lambda: _handled(world, other))
        await eventually(lambda: len(world.postbox.to()) == 2)

    assert world.postbox.counts(order.email) == (1, 1)
    (letter,) = world.postbox.to(order.email)
    content = content_of(letter)
    assert letter.subject == "Ihre Bestellung S-100042 ist bestätigt"
    assert [
        wanted
        for wanted in ("Trail Runner 3", "133,90\xa0€", "5.–7. März", "Unter den Linden 1")
        if wanted not in content["html"]
    ] == []
    assert "133,90\xa0€" in content["text"]
    assert "List-Unsubscribe" not in content["headers"]


@pytest.mark.parametrize(
    ("label", "line"),
    [
        ("MwSt. 19 % enthalten", "MwSt. 19 % enthalten: 2,38\xa0€"),
        # As releases before labels named the tax wrote it.
        ("included", "Enthaltene Steuer: 2,38\xa0€"),
    ],
)
async def test_an_order_confirmation_names_the_tax_that_the_prices_include(
    world: World, label: str, line: str
) -> None:
    order = an_order(tax_lines=[TaxLine(title="MwSt. 19 %", amount=eur(2_38), included=True)])
    order.totals.add(type=TOTAL_TYPE_TAX, label=label, amount=eur(2_38))

    await world.handle(placed(order))
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(order.email)
    assert line in content_of(letter)["text"]


async def test_only_an_order_confirmation_is_timed_from_its_order(
    world: World, broker: Broker
) -> None:
    order = an_order()
    order.placed_at.FromDatetime(world.database.clock.now() - timedelta(seconds=100))
    shipped = an_order()
    before = told("count"), told("bucket", le="60.0"), told("bucket", le="120.0")

    async with running(world.consumer(broker), world.timers()):
        await publish(broker, placed(order))
        await publish(
            broker,
            events_pb2.OrderShipped(order=shipped, shipment=a_shipment(shipped), locale="de"),
        )
        await eventually(lambda: len(world.postbox.to()) == 2)
        await eventually(lambda: told("count") == before[0] + 1)

    assert (told("bucket", le="60.0"), told("bucket", le="120.0")) == (before[1], before[2] + 1)


def told(what: str, **labels: str) -> float:
    return sample_value(f"confirmation_mail_seconds_{what}", **labels)


async def _handled(world: World, event_id: UUID) -> bool:
    async with world.database.read() as read:
        return (
            await read.fetch_one("SELECT 1 FROM inbox WHERE event_id = %s", [event_id]) is not None
        )


async def test_each_event_of_an_order_is_mailed_once(world: World) -> None:
    order, owner_id = an_order(), uuid7()
    order.owner_id = str(owner_id)
    shipment = a_shipment(order)
    delivered = an_order(
        id=order.id, email=order.email, owner_id=str(owner_id), status=ORDER_STATUS_DELIVERED
    )
    events = [
        placed(order, "en"),
        events_pb2.OrderShipped(order=order, shipment=shipment, locale="en"),
        events_pb2.OrderDelivered(order=delivered, shipment=shipment, locale="en"),
        events_pb2.OrderCancelled(order=order, locale="en"),
    ]

    await world.confirm(order.email)
    await world.handle(*events, *events)
    async with world.working():
        await eventually(lambda: len(world.postbox.to(order.email)) == 4)
        await eventually(lambda: _is_done(world))

    letters = {letter.subject: content_of(letter) for letter in world.postbox.to(order.email)}
    assert set(letters) == {
        f"Your order S-100042 {what}"
        for what in ("is confirmed", "is on its way", "has arrived", "was cancelled")
    }
    assert "https://tracking.example/0034" in letters["Your order S-100042 is on its way"]["links"]
    asking = letters["Your order S-100042 has arrived"]
    scores = [link for link in asking["links"] if "/survey?" in link]
    assert len(scores) == 11
    token = scores[0].partition("#token=")[2].partition("&")[0]
    assert read_survey_token(SECRET, token) == (UUID(order.id), owner_id)
    assert asking["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    sent = {event.template: event for event in await world.events(own_pb2.MessageSent)}
    assert len(sent) == 4
    assert {event.order_id for event in sent.values()} == {order.id}
    assert [name for name, event in sent.items() if event.asks_survey] == ["order_delivered"]


async def test_a_refund_is_mailed_once_with_its_amount_in_the_locale_of_the_order(
    world: World,
) -> None:
    order = an_order()
    event = refunded(order, amount_minor=49_90, locale="de")

    await world.handle(event, event)
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(order.email)
    assert letter.subject == "Erstattung zu Ihrer Bestellung S-100042"
    assert "49,90\xa0€" in content_of(letter)["text"]


async def test_a_refund_on_store_credit_is_mailed_as_one(world: World) -> None:
    order = an_order()
    event = refunded(order, amount_minor=49_90, locale="en")
    event.refund.destination = refund_destination_pb2.REFUND_DESTINATION_STORE_CREDIT

    await world.handle(event)
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(order.email)
    text = content_of(letter)["text"]
    assert "store credit" in " ".join(text.split())
    assert "payment" not in text


async def test_cancelled_lines_are_mailed_once_with_what_goes_back(world: World) -> None:
    order = an_order()
    line = CancelledLine(order_line_id=order.lines[0].id, item=order.lines[0].item)
    made = Cancellation(id=str(uuid7()), lines=[line], refunded=eur(64_50), voided=eur(0))
    event = events_pb2.OrderLinesCancelled(order=order, cancellation=made, locale="en")
    refund = refunded(order, amount_minor=64_50, locale="en")
    refund.refund.cancellation_id = made.id

    await world.handle(refund, event, event)
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(order.email)
    assert letter.subject == "Items of your order S-100042 were cancelled"
    text = content_of(letter)["text"]
    assert "We refund €64.50" in text
    assert "less to pay" not in text


async def test_a_link_to_an_order_is_mailed_once_with_its_secret_in_the_fragment(
    world: World,
) -> None:
    event = events_pb2.OrderLinkRequested(
        order_id=str(uuid7()), number="S-1", email=an_email(), token="a-secret", locale="de"
    )

    await world.handle(event, event)
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(event.email)
    assert letter.subject == "Der Link zu Ihrer Bestellung S-1"
    assert world.token_in(event.email, "/orders/link") == "a-secret"


async def test_a_gift_card_is_mailed_once_to_its_recipient_without_a_stranger_s_links(
    world: World,
) -> None:
    friend = an_email()
    event = gift_card_events_pb2.GiftCardSent(
        gift_card_id=str(uuid7()),
        version=2,
        email=friend,
        recipient_name="Ben",
        sender_name="Ada",
        message="Look at https://evil.example",
        code="ABCD-EFGH-JKLM-NPQR",
        amount=eur(50_00),
        locale="en",
        order_id=str(uuid7()),
        owner_id=str(uuid7()),
    )

    await world.handle(event, event)
    async with world.working():
        await world.becomes("sent")

    (letter,) = world.postbox.to(friend)
    text = content_of(letter)["text"]
    assert letter.subject == "A gift card of €50.00 from Ada"
    assert "ABCD-EFGH-JKLM-NPQR" in text
    assert "evil" not in text


async def test_a_refund_of_a_cancellation_and_of_an_older_release_is_not_mailed(
    world: World,
) -> None:
    cancelling = an_order(status=ORDER_STATUS_CANCELLING)
    older = events_pb2.OrderRefunded(order_id=str(uuid7()), amount=eur(1_00))

    await world.handle(refunded(cancelling, amount_minor=1_00, locale="en"), older)

    assert await world.mails() == []


def refunded(order: Order, *, amount_minor: int, locale: str) -> events_pb2.OrderRefunded:
    refund = Refund(id=str(uuid7()), amount=eur(amount_minor))
    return events_pb2.OrderRefunded(order=order, refund=refund, locale=locale)


async def _are(world: World, states: list[str]) -> bool:
    return [state for _, state, _ in await world.states()] == states


async def _is_done(world: World) -> bool:
    return {mail.state for mail in await world.mails()} == {
        "sent"
    } and await world.timers_left() == 0


async def test_a_customer_is_welcomed_once_the_address_is_confirmed(world: World) -> None:
    event = confirmed()
    await world.handle(registered(event.email, customer_id=event.customer_id))
    assert await world.mails() == []

    await world.handle(event)
    async with world.working():
        mail = await world.becomes("sent")

    assert (mail.template, mail.owner_id) == ("welcome", UUID(event.customer_id))
    assert world.postbox.to(event.email)[0].subject == "Welcome to Sojourn"


async def test_an_abandoned_cart_and_an_event_without_an_address_are_not_mailed(
    world: World, broker: Broker
) -> None:
    without = an_order()
    without.email = ""

    async with running(world.consumer(broker)):
        await publish(broker, cart_pb2.CartAbandoned(cart_id=str(uuid7()), email=an_email()))
        event_id = await publish(broker, placed(without))
        await eventually(lambda: _handled(world, event_id))

    assert await world.mails() == []


async def test_a_mail_to_an_invalid_address_fails_without_an_attempt(world: World) -> None:
    await world.handle(placed(an_order(email="not-an-address")))

    mail = await world.mail()
    assert (mail.state, mail.reason) == ("failed", "INVALID_RECIPIENT")
    assert await world.timers_left() == 0


async def test_a_mail_belongs_to_the_trace_of_its_event(world: World, broker: Broker) -> None:
    spans = InMemorySpanExporter()
    trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(spans))  # type: ignore[attr-defined]
    trace_id = uuid7().hex
    order = an_order()

    async with running(world.consumer(broker), world.timers()):
        await publish(broker, placed(order), traceparent=f"00-{trace_id}-{uuid7().hex[:16]}-01")
        mail = await world.becomes("sent")

    assert mail.trace_id == trace_id
    mine = [
        span
        for span in spans.get_finished_spans()
        if span.context and f"{span.context.trace_id:032x}" == trace_id
    ]
    assert {"consume sojourn.checkout.v1.OrderPlaced", "timer send", "offer mail"} <= {
        span.name for span in mine
    }
    told = "".join(f"{span.name} {dict(span.attributes or {})} {span.events}" for span in mine)
    assert [secret for secret in (order.email, "Unter den Linden", "Roth") if secret in told] == []


async def test_events_of_synthetic_shoppers_are_not_mailed(world: World, broker: Broker) -> None:
    order, other = an_order(synthetic=True), an_order()

    async with running(world.consumer(broker), world.timers()):
        for event in (placed(order), events_pb2.OrderCancelled(order=order, locale="en")):
            await publish(broker, event, synthetic=True)
        await publish(broker, placed(other))
        await eventually(lambda: world.events(own_pb2.MessageSent))

    assert [str(mail.order_id) for mail in await world.mails()] == [other.id]
    assert world.postbox.to(order.email) == []


async def test_an_alert_is_confirmed_and_told_once_a_cause_in_the_reader_s_language(
    world: World, broker: Broker
) -> None:
    email, alert_id = an_email(), str(uuid7())
    asked = alerts_pb2.AlertConfirmationRequested(
        alert_id=alert_id,
        kind=subscriptions_pb2.ALERT_KIND_PRICE_DROP,
        email=email,
        token="starts",
        end_token="ends",
        locale="de",
    )
    told = alerts_pb2.AlertTriggered(
        alert_id=alert_id,
        version=2,
        kind=subscriptions_pb2.ALERT_KIND_PRICE_DROP,
        email=email,
        end_token="ends",
        locale="de",
        product_slug="lamp",
        title="Lampe",
        price=eur(40_00),
        price_before=eur(50_00),
    )

    async with running(world.consumer(broker), world.timers()):
        await publish(broker, asked)
        await publish(broker, told)
        last = await publish(broker, told)
        await eventually(lambda: _handled(world, last))
        await eventually(lambda: len(world.postbox.to(email)) == 2)

    by_subject = {letter.subject: content_of(letter)["text"] for letter in world.postbox.to(email)}
    drop = by_subject["Lampe kostet jetzt weniger"]
    assert "40,00\xa0€ statt 50,00\xa0€" in drop
    assert all("#token=ends" in text for text in by_subject.values())
    assert any("/alerts/confirm?" in text for text in by_subject.values())
    # A mail program ends the alert by one click (RFC 8058).
    heads = [content_of(letter)["headers"] for letter in world.postbox.to(email)]
    one_click = "<https://shop.example/v1/subscriptions/alerts/unsubscribe?token=ends>"
    assert [each["List-Unsubscribe"] for each in heads] == [one_click] * 2
    assert {each["List-Unsubscribe-Post"] for each in heads} == {"List-Unsubscribe=One-Click"}


async def test_an_erased_customer_leaves_no_address_behind(world: World) -> None:
    email, customer_id = an_email(), str(uuid7())
    await world.handle(confirmed(email, customer_id=customer_id))
    async with world.working():
        await world.becomes("sent")
    await world.handle(placed(an_order(email=email)))
    erased = identity_pb2.CustomerErased(customer_id=customer_id, email=email)

    await world.handle(erased, erased)
    # An event that comes late brings nothing back.
    await world.handle(registered(email, customer_id=customer_id))
    waiting = [mail.recipient for mail in await world.mails()]
    async with world.working():
        await eventually(lambda: _are(world, ["sent", "suppressed", "sent"]))

    # The last mail has its address until it is sent.
    assert waiting == ["", "", email]
    assert "Your account at Sojourn is deleted" in {
        letter.subject for letter in world.postbox.to(email)
    }
    assert [(mail.recipient, mail.variables, mail.owner_id) for mail in await world.mails()] == [
        ("", {}, None)
    ] * 3
    async with world.database.read() as read:
        known = await read.fetch(
            "SELECT email_digest FROM subscriber UNION ALL SELECT email_digest FROM mail"
            " UNION ALL SELECT email_digest FROM confirmed_address"
        )
    assert {digest for (digest,) in known} == {""}


async def test_a_last_mail_that_is_refused_is_forgotten_too(world: World) -> None:
    email = an_email()
    world.postbox.misbehave("refuse_permanently", stage="rcpt")

    await world.handle(identity_pb2.CustomerErased(customer_id=str(uuid7()), email=email))
    async with world.working():
        await world.becomes("failed")

    [mail] = await world.mails()
    assert (mail.recipient, mail.email_digest, mail.reason) == ("", "", "REFUSED")

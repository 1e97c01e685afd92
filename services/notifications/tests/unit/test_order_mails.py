"""Mails about orders, from the events that cause them."""

from __future__ import annotations

from datetime import date

from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.testing import an_order
from notifications.delivery.preview import create_sample_mail
from notifications.delivery.renderer import Renderer, Rendering
from notifications.mails.compose.orders import compose_order_confirmation, compose_order_documents
from notifications.mails.model import NewMail
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates.links import Links
from notifications.templates.variables import validate_variables
from sojourn.checkout.v1 import (
    checkout_pb2,
    document_events_pb2,
    documents_pb2,
    events_pb2,
    gift_message_pb2,
)


def a_request(*tokens: str) -> document_events_pb2.OrderDocumentsSent:
    event = document_events_pb2.OrderDocumentsSent(
        order_id=str(uuid7()),
        order_number="S-100042",
        email="ada@example.org",
        locale="de-DE",
        documents=[
            document_events_pb2.SentDocument(
                kind=documents_pb2.DOCUMENT_KIND_CREDIT_NOTE
                if index
                else documents_pb2.DOCUMENT_KIND_INVOICE,
                number=f"N-{index}",
                issued_on="2026-03-03",
                gross=eur(10_00),
                token=token,
            )
            for index, token in enumerate(tokens)
        ],
    )
    event.links_expire_at.FromJsonString("2026-04-02T10:00:00Z")
    return event


def test_documents_of_one_commit_are_one_mail() -> None:
    mail = compose_order_documents(a_request("t-1", "t-2"))

    assert [(each["kind"], each["token"]) for each in mail.variables["documents"]] == [
        ("invoice", "t-1"),
        ("credit_note", "t-2"),
    ]
    assert mail.variables["links_end_on"] == date(2026, 4, 2)
    assert mail.recipient == "ada@example.org"


def test_an_event_that_is_repeated_is_one_mail_and_another_request_is_another() -> None:
    keys = [compose_order_documents(a_request(token)).dedupe_key for token in ("a", "a", "b")]

    assert keys[0] == keys[1] != keys[2]
    assert "a" not in keys[0].removeprefix("order-documents:").split(":")


def test_a_confirmation_names_what_is_left_to_transfer() -> None:
    payment = checkout_pb2.Payment(
        amount=eur(133_90),
        captured=eur(33_90),
        reference="RF18 5390",
        instructions="IBAN DE89 3704",
    )
    payment.due_at.FromJsonString("2026-03-16T09:30:00Z")

    mail = compose_order_confirmation(events_pb2.OrderPlaced(order=an_order(payments=[payment])))
    paid = compose_order_confirmation(events_pb2.OrderPlaced(order=an_order()))

    assert mail.variables["transfer"] == {
        "amount": {"amount_minor": 100_00, "currency": "EUR"},
        "reference": "RF18 5390",
        "instructions": "IBAN DE89 3704",
        "due_on": date(2026, 3, 16),
    }
    assert "transfer" not in paid.variables


def a_split_order(*days: str) -> checkout_pb2.Order:
    """An order of a line more than its plan of shipments has days; each line leaves alone."""
    order = an_order()
    line = order.lines[0]
    del order.lines[:]
    for place, day in enumerate(days):
        each = order.lines.add()
        each.CopyFrom(line)
        each.id, each.item.title, each.item.options = str(uuid7()), f"Part <{place}>", ""
        order.delivery_option.shipments.add(line_ids=[each.id], earliest_on=day, latest_on=day)
    return order


def test_a_confirmation_of_a_split_order_lists_its_groups_with_their_days() -> None:
    order = a_split_order("2026-03-05", "2026-04-01", "")
    order.placed_at.FromJsonString("2026-03-02T09:30:00Z")

    mail = compose_order_confirmation(events_pb2.OrderPlaced(order=order, locale="en"))

    assert mail.variables["shipments"] == [
        {"titles": ["Part <0>"], "earliest_on": date(2026, 3, 5), "latest_on": date(2026, 3, 5)},
        {"titles": ["Part <1>"], "earliest_on": date(2026, 4, 1), "latest_on": date(2026, 4, 1)},
        {"titles": ["Part <2>"], "earliest_on": None, "latest_on": None},
    ]
    shown = rendered(mail, "en")
    assert "March 5, 2026: Part <0>" in shown.text
    assert "<strong>April 1, 2026</strong>: Part &lt;1&gt;" in shown.html
    assert "Day not known yet: Part <2>" in shown.text
    assert "Tag noch nicht bekannt: Part <2>" in rendered(mail, "de").text


def test_a_group_of_another_year_than_the_order_has_its_year() -> None:
    order = a_split_order("2026-12-05", "2027-05-02")
    order.placed_at.FromJsonString("2026-12-02T09:30:00Z")
    for each in order.delivery_option.shipments:
        each.latest_on = each.latest_on.replace("-05", "-09").replace("-02", "-05")

    text = rendered(
        compose_order_confirmation(events_pb2.OrderPlaced(order=order, locale="de")), "de"
    ).text

    assert "5.–9. Dez.: Part <0>" in text
    assert "2027: Part <1>" in text


def test_a_confirmation_of_an_order_that_leaves_at_once_lists_no_groups() -> None:
    at_once = compose_order_confirmation(events_pb2.OrderPlaced(order=an_order()))
    together = compose_order_confirmation(events_pb2.OrderPlaced(order=a_split_order("2026-03-05")))
    unknown = compose_order_confirmation(events_pb2.OrderPlaced(order=a_split_order("")))

    assert "shipments" not in at_once.variables
    assert "shipments" not in together.variables
    assert len(unknown.variables["shipments"]) == 1


def rendered(new: NewMail, locale: str) -> Rendering:
    mail = create_sample_mail("order_confirmation", locale=locale)
    mail.variables = validate_variables(new.template.variables, new.variables).model_dump(
        mode="json"
    )
    links = Links("https://shop.example", UnsubscribeTokens("a-secret"), "a-secret")
    return Renderer(links, shop_name="Sojourn", default_locale="en").render(mail)


def test_a_confirmation_has_the_gift_messages_that_hold_no_link() -> None:
    order = an_order()
    order.gift_messages.extend(
        [
            gift_message_pb2.GiftMessage(message="See http://evil.example"),
            gift_message_pb2.GiftMessage(
                line_id=order.lines[0].id, message="Run well!", sender_name="www.evil.example"
            ),
        ]
    )

    mail = compose_order_confirmation(events_pb2.OrderPlaced(order=order))

    assert mail.variables["gift_messages"] == [
        {
            "title": "Trail Runner 3",
            "message": "Run well!",
            "sender_name": "",
            "recipient_name": "",
        }
    ]

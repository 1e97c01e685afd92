"""Mails about orders, from the events that cause them."""

from __future__ import annotations

from datetime import date

from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.testing import an_order
from notifications.mails.compose.orders import compose_order_confirmation, compose_order_documents
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

from __future__ import annotations

import re
from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from chassis.testing import eur
from checkout.testing import an_order
from notifications.delivery import preview
from notifications.delivery.preview import create_sample_mail, preview_template
from notifications.delivery.renderer import Renderer, Rendering, create_template_environment
from notifications.errors import InvalidVariables, UnknownTemplate
from notifications.mails.compose.orders import compose_order_cancelled
from notifications.mails.model import Mail
from notifications.preferences.model import Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.staff_notices.model import StaffNoticeKind
from notifications.templates.formats import format_money
from notifications.templates.links import Links
from notifications.templates.model import TEMPLATES
from notifications.templates.samples import SAMPLES
from sojourn.checkout.v1 import checkout_pb2, events_pb2

SHOWN = {
    "welcome": ["Ana"],
    "order_confirmation": [
        "S-100042",
        "Trail Runner 3",
        "Colour: moss",
        "WELCOME10",
        "Unter den Linden 1",
        "10117 Berlin",
        "Run well!",
        "RF18 5390 0754 7034",
        "IBAN DE89 3704 0044 0532 0130 00",
    ],
    "order_documents": [
        "S-100042",
        "INV-2026-000042",
        "/orders/document?",
        "#token=a-token-that-reads-nothing",
    ],
    "pickup_reminder": ["S-100042", "204815", "Torstr. 1", "Yoga Mat »Flow«"],
    "order_ready_for_pickup": ["S-100042", "204815", "Torstr. 1", "Yoga Mat »Flow«"],
    "gift_card": ["ABCD-EFGH-JKLM-NPQR", "Ana", "Ben", "All the best!", "50"],
    "digital_goods_delivered": [
        "S-100042",
        "Trail Atlas",
        "AAAA-BBBB-CCCC-0001",
        "atlas.pdf",
        "/downloads?",
        "#token=a-token-that-downloads-nothing",
    ],
    "order_shipped": [
        "S-100042",
        "Trail Runner 3",
        "DHL",
        "00340434161094042557",
        "https://tracking.example/00340434161094042557",
    ],
    "shipment_late": [
        "S-100042",
        "Trail Runner 3",
        "DHL",
        "https://tracking.example/00340434161094042557",
    ],
    "order_delivered": ["S-100042", "Trail Runner 3", "/survey?", "#token="],
    "order_cancelled": ["S-100042", "Trail Runner 3"],
    "order_refunded": ["S-100042"],
    "order_lines_cancelled": ["S-100042", "Trail Runner 3"],
    "order_return": [
        "S-100042",
        "Trail Runner 3",
        "https://labels.example/0034",
        "Sojourn Returns",
        "Please use the box that it came in.",
    ],
    "cart_reminder": [
        "Ana",
        "Trail Runner 3",
        "/cart/restore?",
        "#token=a-token-that-restores-nothing",
    ],
    "survey": ["How satisfied are you?", "/surveys/a-token-that-answers-nothing?"],
    "confirm_email": ["/account/confirm?", "#token=a-token-that-confirms-nothing"],
    "confirm_reminders": [
        "/subscriptions/confirm?",
        "#token=a-token-that-confirms-nothing",
        "/unsubscribe#token=",
    ],
    "email_in_use": ["https://shop.example/?"],
    "account_erased": ["https://shop.example/?"],
    "organization_invitation": ["https://shop.example/?"],
    "login_link": ["/login?", "#token=a-token-that-opens-nothing"],
    "confirm_alert": [
        "/alerts/confirm?",
        "#token=a-token-that-starts-nothing",
        "/alerts/end?",
        "#token=a-token-that-ends-nothing",
    ],
    "back_in_stock": [
        "Trail Runner 3",
        "Colour: moss",
        "/products/trail-runner-3?",
        "/alerts/end?",
        "#token=a-token-that-ends-nothing",
    ],
    "price_drop": [
        "Trail Runner 3",
        "/products/trail-runner-3?",
        "/alerts/end?",
        "#token=a-token-that-ends-nothing",
    ],
    "draft_order": ["/checkout/link?", "#token=a-token-that-pays-nothing"],
    "order_link": ["S-100042", "/orders/link?", "#token=a-token-that-opens-nothing"],
    "staff_notice": ["S-100042", "fraudulent", "23:59 UTC"],
}
LOCAL = {
    ("order_confirmation", "en"): [
        "€129.00",
        "€199.12",
        "-€21.58",
        "March 2, 2026",
        "Mar 5",
        "Germany",
        "Including tax",
    ],
    ("order_confirmation", "de"): [
        "129,00\xa0€",
        "199,12\xa0€",
        "-21,58\xa0€",
        "2. März 2026",
        "5.–7. März",
        "Deutschland",
        "Enthaltene Steuer",
    ],
    ("order_cancelled", "de"): ["199,12\xa0€", "storniert"],
    ("order_refunded", "en"): ["€79.80"],
    ("staff_notice", "en"): ["€199.12", "March 16, 2026", "disputes a payment"],
    ("staff_notice", "de"): ["199,12\xa0€", "16. März 2026", "bestreitet eine Zahlung"],
    ("order_refunded", "de"): ["79,80\xa0€", "Zahlungsmittel"],
    ("order_lines_cancelled", "en"): ["€79.80"],
    ("order_lines_cancelled", "de"): ["79,80\xa0€", "storniert"],
    ("order_return", "en"): ["Germany"],
    ("order_return", "de"): ["Deutschland", "zurücksenden"],
    ("draft_order", "en"): ["€199.12", "March 16, 2026"],
    ("draft_order", "de"): ["199,12\xa0€", "16. März 2026"],
    ("cart_reminder", "en"): ["€215.80"],
    ("back_in_stock", "en"): ["€99.00"],
    ("price_drop", "en"): ["€99.00", "€129.00"],
    ("price_drop", "de"): ["99,00\xa0€", "129,00\xa0€"],
    ("welcome", "de"): ["Adressen"],
}


@pytest.mark.parametrize(("captured", "promised"), [(133_90, True), (0, False)])
def test_the_mail_of_a_cancelled_order_promises_money_only_where_some_was_taken(
    monkeypatch: pytest.MonkeyPatch, captured: int, promised: bool
) -> None:
    payment = checkout_pb2.Payment(amount=eur(133_90), captured=eur(captured))
    order = an_order(status=checkout_pb2.ORDER_STATUS_CANCELLED, payments=[payment])
    mail = compose_order_cancelled(events_pb2.OrderCancelled(order=order, locale="en"))
    monkeypatch.setitem(SAMPLES, "order_cancelled", mail.variables)

    shown = preview_template("order_cancelled", locale="en")

    for body in (shown.text, shown.html):
        assert ("What you paid" in body) is promised
        assert "was cancelled." in body


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_both_bodies_of_each_template_show_its_variables(name: str, locale: str) -> None:
    shown = preview_template(name, locale=locale)

    for body in (shown.text, shown.html.replace("&amp;", "&")):
        assert [
            wanted for wanted in SHOWN[name] + LOCAL.get((name, locale), []) if wanted not in body
        ] == []
    assert "\n" not in shown.subject
    assert f'<html lang="{locale}">' in shown.html
    assert f"<title>{shown.subject}</title>" in shown.html
    assert not re.search(r"{[{%]|[}%]}|None|Undefined", shown.text + shown.html)
    assert "\n\n\n" not in shown.text


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de-AT", "de"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        ("no-such-thing", "en"),
        ("zz", "en"),
    ],
)
def test_a_locale_is_rendered_in_its_language_or_in_the_default(tag: str, language: str) -> None:
    shown = preview_template("welcome", locale=tag)

    assert ("Willkommen" in shown.subject) == (language == "de")


@pytest.mark.parametrize(
    ("amount", "currency", "tag", "text"),
    [
        (123_456, "EUR", "de", "1.234,56\xa0€"),
        (123_456, "JPY", "en", "¥123,456"),
        (1_234_567, "KWD", "en", "KWD\xa01,234.567"),
        # CLDR gives the Hungarian forint no decimal places; ISO 4217 two.
        (123_456, "HUF", "en", "HUF\xa01,234.56"),
        (-5, "USD", "en", "-$0.05"),
    ],
)
def test_amounts_have_the_decimal_places_of_iso_4217(
    amount: int, currency: str, tag: str, text: str
) -> None:
    assert format_money(amount, currency, tag) == text


def rendered(name: str, **changes: Any) -> Rendering:
    mail = create_sample_mail(name, locale="en")
    mail.variables = {**SAMPLES[name], **changes}
    return a_renderer().render(mail)


def a_renderer() -> Renderer:
    return Renderer(
        Links("https://shop.example/", UnsubscribeTokens("secret"), "secret"),
        shop_name="Sojourn",
        default_locale="en",
    )


def test_typed_text_is_escaped_in_html() -> None:
    evil = '<img src=x onerror="alert(1)">'

    shown = rendered(
        "order_shipped", first_name=evil, carrier=evil, lines=[{"title": evil, "quantity": 1}]
    )

    assert "<img src=x" not in shown.html
    assert "&lt;img src=x" in shown.html
    assert evil in shown.text


def test_a_link_of_another_scheme_is_omitted() -> None:
    shown = rendered("order_shipped", tracking_url="javascript:alert(1)")

    assert "javascript:" not in shown.html + shown.text


def test_a_line_break_in_a_variable_adds_no_header() -> None:
    shown = rendered("order_shipped", number="S-1\r\nBcc: eve@example.com")

    assert "\n" not in shown.subject
    assert "\r" not in shown.subject


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("cart_reminder", {"restore_token": ""}, "restore_token"),
        ("cart_reminder", {"lines": "many"}, "lines"),
        ("cart_reminder", {"subtotal": {"amount_minor": 1, "currency": "XXX"}}, "subtotal"),
        ("cart_reminder", {"no_such": 1}, "no_such"),
        ("order_confirmation", {"placed_on": "soon"}, "placed_on"),
    ],
)
def test_invalid_variables_are_refused_by_name(
    name: str, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidVariables) as refusal:
        rendered(name, **changes)

    assert refusal.value.metadata["field"].startswith(field)


def test_only_mails_of_optional_topics_and_surveys_have_an_unsubscribe_link() -> None:
    topics = {name: preview_template(name, locale="en").unsubscribe_topic for name in TEMPLATES}

    assert {name: topic for name, topic in topics.items() if topic} == {
        "order_delivered": Topic.SURVEYS,
        "cart_reminder": Topic.REMINDERS,
        "survey": Topic.SURVEYS,
        "confirm_reminders": Topic.REMINDERS,
    }
    assert "Unsubscribe" in preview_template("cart_reminder", locale="en").text
    assert "Unsubscribe" not in preview_template("welcome", locale="en").text


def test_a_survey_needs_a_delivered_order_and_a_recipient_who_wants_surveys() -> None:
    mail: Mail = create_sample_mail("order_delivered", locale="en")

    assert "/survey" not in rendered("order_delivered", asks_survey=False).html
    assert "/survey" not in a_renderer().render(mail, wants_surveys=False).html
    assert rendered("order_delivered").html.count("&amp;score=") == 11


def test_templates_refuse_unsafe_attributes_and_undefined_variables() -> None:
    environment = create_template_environment()

    with pytest.raises(SecurityError):
        environment.from_string("{{ ''.__class__.__mro__ }}").render()
    with pytest.raises(UndefinedError):
        environment.from_string("{{ missing }}").render()


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(UnknownTemplate):
        preview_template("newsletter", locale="en")


def test_the_preview_command_prints_html_or_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert preview.main(["cart_reminder", "--locale", "de"]) == 0
    assert preview.main(["cart_reminder", "--locale", "de", "--text"]) == 0

    printed = capsys.readouterr().out
    assert "<!doctype html>" in printed
    assert "\n\nGuten Tag Ana" in printed


def test_links_lead_to_the_storefront_of_the_channel_and_unsubscribing_to_the_api() -> None:
    links = Links(
        "https://api.example/",
        UnsubscribeTokens("secret"),
        "secret",
        storefront_url="https://shop.example/",
        storefront_by_channel={"us": "https://us.example"},
    )

    assert links.for_channel("de").login_url("t", "c").startswith("https://shop.example/login?")
    assert links.for_channel("us").login_url("t", "c").startswith("https://us.example/login?")
    one_click = links.for_channel("us").one_click_unsubscribe_url("ab" * 32, Topic.REMINDERS)
    assert one_click.startswith("https://api.example/v1/unsubscribe?")


@pytest.mark.parametrize("kind", list(StaffNoticeKind))
@pytest.mark.parametrize("locale", ["en", "de"])
def test_each_kind_of_notice_has_a_subject_and_texts(kind: StaffNoticeKind, locale: str) -> None:
    mail = create_sample_mail("staff_notice", locale=locale)
    levels = [{"sku": "MUG-S", "warehouse": "berlin", "left": 2}]
    is_stock = kind is StaffNoticeKind.STOCK_LOW
    mail.variables = (
        {"kind": kind.value, "levels": levels, "more": 3}
        if is_stock
        else {**SAMPLES["staff_notice"], "kind": kind.value}
    )
    links = Links("https://shop.example", UnsubscribeTokens("a-secret"), "a-secret")

    shown = Renderer(links, shop_name="Sojourn", default_locale="en").render(mail)

    named = "MUG-S" if is_stock else "S-100042"
    assert named in shown.subject
    assert named in shown.text
    assert named in shown.html
    assert "None" not in shown.text

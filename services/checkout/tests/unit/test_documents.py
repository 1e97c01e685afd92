"""Documents: their arithmetic against EN 16931, the order and what is kept of its money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from chassis.line_item import ItemKind
from chassis.money import exponent
from checkout.documents.amounts.credits import Credit, credit_parts, left_of
from checkout.documents.amounts.lines import delivery_charges
from checkout.documents.amounts.treatments import charge_names, treat_order
from checkout.documents.content import DocumentContent, Reference, TaxGroup, groups_of
from checkout.documents.model import DocumentKind
from checkout.documents.parties import buyer_of, receiver_of
from checkout.documents.rendering.cross_industry_invoice import write_invoice
from checkout.documents.rendering.labels import Labels
from checkout.documents.rendering.pdf import render_pdf
from checkout.documents.texts import credit_texts
from checkout.legal_entities.model import (
    SEEDED,
    IssuesInvoices,
    entity_of,
    format_number,
    is_number_format,
)
from checkout.orders.amounts import is_tax_included, paid_for_steps
from checkout.orders.model import Order, OrderLine
from checkout.taxes.calculation import TaxRule
from checkout.taxes.model import (
    DeliveryTaxRule,
    Place,
    Rounding,
    TaxRate,
    TaxSettings,
    UnconfirmedVatIds,
)
from checkout.taxes.relief import GrantedExemption, TaxBuyer
from checkout.taxes.table import TaxTable
from checkout.vat_ids.model import VatIdCheck, VatIdStatus
from services.checkout.tests.documents import BUYER, NOW, SELLER, a_content, an_item, an_order
from services.checkout.tests.en16931 import Invoice

DAY = NOW.date()
FRENCH_BUSINESS = TaxBuyer(VatIdCheck("FR40303265045", VatIdStatus.VALID, NOW))

AT_HOME = TaxSettings(channel="", collects_in=["DE"])


def a_rule(place: str = "DE", **fields: Any) -> TaxRule:
    return TaxRule(Place(place), DAY, origin="DE", locale="en", **fields)


def credit_of(
    order: Order, lines: list[OrderLine], credit: Credit, invoice: DocumentContent, *before: Any
) -> DocumentContent:
    """Returns the credit note of a credit, after the ones before it."""
    left = left_of(invoice.groups, [each.groups for each in before])
    parts, adjustments = credit_parts(
        order, lines, treat_order(order, lines), left, credit, credit_texts("en")
    )
    return a_content(
        order, lines, number="CN-1", lines=parts, adjustments=adjustments,
        groups=groups_of(parts, adjustments), invoice=Reference("INV-1", date(2026, 6, 2)),
    )  # fmt: skip


def read(content: DocumentContent, kind: DocumentKind = DocumentKind.INVOICE) -> Invoice:
    return Invoice(write_invoice(kind, content), digits=exponent(content.currency))


def groups(content: DocumentContent) -> list[tuple[str, str, int, int]]:
    return [
        (each.treatment.category, f"{each.treatment.rate:f}", each.base_minor, each.tax_minor)
        for each in content.groups
    ]


def test_gross_prices_become_net_lines_whose_sums_are_those_of_the_order() -> None:
    items = [
        an_item(9_99, steps=3, discount_minor=2_00),
        an_item(4_50, tax_class="reduced"),
        an_item(12_34, steps=1_250, scale=3, tax_class="reduced"),
    ]
    order, lines = an_order(items, a_rule(), delivery_minor=4_90)

    content = a_content(order, lines)

    assert content.gross_minor == order.total_minor == 27_97 + 4_50 + 15_42 + 4_90
    assert content.tax_minor == sum(line.amount_minor for line in order.tax_lines)
    assert {rate: tax for _, rate, _, tax in groups(content)} == {
        f"{line.rate * 100:f}": line.amount_minor for line in order.tax_lines
    }
    assert read(content).problems() == []


@pytest.mark.parametrize(
    ("rule", "items", "categories"),
    [
        (a_rule("FR", buyer=FRENCH_BUSINESS), [an_item(10_00)], {"K"}),
        (
            a_rule("FR", buyer=FRENCH_BUSINESS),
            [an_item(10_00), an_item(5_00, kind=ItemKind.DIGITAL)],
            {"K", "AE"},
        ),
        (a_rule("US", settings=AT_HOME), [an_item(10_00)], {"G"}),
        (
            a_rule("US", settings=AT_HOME),
            [an_item(10_00), an_item(5_00, kind=ItemKind.DIGITAL)],
            {"G", "E"},
        ),
        (a_rule(), [an_item(10_00, tax_class="exempt")], {"E"}),
        (a_rule(), [an_item(10_00, tax_class="zero"), an_item(3_00)], {"Z", "S"}),
        (
            a_rule(buyer=TaxBuyer(exemption=GrantedExemption("e", "An embassy."))),
            [an_item(10_00)],
            {"E"},
        ),
        (a_rule(), [an_item(50_00, kind=ItemKind.GIFT_CARD)], {"O"}),
        (a_rule(), [an_item(50_00, kind=ItemKind.GIFT_CARD), an_item(9_00)], {"S", "E"}),
    ],
)
def test_what_is_not_taxed_has_its_category_and_its_reason(
    rule: TaxRule, items: list[Any], categories: set[str]
) -> None:
    order, lines = an_order(items, rule, delivery_minor=4_90 if "O" not in categories else 0)

    content = a_content(order, lines)

    assert {category for category, *_ in groups(content)} == categories
    assert content.gross_minor == order.total_minor
    assert read(content).problems() == []


def test_taxes_on_taxes_are_one_rate_of_their_lines() -> None:
    rates = [
        TaxRate(
            code=f"br-{level}", country="BR", region="", postal_prefix="", tax_class="standard",
            titles={"en": title}, rate_ppm=rate, level=level, is_compound=bool(level), source="",
        )
        for level, (title, rate) in enumerate([("ICMS", 180_000), ("IPI", 50_000)])
    ]  # fmt: skip
    rule = TaxRule(
        Place("BR"), DAY, is_included=False, origin="BR", locale="en",
        table=TaxTable(rates), settings=TaxSettings(channel="", collects_in=[]),
    )  # fmt: skip
    order, lines = an_order(
        [an_item(100_00, currency="BRL")], rule, delivery_minor=10_00, currency="BRL"
    )

    content = a_content(order, lines)

    assert groups(content) == [("S", "23.9000", 110_00, 26_29)]
    assert content.gross_minor == order.total_minor
    assert read(content).problems() == []


def test_delivery_and_fee_are_charged_together_under_both_names() -> None:
    items = [an_item(50_00)]
    both, _ = an_order(items, a_rule(), delivery_minor=4_90, fee_minor=2_50)
    fee, _ = an_order(items, a_rule(), fee_minor=2_50)
    neither, lines = an_order(items, a_rule())

    [charge] = delivery_charges(both, treat_order(both, lines), "x")
    assert charge.net_minor + charge.tax_minor == 7_40
    assert charge_names(both, "Standard") == "Standard, Cash on delivery"
    assert charge_names(fee, "Standard") == "Cash on delivery"
    assert charge_names(neither, "Standard") == "Standard"


def test_a_credit_note_of_the_rest_takes_what_is_left_to_the_cent() -> None:
    items = [an_item(9_99, steps=3), an_item(4_50, tax_class="reduced")]
    order, lines = an_order(items, a_rule(), delivery_minor=4_90)
    invoice = a_content(order, lines)

    first = credit_of(order, lines, Credit("a", 7_77), invoice)
    units = Credit(
        "b", paid_for_steps(lines[0], 1, 3, is_included=True), steps=((lines[0].id, 1, 3),)
    )
    second = credit_of(order, lines, units, invoice, first)
    rest = Credit("c", order.total_minor - 7_77 - units.amount_minor)
    last = credit_of(order, lines, rest, invoice, first, second)

    notes = (first, second, last)
    assert [note.gross_minor for note in notes] == [7_77, 19_98, 9_60 + 2_02]
    assert [line.quantity for line in second.lines] == [Decimal(2)]
    left = left_of(invoice.groups, [note.groups for note in notes])
    assert {(each.base_minor, each.tax_minor) for each in left.values()} == {(0, 0)}
    assert [read(note, DocumentKind.CREDIT_NOTE).problems() for note in notes] == [[], [], []]


def test_what_the_shop_keeps_of_a_return_is_an_allowance_of_its_credit_note() -> None:
    order, lines = an_order([an_item(50_00)], a_rule(), delivery_minor=4_90)
    credit = Credit("r", 45_00, steps=((lines[0].id, 0, 1),))

    note = credit_of(order, lines, credit, a_content(order, lines))

    assert [(each.is_charge, each.net_minor + each.tax_minor) for each in note.adjustments] == [
        (False, 5_00)
    ]
    assert note.gross_minor == 45_00
    assert read(note, DocumentKind.CREDIT_NOTE).problems() == []


CLASSES = st.sampled_from(["standard", "reduced", "zero", "exempt"])
KINDS = st.sampled_from([ItemKind.PHYSICAL] * 4 + [ItemKind.DIGITAL, ItemKind.GIFT_CARD])
CURRENCIES = st.sampled_from(["EUR", "EUR", "JPY", "KWD"])


@st.composite
def rules(draw: st.DrawFn) -> TaxRule:
    chosen = TaxSettings(
        channel="",
        collects_in=draw(st.sampled_from([[], ["FR"]])),
        rounding=draw(st.sampled_from(Rounding)),
        delivery_tax_rule=draw(st.sampled_from(DeliveryTaxRule)),
        delivery_tax_class=draw(st.sampled_from(["", "", "standard", "reduced"])),
        has_one_stop_shop=draw(st.booleans()),
        unconfirmed_vat_ids=UnconfirmedVatIds.ACCEPT,
    )
    buyer = draw(
        st.sampled_from(
            [
                TaxBuyer(),
                TaxBuyer(),
                FRENCH_BUSINESS,
                TaxBuyer(exemption=GrantedExemption("e", "x")),
            ]
        )
    )
    place = draw(st.sampled_from(["DE", "DE", "FR", "GB", "US"]))
    return a_rule(place, settings=chosen, buyer=buyer, is_included=draw(st.booleans()))


@st.composite
def orders(draw: st.DrawFn) -> tuple[Order, list[OrderLine]]:
    currency = draw(CURRENCIES)
    items = []
    for _ in range(draw(st.integers(1, 5))):
        price = draw(st.integers(1, 300_00))
        steps, scale = draw(st.sampled_from([(1, 0), (3, 0), (7, 0), (1_337, 3)]))
        item = an_item(
            price, steps=steps, scale=scale, tax_class=draw(CLASSES), kind=draw(KINDS),
            currency=currency,
        )  # fmt: skip
        most = item.subtotal.amount_minor
        discount = draw(st.sampled_from([0, 0, most, draw(st.integers(0, most))]))
        items.append(
            an_item(
                price,
                steps=steps,
                scale=scale,
                tax_class=item.tax_class,
                kind=item.kind,
                currency=currency,
                discount_minor=discount,
            )
        )
    delivery = draw(st.sampled_from([0, 4_90, draw(st.integers(1, 50_00))]))
    fee = draw(st.sampled_from([0, 0, 2_50, draw(st.integers(1, 20_00))]))
    return an_order(items, draw(rules()), delivery_minor=delivery, currency=currency, fee_minor=fee)


@settings(max_examples=60, deadline=None)
@given(orders(), st.data())
def test_any_order_has_documents_that_add_up(
    placed: tuple[Order, list[OrderLine]], data: st.DataObject
) -> None:
    order, lines = placed
    is_included = is_tax_included(order)

    invoice = a_content(order, lines)

    assert invoice.gross_minor == order.total_minor
    assert invoice.tax_minor == sum(each.amount_minor for each in order.tax_lines)
    assert read(invoice).problems() == []
    notes, kept = list[DocumentContent](), order.total_minor
    cut = dict.fromkeys((line.id for line in lines), 0)
    while kept and len(notes) < 4:
        line = data.draw(st.sampled_from(lines))
        is_by_line = data.draw(st.booleans()) and cut[line.id] < line.quantity
        if is_by_line:
            start = cut[line.id]
            end = cut[line.id] = data.draw(st.integers(start + 1, line.quantity))
            worth = paid_for_steps(line, start, end, is_included=is_included)
            amount = min(worth, kept) - data.draw(st.integers(0, min(worth, kept, 3)))
            credit = Credit(f"{len(notes)}", amount, steps=((line.id, start, end),))
        else:
            amount = data.draw(st.sampled_from([kept, data.draw(st.integers(1, kept))]))
            credit = Credit(f"{len(notes)}", amount)
        if not credit.amount_minor:
            continue
        note = credit_of(order, lines, credit, invoice, *notes)
        assert note.gross_minor == credit.amount_minor
        assert read(note, DocumentKind.CREDIT_NOTE).problems() == []
        notes.append(note)
        kept -= credit.amount_minor
    left = left_of(invoice.groups, [note.groups for note in notes])
    assert sum(each.gross_minor for each in left.values()) == kept
    assert all(_is_positive(each) for each in left.values())


def _is_positive(group: TaxGroup) -> bool:
    return group.base_minor >= 0 and group.tax_minor >= 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("INV-{year}-{number:06}", "INV-2026-000042"),
        ("{number}", "42"),
        ("R {number:03}/{year}", "R 042/2026"),
        ("INV-{year}", None),
        ("{number}{number}", None),
        ("{number:6}", None),
        ("{total}-{number}", None),
        ("{year}{year}{number}", None),
        ("ÄX{number}", None),
    ],
)
def test_numbers_are_in_the_format_of_their_legal_entity(text: str, number: str | None) -> None:
    assert is_number_format(text) is (number is not None)
    if number is not None:
        assert format_number(text, number=42, year=2026) == number


def test_a_channel_has_the_entity_that_names_it_and_else_that_of_all() -> None:
    named = SEEDED.copy_row(code="at", channels=["at"], issues_invoices=IssuesInvoices.PAID)
    retired = SEEDED.copy_row(code="ch", channels=["ch"], is_enabled=False)

    found = [entity_of([retired, SEEDED, named], channel) for channel in ("at", "ch", "de")]

    assert found == [named, SEEDED, SEEDED]
    assert entity_of([named, retired], "ch") is None


def test_a_pdf_is_an_archive_that_holds_the_invoice_and_is_printed_the_same_each_time() -> None:
    items = [an_item(9_99, steps=3, discount_minor=2_00), an_item(4_50, tax_class="reduced")] * 20
    order, lines = an_order(items, a_rule(), delivery_minor=4_90)
    buyer = replace(BUYER, name="Ada Łukasz Ωμέγα Жанна 愛")
    content = a_content(order, lines, language="de", buyer=buyer)
    xml = write_invoice(DocumentKind.INVOICE, content)

    printed = render_pdf(DocumentKind.INVOICE, content, xml)

    assert printed == render_pdf(DocumentKind.INVOICE, content, xml)
    reader = PdfReader(BytesIO(printed))
    assert reader.attachments == {"factur-x.xml": [xml]}
    [file] = reader.root_object["/AF"]
    assert file.get_object()["/AFRelationship"] == "/Alternative"
    [intent] = reader.root_object["/OutputIntents"]
    assert (intent.get_object()["/S"], reader.trailer["/ID"] is not None) == ("/GTS_PDFA1", True)
    assert reader.xmp_metadata is not None
    packet = reader.root_object["/Metadata"].get_object().get_data()
    for mark in (
        b"<pdfaid:part>3</pdfaid:part>", b"<pdfaid:conformance>B</pdfaid:conformance>",
        b"<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>",
        b"<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>", b"pdfaExtension:schemas",
    ):  # fmt: skip
        assert mark in packet
    assert "/Encrypt" not in reader.trailer
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("/FontFile2" in font for font in fonts)
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) > 1
    for part in (
        "Rechnung INV-2026-000001",
        "Ada Łukasz Ωμέγα Жанна ?",
        "USt. 19 % von",
        "Seite 1 von",
    ):
        assert part in text, part


def test_amounts_and_days_are_written_as_the_language_does() -> None:
    written = [
        (labels.money(1_234_56), labels.number(Decimal("1.5")), labels.day(date(2026, 6, 1)))
        for labels in (Labels("de", "EUR"), Labels("en", "EUR"), Labels("xx", "KWD"))
    ]

    assert written == [
        ("1.234,56 EUR", "1,5", "01.06.2026"),
        ("1,234.56 EUR", "1.5", "Jun 1, 2026"),
        ("123.456 KWD", "1.5", "Jun 1, 2026"),
    ]


def test_the_buyer_of_a_document_is_whom_the_order_is_billed_to() -> None:
    order, _ = an_order([an_item(10_00)], a_rule())
    at_home = buyer_of(order, SELLER)
    order.billing_address = {"organization": "Engines Ltd", "address_country": "FR"}

    billed, receiver = buyer_of(order, SELLER), receiver_of(order)

    assert (at_home.name, at_home.country) == ("Ada", "DE")
    assert (billed.name, billed.country) == ("Engines Ltd", "FR")
    assert receiver is not None
    assert (receiver.name, receiver.country) == ("Ada", "DE")

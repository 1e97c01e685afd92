"""Invoices and credit notes as PDF/A-3 with their XML in them (Factur-X 1.0, EN 16931).

A pro forma invoice is printed alike, without XML: it is none.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Final

from checkout.documents.content import DocumentContent, DocumentLine
from checkout.documents.model import DocumentKind
from checkout.documents.rendering.labels import Labels
from checkout.documents.rendering.metadata import FILE_NAME, factur_x_metadata
from checkout.documents.rendering.page import TOOL, Page, address_lines

_COMPLIANCE: Final = "PDF/A-3B"
_COLUMNS: Final = ("item", "quantity", "price", "tax", "amount")
_WIDTHS: Final = (44, 14, 16, 10, 16)
_ALIGNS: Final = ("LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT")


def render_pdf(kind: DocumentKind, content: DocumentContent, xml: bytes) -> bytes:
    """Returns the file of a document; the same bytes for the same content and XML."""
    labels = Labels(content.language, content.currency)
    page = _page(content, labels, compliance=_COMPLIANCE)
    title = f"{labels(kind.value)} {content.number}"
    at = datetime.combine(content.issued_on, time(), UTC)
    page.describe(title, content.language, content.issued_on)
    page.set_xmp_metadata(
        factur_x_metadata(title=title, author=content.seller.name, tool=TOOL, at=at)
    )
    page.embed_file(
        bytes=xml,
        basename=FILE_NAME,
        mime_type="text/xml",
        associated_file_relationship="ALTERNATIVE",
        modification_date=at,
        desc="EN 16931",
        compress=True,
    )
    _write(page, content, labels, title)
    return bytes(page.output())


def render_pro_forma(content: DocumentContent) -> bytes:
    """Returns the file of a pro forma invoice, which says that it is no invoice."""
    labels = Labels(content.language, content.currency)
    page = _page(content, labels)
    title = f"{labels('pro_forma')} {content.number}"
    page.describe(title, content.language, content.issued_on)
    _write(page, content, labels, title, remark=labels("pro_forma_note"))
    return bytes(page.output())


def _page(content: DocumentContent, labels: Labels, *, compliance: str | None = None) -> Page:
    return Page(
        content.seller,
        labels,
        account=content.account,
        legal_text=content.legal_text,
        compliance=compliance,
    )


def _write(
    page: Page, content: DocumentContent, labels: Labels, title: str, *, remark: str = ""
) -> None:
    page.add_page()
    page.write_seller()
    page.write_party("bill_to", content.buyer)
    if content.receiver and address_lines(content.receiver) != address_lines(content.buyer):
        page.write_party("ship_to", content.receiver)
    page.write_title(title)
    if remark:
        page.write_heading(remark)
    page.write_facts(_facts(content, labels))
    page.write_table(
        [labels(name) for name in _COLUMNS],
        [_cells(line, labels) for line in content.lines],
        widths=_WIDTHS,
        aligns=_ALIGNS,
    )
    page.write_sums(_sums(content, labels))
    page.write_notes(_notes(content, labels))


def _facts(content: DocumentContent, labels: Labels) -> Iterable[tuple[str, str]]:
    yield labels("date"), labels.day(content.issued_on)
    if content.invoice is not None:
        day = labels.day(content.invoice.issued_on)
        yield labels("of_invoice"), f"{content.invoice.number}, {day}"
    yield labels("order"), f"{content.order_number}, {labels.day(content.ordered_on)}"
    if content.supplied_on is not None:
        yield labels("supplied"), labels.day(content.supplied_on)


def _cells(line: DocumentLine, labels: Labels) -> tuple[str, ...]:
    parts = [line.title, line.options, line.sku]
    if line.allowance_minor:
        parts.append(f"{labels('discount')} {labels.money(-line.allowance_minor)}")
    unit = "" if line.unit_code == "C62" else f" {line.unit_code}"
    return (
        "\n".join(part for part in parts if part),
        labels.number(line.quantity) + unit,
        labels.price(line.unit_price),
        f"{labels.number(line.treatment.rate)} %"
        if line.treatment.rate
        else line.treatment.category,
        labels.money(line.net_minor),
    )


def _sums(content: DocumentContent, labels: Labels) -> Iterable[tuple[str, str, bool]]:
    if content.adjustments:
        yield labels("lines"), labels.money(content.lines_minor), False
    for each in content.adjustments:
        if each.net_minor:
            yield each.reason, labels.money(each.sign * each.net_minor), False
    yield labels("net"), labels.money(content.net_minor), True
    for group in content.groups:
        base = labels.money(group.base_minor)
        rate = labels.number(group.treatment.rate)
        is_rated = bool(group.treatment.rate)
        label = labels("taxes", rate=rate, base=base) if is_rated else labels("untaxed", base=base)
        yield label, labels.money(group.tax_minor), False
    yield labels("gross"), labels.money(content.gross_minor), True
    for payment in content.paid:
        yield f"{labels('paid')}: {payment.title}", labels.money(-payment.amount_minor), False
    yield labels("due"), labels.money(content.due_minor), True


def _notes(content: DocumentContent, labels: Labels) -> Iterable[str]:
    for group in content.groups:
        if group.treatment.reason:
            yield group.treatment.reason
    if content.payment_reference:
        yield f"{labels('reference')}: {content.payment_reference}"
    if content.due_on is not None:
        yield f"{labels('due_on')}: {labels.day(content.due_on)}"
    for note in (content.payment_note, content.reason):
        if note:
            yield note

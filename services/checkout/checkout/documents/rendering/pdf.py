"""Invoices and credit notes as PDF/A-3 with their XML in them (Factur-X 1.0, EN 16931).

The font is Roboto: Latin, Greek and Cyrillic. A character that it lacks is printed as "?", as PDF/A
forbids one without a glyph; the XML has each text as it is.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fpdf import FPDF, FontFace
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from checkout.documents.content import DocumentContent, DocumentLine, Party
from checkout.documents.model import DocumentKind
from checkout.documents.rendering.labels import Labels
from checkout.documents.rendering.metadata import FILE_NAME, factur_x_metadata

_FONT: Final = "Roboto"
_TOOL: Final = "Sojourn"
_MARGIN_MM, _FOOT_MM, _LINE_MM = 20, 32, 5
_WIDTHS: Final = (44, 14, 16, 10, 16)
_ALIGN: Final = ("LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT")


def render_pdf(kind: DocumentKind, content: DocumentContent, xml: bytes) -> bytes:
    """Returns the file of a document; the same bytes for the same content and XML."""
    labels = Labels(content.language, content.currency)
    page = _Page(content, labels)
    title = f"{labels(kind.value)} {content.number}"
    at = datetime.combine(content.issued_on, time(), UTC)
    page.set_title(title)
    page.set_author(content.seller.name)
    page.set_creator(_TOOL)
    page.set_producer(_TOOL)
    page.set_creation_date(at)
    page.set_lang(content.language)
    page.set_xmp_metadata(
        factur_x_metadata(title=title, author=content.seller.name, tool=_TOOL, at=at)
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
    page.add_page()
    page.write_addresses()
    page.write_title(title)
    page.write_facts(_facts(content, labels))
    page.write_lines(content.lines)
    page.write_sums(_sums(content, labels))
    page.write_notes(_notes(content, labels))
    return bytes(page.output())


class _Page(FPDF):
    """A document of A4 pages with the seller at the foot of each."""

    def __init__(self, content: DocumentContent, labels: Labels) -> None:
        super().__init__(enforce_compliance="PDF/A-3B")
        self._content, self._labels = content, labels
        folder = _font_folder()
        self.add_font(_FONT, "", folder / "Roboto-Regular.ttf")
        self.add_font(_FONT, "B", folder / "Roboto-Bold.ttf")
        font = self.fonts[_FONT.lower()]
        assert isinstance(font, TTFFont), "it was added from a file"
        self._glyphs = set(font.cmap)
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(True, _FOOT_MM)
        self.set_font(_FONT, size=9)

    def footer(self) -> None:
        """Writes the seller and the number of the page."""
        self.set_y(-_FOOT_MM + 4)
        self.set_font(_FONT, size=7)
        seller, account = self._content.seller, self._content.account
        parts = [
            ", ".join((seller.name, *_address_lines(seller))),
            " · ".join(_ids(seller, self._labels)),
            " · ".join(each for each in (seller.email, seller.phone_number) if each),
            f"{account.holder}, IBAN {account.iban} {account.bic}".strip() if account else "",
            self._content.legal_text,
        ]
        self._write("\n".join(part for part in parts if part), height=3.2)
        place = self._labels("page", page=self.page_no(), pages="{nb}")
        self.set_y(-9)
        self.cell(0, 4, place, align="R")
        self.set_font(_FONT, size=9)

    def write_addresses(self) -> None:
        """Writes seller, buyer, and the receiver where it is another place."""
        content = self._content
        self.set_font(_FONT, "B", 12)
        self._write(content.seller.name, height=6)
        self.set_font(_FONT, size=9)
        self._write("\n".join(_address_lines(content.seller)))
        self.ln(6)
        self._party("bill_to", content.buyer)
        if content.receiver and _address_lines(content.receiver) != _address_lines(content.buyer):
            self._party("ship_to", content.receiver)

    def _party(self, label: str, party: Party) -> None:
        self.set_font(_FONT, "B", 9)
        self._write(self._labels(label))
        self.set_font(_FONT, size=9)
        parts = [party.name, party.contact, *_address_lines(party)]
        if party.vat_id:
            parts.append(f"{self._labels('vat_id')} {party.vat_id}")
        self._write("\n".join(part for part in parts if part))
        self.ln(3)

    def write_title(self, title: str) -> None:
        """Writes the kind of the document and its number."""
        self.ln(3)
        self.set_font(_FONT, "B", 14)
        self._write(title, height=8)
        self.set_font(_FONT, size=9)

    def write_facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Writes days, and numbers of other documents."""
        self._write("\n".join(f"{label}: {value}" for label, value in facts))
        self.ln(3)

    def write_lines(self, lines: Iterable[DocumentLine]) -> None:
        """Writes the lines of the document as a table, whose head stands on each page."""
        labels = self._labels
        heads = tuple(labels(name) for name in ("item", "quantity", "price", "tax", "amount"))
        with self.table(
            col_widths=_WIDTHS,
            text_align=_ALIGN,
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD"),
            line_height=_LINE_MM,
        ) as table:
            table.row([self._shown(head) for head in heads])
            for line in lines:
                table.row([self._shown(cell) for cell in _cells(line, labels)])
        self.ln(3)

    def write_sums(self, sums: Iterable[tuple[str, str, bool]]) -> None:
        """Writes totals with their amounts at the right, the great ones in bold."""
        for label, amount, is_bold in sums:
            self.set_font(_FONT, "B" if is_bold else "", 9)
            self.cell(130, _LINE_MM, self._shown(label), align="R")
            self.cell(
                0, _LINE_MM, self._shown(amount), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
        self.set_font(_FONT, size=9)
        self.ln(4)

    def write_notes(self, notes: Iterable[str]) -> None:
        """Writes reasons and terms."""
        for note in notes:
            self._write(note)
            self.ln(1)

    def _write(self, text: str, *, height: float = _LINE_MM) -> None:
        self.multi_cell(
            0, height, self._shown(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _shown(self, text: str) -> str:
        """Returns a text with "?" for what the font lacks."""
        return "".join(each if each == "\n" or ord(each) in self._glyphs else "?" for each in text)


def _font_folder() -> Path:
    spec = find_spec("font_roboto")
    assert spec is not None, "the package font-roboto is installed"
    assert spec.submodule_search_locations, "it is a folder"
    return Path(next(iter(spec.submodule_search_locations))) / "files"


def _address_lines(party: Party) -> list[str]:
    place = f"{party.postal_code} {party.address_locality}".strip()
    parts = (*party.street_address.splitlines(), place, party.address_region, party.country)
    return [part for part in parts if part]


def _ids(party: Party, labels: Labels) -> list[str]:
    found = [party.registration] if party.registration else []
    for name, value in (("vat_id", party.vat_id), ("tax_number", party.tax_number)):
        if value:
            found.append(f"{labels(name)} {value}")
    return found


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

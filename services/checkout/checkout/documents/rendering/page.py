"""Pages of printed documents: the seller at their foot, addresses, tables and notes.

The font is Roboto: Latin, Greek and Cyrillic. A character that it lacks is printed as "?", as PDF/A
forbids one without a glyph.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fpdf import FPDF, FontFace
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from checkout.documents.content import Account, Party
from checkout.documents.rendering.labels import Labels

TOOL: Final = "Sojourn"
_FONT: Final = "Roboto"
_MARGIN_MM, _FOOT_MM, _LINE_MM = 20, 32, 5


class Page(FPDF):
    """A document of A4 pages with the seller at the foot of each."""

    def __init__(
        self,
        seller: Party,
        labels: Labels,
        *,
        account: Account | None = None,
        legal_text: str = "",
        compliance: str | None = None,
    ) -> None:
        super().__init__(enforce_compliance=compliance)
        self._seller, self._labels = seller, labels
        self._account, self._legal_text = account, legal_text
        folder = font_folder()
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
        seller, account = self._seller, self._account
        parts = [
            ", ".join((seller.name, *address_lines(seller))),
            " · ".join(_ids(seller, self._labels)),
            " · ".join(each for each in (seller.email, seller.phone_number) if each),
            f"{account.holder}, IBAN {account.iban} {account.bic}".strip() if account else "",
            self._legal_text,
        ]
        self._write("\n".join(part for part in parts if part), height=3.2)
        place = self._labels("page", page=self.page_no(), pages="{nb}")
        self.set_y(-9)
        self.cell(0, 4, place, align="R")
        self.set_font(_FONT, size=9)

    def describe(self, title: str, language: str, day: date) -> None:
        """Sets what readers of files show; the same content is the same bytes."""
        self.set_title(title)
        self.set_author(self._seller.name)
        self.set_creator(TOOL)
        self.set_producer(TOOL)
        self.set_creation_date(datetime.combine(day, time(), UTC))
        self.set_lang(language)

    def write_seller(self) -> None:
        """Writes the seller's name and address."""
        self.set_font(_FONT, "B", 12)
        self._write(self._seller.name, height=6)
        self.set_font(_FONT, size=9)
        self._write("\n".join(address_lines(self._seller)))
        self.ln(6)

    def write_party(self, label: str, party: Party) -> None:
        """Writes a buyer or a receiver under a label."""
        self.set_font(_FONT, "B", 9)
        self._write(self._labels(label))
        self.set_font(_FONT, size=9)
        parts = [party.name, party.contact, *address_lines(party)]
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

    def write_table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        widths: tuple[int, ...],
        aligns: tuple[str, ...],
    ) -> None:
        """Writes a table, whose head stands on each page."""
        with self.table(
            col_widths=widths,
            text_align=aligns,
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD"),
            line_height=_LINE_MM,
        ) as table:
            for cells in (heads, *rows):
                table.row([self._shown(cell) for cell in cells])
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

    def write_heading(self, text: str) -> None:
        """Writes a heading within the page."""
        self.set_font(_FONT, "B", 9)
        self._write(text)
        self.set_font(_FONT, size=9)

    def write_notes(self, notes: Iterable[str]) -> None:
        """Writes paragraphs."""
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


def font_folder() -> Path:
    """Returns where the files of the font are."""
    spec = find_spec("font_roboto")
    assert spec is not None, "the package font-roboto is installed"
    assert spec.submodule_search_locations, "it is a folder"
    return Path(next(iter(spec.submodule_search_locations))) / "files"


def address_lines(party: Party) -> list[str]:
    """Returns the address of a party by line."""
    place = f"{party.postal_code} {party.address_locality}".strip()
    parts = (*party.street_address.splitlines(), place, party.address_region, party.country)
    return [part for part in parts if part]


def _ids(party: Party, labels: Labels) -> list[str]:
    found = [party.registration] if party.registration else []
    for name, value in (("vat_id", party.vat_id), ("tax_number", party.tax_number)):
        if value:
            found.append(f"{labels(name)} {value}")
    return found

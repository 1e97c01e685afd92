"""Files of maps that are texts: JSON as it is kept, CSV with a row a cell, and Markdown."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from journey.map_files.table import Lane, Section, Table
from journey.map_files.titles import title

COLUMNS: Final = ("stage", "stage_name", "lane", "lane_name", "persona", "position", "text")
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
# Signs that begin something in CommonMark or HTML, wherever they stand.
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_AT_BEGIN: Final = re.compile(r"^(\s*)([-+=]|\d+[.)])")
_LINES: Final = re.compile(r"[\r\n\u2028\u2029]+")


def json_of(document: Mapping[str, Any], numbers: Mapping[str, Any] | None = None) -> bytes:
    """Returns the document as `PUT` takes it; with numbers, both under their own names."""
    value = dict(document) if numbers is None else {"map": dict(document), "numbers": numbers}
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def csv_of(table: Table, locale: str) -> bytes:
    """Returns a row for each text of a cell, as RFC 4180 in UTF-8.

    No cell is a formula to a spreadsheet (OWASP): such a text begins with an apostrophe.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(table, locale):
        writer.writerow([_guarded(cell) for cell in row])
    return text.getvalue().encode()


def _rows(table: Table, locale: str) -> Iterator[Sequence[str]]:
    for number, column in enumerate(table.columns, 1):
        told = title("stage", locale)
        yield column.slug, column.name, "stage", told, "", str(number), column.name
        if column.meaning:
            told = title("meaning", locale)
            yield column.slug, column.name, "meaning", told, "", "1", column.meaning
    for lane in table.lanes:
        for column, cell in zip(table.columns, lane.cells, strict=True):
            for position, note in enumerate(cell, 1):
                place = (column.slug, column.name, lane.name, lane.title)
                yield *place, note.of, str(position), note.text
    for section in table.sections:
        yield from _rows_of_section(section)
    for position, told in enumerate(table.notes, 1):
        yield "", "", "numbers", "", "", str(position), told


def _rows_of_section(section: Section) -> Iterator[Sequence[str]]:
    for card in section.cards:
        persona = card.title if section.name == "personas" else ""
        for name, found in card.facts or [("", ())]:
            told = name if persona else " · ".join(filter(None, (card.title, name)))
            for position, text in enumerate(found, 1):
                yield "", "", section.name, told, persona, str(position), text
        if not card.facts:
            yield "", "", section.name, "" if persona else card.title, persona, "1", card.title


def _guarded(cell: str) -> str:
    # A NUL ends a file for some readers.
    plain = cell.replace("\x00", "")
    return f"'{plain}" if _FORMULA.match(plain.lstrip()) else plain


def markdown_of(table: Table, locale: str) -> bytes:
    """Returns a document of CommonMark with one table. No text of the map is markup."""
    lines = [f"# {_escaped(table.title)}", ""]
    if table.description:
        lines += [_escaped(table.description), ""]
    lines += [line for note in table.notes for line in (f"*{_escaped(note)}*", "")]
    if table.columns:
        lines += [*_table_lines(table, locale), ""]
    for section in table.sections:
        lines += [f"## {_escaped(section.title)}", ""]
        for card in section.cards:
            lines += [f"### {_escaped(card.title)}", ""]
            for name, found in card.facts:
                told = f"**{_escaped(name)}:** " if name else ""
                lines += [f"- {told}{_escaped(text)}" for text in found]
            lines += [""] if card.facts else []
    return ("\n".join(lines).rstrip() + "\n").encode()


def _table_lines(table: Table, locale: str) -> Iterator[str]:
    names = (_escaped(column.name) for column in table.columns)
    yield f"| {title('lane', locale)} | {' | '.join(names)} |"
    yield "|" + " --- |" * (len(table.columns) + 1)
    if any(column.meaning for column in table.columns):
        meanings = (_escaped(column.meaning) for column in table.columns)
        yield f"| {title('meaning', locale)} | {' | '.join(meanings)} |"
    for lane in table.lanes:
        yield f"| {_escaped(lane.title)} | {' | '.join(_cells(lane))} |"


def _cells(lane: Lane) -> Iterator[str]:
    for cell in lane.cells:
        yield "<br>".join(_escaped(note.told) for note in cell)


def _escaped(text: str) -> str:
    plain = _LINES.sub(" ", text).strip()
    signs = _SIGNS.sub(r"\\\1", plain)
    return _AT_BEGIN.sub(_escape_begin, signs)


def _escape_begin(found: re.Match[str]) -> str:
    # Of a number, the sign after it makes it a list.
    sign = found[2]
    return f"{found[1]}{sign[:-1]}\\{sign[-1]}"

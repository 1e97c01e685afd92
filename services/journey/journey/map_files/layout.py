"""Boxes of a map's drawing, with texts that are wrapped inside them.

Widths of letters are those of Helvetica in thousandths of the size, by classes, with a reserve for
fonts that are wider; a sign of an unknown font is taken for a wide one.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from journey.map_files.table import Card, Lane, Section, Table

COLUMN: Final = 236
GAP: Final = 14
MARGIN: Final = 24
PADDING: Final = 12
LANE_HEAD: Final = 148
_LEAST_WIDTH: Final = 3 * (COLUMN + GAP) + LANE_HEAD
_LINE_RATIO: Final = 1.4
_CURVE_HEIGHT: Final = 100
_LEVEL_HEIGHT: Final = 18
# DejaVu Sans, a usual replacement, is that much wider than Helvetica.
_RESERVE: Final = 1.16
_NARROW: Final = frozenset("iljtfI.,:;'|!()[]{} -/\\`")
_BROAD: Final = frozenset("mwMW@%—")
_WIDE: Final = frozenset("WF")


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a line."""

    size: int = 13
    is_bold: bool = False
    is_muted: bool = False


PLAIN: Final = Style()
MUTED: Final = Style(is_muted=True)
BOLD: Final = Style(is_bold=True)
TITLE: Final = Style(size=26, is_bold=True)
HEADING: Final = Style(size=18, is_bold=True)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its lines. `hue` is the number of a stage's colour, -1 for none."""

    x: float
    y: float
    width: float
    height: float
    lines: Sequence[Line]
    hue: int = -1
    is_framed: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """All boxes of a drawing, and the emotion curve, parted where a stage has no point."""

    width: float
    height: float
    boxes: Sequence[Box]
    curves: Sequence[Sequence[tuple[float, float]]] = ()


Paragraph = tuple[str, Style]


def lay_out_map(table: Table) -> Layout:
    """Returns the boxes of a map: its title, stages, lanes, and sections, from top to bottom."""
    width = max(_LEAST_WIDTH, LANE_HEAD + len(table.columns) * (COLUMN + GAP))
    boxes: list[Box] = []
    head: list[Paragraph] = [(table.title, TITLE), (table.description, MUTED)]
    head += [(note, MUTED) for note in table.notes]
    y = _add_row(boxes, [_Cell(MARGIN, width, head, is_framed=False)], MARGIN)
    curves: list[list[tuple[float, float]]] = []
    if table.columns:
        y = _add_row(boxes, list(_heads(table)), y)
        if any(level is not None for level in table.emotions):
            curves, y = _add_curve(boxes, table, y)
        for lane in table.lanes:
            y = _add_row(boxes, list(_lane(lane)), y)
    for section in table.sections:
        y = _add_section(boxes, section, width, y)
    return Layout(width + 2 * MARGIN, y - GAP + MARGIN, boxes, curves)


def text_width(text: str, style: Style = PLAIN) -> float:
    """Returns the most that a text takes, in the unit of its size."""
    weight = 1.07 if style.is_bold else 1.0
    return sum(map(_advance, text)) * style.size * weight * _RESERVE


def wrap_text(text: str, width: float, style: Style = PLAIN) -> list[str]:
    """Returns the lines of a text that fit into a width. A word that does not fit is cut."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            grown = f"{line} {word}" if line else word
            if text_width(grown, style) <= width:
                line = grown
                continue
            if line:
                lines.append(line)
            *cut, line = _cut(word, width, style)
            lines += cut
        if line:
            lines.append(line)
    return lines


@dataclass(frozen=True, slots=True)
class _Cell:
    x: float
    width: float
    paragraphs: Sequence[Paragraph]
    hue: int = -1
    is_framed: bool = True


def _add_row(boxes: list[Box], cells: Sequence[_Cell], y: float) -> float:
    """Adds cells as boxes of one height, and returns where the next row begins."""
    drawn = [(cell, *_set(cell, y)) for cell in cells]
    height = max(height for *_, height in drawn)
    boxes += [
        Box(cell.x, y, cell.width, height, lines, cell.hue, cell.is_framed)
        for cell, lines, _ in drawn
    ]
    return y + height + GAP


def _set(cell: _Cell, y: float) -> tuple[list[Line], float]:
    """Returns the lines of a cell, and the height that they need."""
    lines: list[Line] = []
    below = y + PADDING
    for text, style in cell.paragraphs:
        step = style.size * _LINE_RATIO
        for line in wrap_text(text, cell.width - 2 * PADDING, style):
            below += step
            # The baseline leaves room for descenders.
            lines.append(Line(cell.x + PADDING, below - step * 0.3, line, style))
    return lines, below + PADDING - y


def _heads(table: Table) -> Iterator[_Cell]:
    for number, column in enumerate(table.columns):
        paragraphs = [(f"{number + 1}  {column.name}", BOLD), (column.meaning, MUTED)]
        yield _Cell(_x(number), COLUMN, paragraphs, hue=number)


def _lane(lane: Lane) -> Iterator[_Cell]:
    yield _Cell(MARGIN, LANE_HEAD - GAP, [(lane.title, MUTED)], is_framed=False)
    for number, cell in enumerate(lane.cells):
        yield _Cell(_x(number), COLUMN, [(f"• {note.told}", PLAIN) for note in cell])


def _add_curve(
    boxes: list[Box], table: Table, y: float
) -> tuple[list[list[tuple[float, float]]], float]:
    """Adds the row of the emotion curve; returns its parts, and where the next row begins."""
    cells = [
        _Cell(MARGIN, LANE_HEAD - GAP, [(table.emotions_title, MUTED)], is_framed=False),
        *(_Cell(_x(number), COLUMN, ()) for number in range(len(table.columns))),
    ]
    for cell in cells:
        lines, _ = _set(cell, y)
        boxes.append(Box(cell.x, y, cell.width, _CURVE_HEIGHT, lines, cell.hue, cell.is_framed))
    curves: list[list[tuple[float, float]]] = [[]]
    for number, level in enumerate(table.emotions):
        if level is None:
            curves.append([])
        else:
            middle = y + _CURVE_HEIGHT / 2
            curves[-1].append((_x(number) + COLUMN / 2, middle - level * _LEVEL_HEIGHT))
    return [one for one in curves if one], y + _CURVE_HEIGHT + GAP


def _x(number: int) -> float:
    return MARGIN + LANE_HEAD + number * (COLUMN + GAP)


def _add_section(boxes: list[Box], section: Section, width: float, y: float) -> float:
    y = _add_row(boxes, [_Cell(MARGIN, width, [(section.title, HEADING)], is_framed=False)], y)
    in_row = max(1, int((width + GAP) // (COLUMN + GAP)))
    for begin in range(0, len(section.cards), in_row):
        cards = section.cards[begin : begin + in_row]
        cells = [
            _Cell(MARGIN + place * (COLUMN + GAP), COLUMN, list(_paragraphs(card)))
            for place, card in enumerate(cards)
        ]
        y = _add_row(boxes, cells, y)
    return y


def _paragraphs(card: Card) -> Iterator[Paragraph]:
    yield card.title, BOLD
    for name, found in card.facts:
        if name:
            yield name, MUTED
        for text in found:
            yield (f"• {text}" if name else text), PLAIN


def _cut(word: str, width: float, style: Style) -> list[str]:
    """Returns the parts of a word that each fit; the last one may be all of it."""
    parts, part = [], ""
    for sign in word:
        if part and text_width(part + sign, style) > width:
            parts.append(part)
            part = ""
        part += sign
    return [*parts, part]


def _advance(sign: str) -> float:
    if sign in _NARROW:
        return 0.34
    if sign in _BROAD:
        return 1.0
    if unicodedata.combining(sign):
        return 0.0
    if sign.isascii():
        return 0.73 if sign.isupper() else 0.57
    if unicodedata.east_asian_width(sign) in _WIDE:
        return 1.05
    # Letters of other scripts, and signs such as →, are at most that wide in usual fonts.
    return 0.9

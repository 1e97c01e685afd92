"""A map's boxes as SVG. Nothing in it is a script, a style sheet or a link."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from journey.map_files.layout import Box, Layout, Line

_FONT: Final = "Helvetica, Arial, 'Liberation Sans', sans-serif"
_INK: Final = "#211d18"
_MUTED: Final = "#6d665c"
_RULE: Final = "#e2dcd0"
_PAPER: Final = "#f6f4ef"
_CARD: Final = "#fffdf9"
# Hues of stages, as the studio's pages have them.
_HUES: Final = (212, 168, 34, 280, 350, 140, 250, 16)
# Signs that XML 1.0 cannot hold.
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def draw_svg(layout: Layout, title: str, locale: str) -> bytes:
    """Returns the drawing of a map, with its title for those who do not see it."""
    width, height = f"{layout.width:g}", f"{layout.height:g}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" xml:lang={quoteattr(locale or "en")}'
        f' font-family="{_FONT}">',
        f"<title>{_text(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
        *(line for box in layout.boxes for line in _box(box)),
        *(line for curve in layout.curves for line in _curve(curve)),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _box(box: Box) -> Iterator[str]:
    yield "<g>"
    if box.is_framed:
        place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}"'
        yield (
            f'<rect {place} height="{box.height:g}" rx="8" fill="{_CARD}" stroke="{_RULE}"'
            ' class="box"/>'
        )
        if box.hue >= 0:
            hue = _HUES[box.hue % len(_HUES)]
            yield f'<rect {place} height="4" rx="2" fill="hsl({hue}, 58%, 46%)"/>'
    yield from map(_line, box.lines)
    yield "</g>"


def _curve(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    told = " ".join(f"{x:g},{y:g}" for x, y in points)
    yield f'<polyline points="{told}" fill="none" stroke="{_INK}" stroke-width="2"/>'
    for x, y in points:
        yield f'<circle cx="{x:g}" cy="{y:g}" r="6" fill="{_INK}" stroke="{_CARD}"/>'


def _line(line: Line) -> str:
    style = line.style
    weight = ' font-weight="bold"' if style.is_bold else ""
    return (
        f'<text x="{line.x:g}" y="{line.y:g}" font-size="{style.size}"{weight}'
        f' fill="{_MUTED if style.is_muted else _INK}">{_text(line.text)}</text>'
    )


def _text(text: str) -> str:
    return escape(_UNFIT.sub("", text))

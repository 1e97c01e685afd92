"""A map's drawing as an image, by resvg, with letters of Roboto or of a font of the system."""

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import resvg_py

from journey.map_files.layout import Layout

# 64 MiB while it is drawn.
MOST_PIXELS: Final = 16_000_000
_FONT: Final = "Roboto"
_FACES: Final = ("Roboto-Regular.ttf", "Roboto-Bold.ttf")


def draw_png(svg: bytes, layout: Layout) -> bytes:
    """Returns a drawing as PNG, smaller where it has more than 16 million pixels.

    It takes up to a second of one core: call it in a thread.
    """
    pixels = layout.width * layout.height
    # Rounded sides are within the bound too.
    scale = min(1.0, math.sqrt(0.999 * MOST_PIXELS / pixels))
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg.decode(),
        width=max(1, math.floor(layout.width * scale)),
        font_family=_FONT,
        sans_serif_family=_FONT,
        font_files=_font_files(),
    )
    return bytes(drawn)


@cache
def _font_files() -> list[str]:
    spec = find_spec("font_roboto")
    assert spec is not None, "the package font-roboto is installed"
    assert spec.submodule_search_locations, "it is a folder"
    folder = Path(next(iter(spec.submodule_search_locations))) / "files"
    return [str(folder / name) for name in _FACES]

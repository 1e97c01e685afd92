"""Pictures of the demo's products, drawn from a kind, a colour and a view.

A merchant's products have pictures of their own; these are for a shop that has none yet.
"""

from functools import lru_cache
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_DAY: Final = "public, max-age=86400"
COLOURS: Final = {
    "black": "#23262b", "slate": "#5b6875", "forest-green": "#2f5d46", "navy": "#24365e",
    "rust": "#a8502d", "sand": "#cdb891", "sky-blue": "#79b4dd", "plum": "#6d3a5d",
    "mustard": "#cf9f2b", "coral": "#ec7b65", "ivory": "#e9e2cf", "olive": "#77773f",
    "teal": "#22807f", "charcoal": "#3d4248",
}  # fmt: skip
# Outlines on a square of 200 × 200, by the last word of a category's slug.
OUTLINES: Final = {
    "jackets": "M70 40 L90 30 H110 L130 40 L168 66 L154 100 L138 90 V168 H62 V90 L46 100 L32 66 Z",
    "tops": "M72 44 Q100 62 128 44 L164 66 L150 94 L134 86 V164 H66 V86 L50 94 L36 66 Z",
    "trousers": "M66 32 H134 L146 168 H112 L100 82 L88 168 H54 Z",
    "shoes": "M30 128 Q34 84 52 82 L82 92 Q108 116 154 122 Q174 126 172 150 H30 Z",
    "tents": "M100 44 L176 160 H120 L100 118 L80 160 H24 Z",
    "bags": "M74 32 H126 Q146 32 146 56 V150 Q146 172 122 172 H78 Q54 172 54 150 V56 Q54 32 74 "
    "32 Z",
    "mats": "M30 116 A26 26 0 1 1 82 116 V124 H172 V146 H56 A30 30 0 0 1 30 116 Z",
    "backpacks": "M76 58 Q76 30 100 30 Q124 30 124 58 Q152 62 152 96 V170 H48 V96 Q48 62 76 58 Z",
    "duffels": "M70 74 Q70 46 100 46 Q130 46 130 74 H160 Q178 74 178 110 Q178 150 160 150 "
    "H40 Q22 150 22 110 Q22 74 40 74 Z",
    "bottles": "M84 26 H116 V50 Q134 60 134 84 V166 Q134 176 124 176 H76 Q66 176 66 166 V84 "
    "Q66 60 84 50 Z",
    "socks": "M78 28 H126 V104 Q150 122 166 136 Q176 158 152 164 Q124 166 98 142 Q78 128 78 104 Z",
    "gloves": "M70 172 V112 L46 92 Q44 76 60 78 L74 90 V44 Q82 32 90 44 V80 V36 Q98 24 106 36 V80 "
    "V42 Q114 32 122 42 V86 V58 Q130 48 136 60 V130 L128 172 Z",
    "headwear": "M38 132 Q38 52 100 52 Q162 52 162 132 Z M30 136 H170 V156 H30 Z",
    "sunglasses": "M24 84 H176 V98 H170 Q168 134 136 134 Q110 134 106 100 H94 Q90 134 64 134 "
    "Q32 134 30 98 H24 Z",
    "poles": "M66 24 H76 L88 176 H80 Z M124 24 H134 L120 176 H112 Z",
    "swimwear": "M60 60 H140 L154 142 Q124 148 104 122 H96 Q76 148 46 142 Z",
    "bras": "M66 36 H78 L84 72 Q100 80 116 72 L122 36 H134 L140 120 Q100 136 60 120 Z",
    "": "M100 28 L164 62 V138 L100 172 L36 138 V62 Z",
}  # fmt: skip
# How each view shows the outline: a transformation about the centre of the square.
VIEWS: Final = {
    "front": "",
    "back": "translate(200 0) scale(-1 1)",
    "detail": "translate(-110 -80) scale(2.1)",
}


@lru_cache(maxsize=1_024)
def draw_picture(kind: str, colour: str, view: str) -> str:
    """Returns an SVG of 800 × 800. Raises KeyError for an unknown colour or view.

    `kind` is a category's slug, e.g. men-jackets; one without an outline of its own gets a box.
    """
    outline = OUTLINES.get(kind.rpartition("-")[2], OUTLINES[""])
    fill, transform = COLOURS[colour], VIEWS[view]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="800" height="800">'
        '<rect width="200" height="200" fill="#f3f1ec"/>'
        '<ellipse cx="100" cy="178" rx="66" ry="7" fill="#000" opacity=".08"/>'
        f'<g transform="{transform}"><path d="{outline}" fill="{fill}" stroke="#00000033" '
        'stroke-width="2" stroke-linejoin="round"/>'
        f'<path d="{outline}" fill="none" stroke="#ffffff66" stroke-width="1.5" '
        'stroke-dasharray="5 4" transform="translate(10 10) scale(.9)"/></g></svg>'
    )


async def show_picture(request: Request) -> Response:
    """Answers a picture by its name `<kind>_<colour>_<view>`; 404 for an unknown one."""
    kind, _, rest = request.path_params["name"].partition("_")
    colour, _, view = rest.partition("_")
    try:
        picture = draw_picture(kind, colour, view)
    except KeyError:
        raise HTTPException(404) from None
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": _DAY})

"""The tour of a map: steps that its details name, each with a page that shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from web.sign_in.routes import HOME, safe_place
from web.studio.drawing import TOUR
from web.studio.model import text_of
from web.studio.words import Words

_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class TourStep:
    """A step; `link` is a path of these pages."""

    title: str
    text: str
    link: str


def describe_tour(details: Mapping[str, Any], words: Words) -> Sequence[TourStep]:
    """Returns the steps of a map's tour. A link to another host leads to the studio."""
    found = details.get(TOUR)
    steps = found[:_MOST] if isinstance(found, list) else []
    return [
        TourStep(
            title=_text(one.get("title"), words),
            text=_text(one.get("text"), words),
            link=safe_place(str(one.get("link") or HOME)),
        )
        for one in steps
        if isinstance(one, Mapping)
    ]


def _text(value: Any, words: Words) -> str:
    if isinstance(value, Mapping):
        return text_of({str(code): str(text) for code, text in value.items()}, words.code)
    return str(value or "")

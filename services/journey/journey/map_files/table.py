"""A map as a table: stages as columns, lanes as rows, and sections below. All files show it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from journey.map_files.titles import spelled, title
from journey.maps.document_lists import objects, texts
from journey.maps.model import JourneyMap, localized

# Lists of texts that every stage may have, in their order; of typed ones, their lists of objects.
_LANES: Final = (
    ("sub_stages", ""),
    ("goals", ""),
    ("actions", ""),
    ("touchpoints", ""),
    ("emotions", ""),
    ("pains", "pain_points"),
    ("moments_of_truth", ""),
    ("opportunities", "owned_opportunities"),
    ("metrics", "kpis"),
    ("", "branches"),
)
_OF_MAP: Final = ("channels", "moments_of_truth", "pains", "metrics", "touchpoint_pool")
_OF_PERSONA: Final = ("traits", "goals", "pains")
_DEEPEST: Final = 4
# The tour is links between pages.
_TOUR: Final = "tour"


@dataclass(frozen=True, slots=True)
class Note:
    """A text of a cell. `of` is the persona whose it is, or empty for all."""

    text: str
    of: str = ""

    @property
    def told(self) -> str:
        return f"{self.of}: {self.text}" if self.of else self.text


@dataclass(frozen=True, slots=True)
class Lane:
    """A row: the notes of each stage. `name` is its key in the document."""

    name: str
    title: str
    cells: Sequence[Sequence[Note]]


@dataclass(frozen=True, slots=True)
class Column:
    """A stage."""

    slug: str
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Card:
    """A titled box of facts, each with its name."""

    title: str
    facts: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Section:
    """Cards that belong together, such as personas."""

    name: str
    title: str
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class StageNumbers:
    """Live numbers of a stage, as texts. `revenue` has an amount for each currency."""

    people: str
    conversion: str = ""
    revenue: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """Live numbers by stage, and what is to be said of them, such as their period."""

    by_stage: Mapping[str, StageNumbers]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A map in one language."""

    title: str
    description: str
    columns: Sequence[Column]
    lanes: Sequence[Lane]
    sections: Sequence[Section]
    notes: Sequence[str] = field(default_factory=tuple)
    # Points of the emotion curve, -2 to 2; None where a stage has none.
    emotions: Sequence[int | None] = field(default_factory=tuple)
    emotions_title: str = ""


def tabulate_map(chart: JourneyMap, locale: str, numbers: Numbers | None = None) -> Table:
    """Returns a map as a table in a language, with live numbers where they are given."""
    document = chart.document
    stages = objects(document, "stages")
    names = {
        str(one.get("slug", "")): str(one.get("name") or one.get("slug", ""))
        for one in objects(document, "personas")
    }
    lanes = [
        *(_number_lanes(chart, numbers, locale) if numbers else ()),
        *_list_lanes(stages, locale),
        *_cell_lanes(document, stages, names),
        *_detail_lanes(stages, locale),
    ]
    return Table(
        title=localized(chart.name, locale),
        description=localized(document.get("description") or {}, locale),
        columns=[
            Column(
                stage.slug,
                localized(stage.name, locale),
                localized(one.get("meaning") or {}, locale),
            )
            for stage, one in zip(chart.stages, stages, strict=True)
        ],
        # Lanes of a map without stages are facts about it.
        lanes=lanes if stages else [],
        sections=list(_sections(document, stages, locale)),
        notes=numbers.notes if numbers else (),
        emotions=[_level_of(one) for one in stages],
        emotions_title=title("emotion_curve", locale),
    )


def _level_of(stage: Mapping[str, Any]) -> int | None:
    level = stage.get("emotion_level")
    return max(-2, min(2, level)) if isinstance(level, int) else None


def _number_lanes(chart: JourneyMap, numbers: Numbers, locale: str) -> Iterator[Lane]:
    found = [numbers.by_stage.get(stage.slug, StageNumbers("")) for stage in chart.stages]
    rows = (
        ("people", [[one.people] for one in found]),
        ("conversion", [[one.conversion] for one in found]),
        ("revenue", [list(one.revenue) for one in found]),
    )
    for name, cells in rows:
        if any(text for cell in cells for text in cell):
            notes = [[Note(text) for text in cell if text] for cell in cells]
            yield Lane(name, title(name, locale), notes)


def _list_lanes(stages: Sequence[Mapping[str, Any]], locale: str) -> Iterator[Lane]:
    for name, typed in _LANES:
        cells = [
            [
                *(texts(stage, name) if name else ()),
                *(_told(one, typed, locale) for one in (objects(stage, typed) if typed else ())),
            ]
            for stage in stages
        ]
        if any(cells):
            lane = name or typed
            yield Lane(lane, title(lane, locale), [[Note(text) for text in one] for one in cells])


def _told(one: Mapping[str, Any], kind: str, locale: str) -> str:
    """Returns an object of a stage in one line, e.g. slow page (impact: gives up)."""
    match kind:
        case "pain_points":
            impact = title(str(one["impact"]), locale) if one.get("impact") else ""
            return _with(one.get("text"), "impact", impact, locale)
        case "owned_opportunities":
            return _with(one.get("text"), "owner", str(one.get("owner") or ""), locale)
        case "kpis":
            target = one.get("target")
            told = (
                "" if target is None else f"{float(target):,.10g} {one.get('unit') or ''}".strip()
            )
            return _with(one.get("name"), "target", told, locale)
    condition = str(one.get("condition") or "")
    return f"→ {one.get('to', '')}{f': {condition}' if condition else ''}"


def _with(text: object, name: str, value: str, locale: str) -> str:
    told = str(text or "")
    return f"{told} ({title(name, locale)}: {value})" if value else told


def _cell_lanes(
    document: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], names: Mapping[str, str]
) -> Iterator[Lane]:
    drawn = (str(cell.get("lane") or "") for stage in stages for cell in objects(stage, "cells"))
    for lane in dict.fromkeys([*texts(document, "lanes"), *drawn]):
        cells = [
            [
                Note(text, names.get(persona, persona))
                for cell in objects(stage, "cells")
                if str(cell.get("lane") or "") == lane
                for persona in [str(cell.get("persona") or "")]
                for text in texts(cell, "texts")
            ]
            for stage in stages
        ]
        yield Lane(lane, lane, cells)


def _detail_lanes(stages: Sequence[Mapping[str, Any]], locale: str) -> Iterator[Lane]:
    details = [dict(_facts_of(stage.get("details"), locale)) for stage in stages]
    for name in dict.fromkeys(name for one in details for name in one):
        yield Lane(name, name, [[Note(text) for text in one.get(name, ())] for one in details])


def _sections(
    document: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], locale: str
) -> Iterator[Section]:
    if personas := objects(document, "personas"):
        cards = [_persona(one, locale) for one in personas]
        yield Section("personas", title("personas", locale), cards)
    if steps := objects(document, "steps"):
        cards = [_step(number, one, locale) for number, one in enumerate(steps, 1)]
        yield Section("steps", title("steps", locale), cards)
    about = [
        *_titled(document, ("lanes", *_OF_MAP) if not stages else _OF_MAP, locale),
        *_kpis(document, locale),
        *(one for one in _facts_of(document.get("details"), locale) if one[0] != spelled(_TOUR)),
    ]
    if about:
        yield Section("about", title("about", locale), [Card(name, [("", t)]) for name, t in about])


def _persona(one: Mapping[str, Any], locale: str) -> Card:
    segment = str(one.get("segment") or "")
    return Card(
        str(one.get("name") or one.get("slug", "")),
        [
            *_titled(one, _OF_PERSONA, locale),
            *([(title("segment", locale), [segment])] if segment else []),
            *_facts_of(one.get("details"), locale),
        ],
    )


def _step(number: int, one: Mapping[str, Any], locale: str) -> Card:
    place = " · ".join(str(one[name]) for name in ("stage", "channel") if one.get(name))
    emotion = str(one.get("emotion") or "")
    return Card(
        f"{number}. {place}".strip(),
        [
            *([("", [str(one["action"])])] if one.get("action") else []),
            *([(title("emotion", locale), [emotion])] if emotion else []),
            *_titled(one, ("pains",), locale),
            *_facts_of(one.get("details"), locale),
        ],
    )


def _kpis(document: Mapping[str, Any], locale: str) -> list[tuple[str, Sequence[str]]]:
    told = [_told(one, "kpis", locale) for one in objects(document, "kpis")]
    return [(title("metrics", locale), told)] if told else []


def _titled(
    holder: Mapping[str, Any], names: Sequence[str], locale: str
) -> list[tuple[str, Sequence[str]]]:
    return [(title(name, locale), found) for name in names if (found := texts(holder, name))]


def _facts_of(details: Any, locale: str, above: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yields the facts of a document by name, those of documents in it under both names."""
    for key, value in details.items() if isinstance(details, Mapping) else ():
        name = f"{above} · {spelled(key).lower()}" if above else spelled(key)
        if isinstance(value, Mapping) and name.count("·") < _DEEPEST:
            yield from _facts_of(value, locale, name)
        elif found := list(_texts_of(value, locale)):
            yield name, found


def _texts_of(value: Any, locale: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        parts = ((spelled(key), ", ".join(_texts_of(one, locale))) for key, one in value.items())
        if told := "; ".join(f"{name}: {text}" for name, text in parts if text):
            yield told
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for one in value:
            yield from _texts_of(one, locale)
    elif isinstance(value, bool):
        yield title("yes" if value else "no", locale)
    elif isinstance(value, float):
        yield f"{value:,.10g}"
    elif value not in (None, ""):
        yield str(value)

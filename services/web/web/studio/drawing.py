"""The drawn parts of a map: lanes below its stages, personas, and a worked journey."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from web.studio.model import Drawing, DrawnStage, Persona, Step, text_of

# Lanes that every stage may have, in the order of the page: attribute of a stage, and title.
_LANES: Final = (
    ("goals", "Goals"),
    ("actions", "Actions"),
    ("touchpoints", "Touchpoints"),
    ("emotions", "Emotions"),
    ("pains", "Pains"),
    ("moments_of_truth", "Moments of truth"),
    ("opportunities", "Opportunities"),
    ("metrics", "Metrics"),
)
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Note:
    """A text of a cell. `of` is the persona whose it is, or empty for all."""

    text: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the map: the notes of each stage."""

    title: str
    cells: Sequence[Sequence[Note]]


@dataclass(frozen=True, slots=True)
class Facts:
    """A titled list."""

    title: str
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class DescribedPersona:
    """Somebody whom the map is drawn for."""

    name: str
    facts: Sequence[Facts]


@dataclass(frozen=True, slots=True)
class DescribedStep:
    """A step of the worked journey. `place` is its stage and channel."""

    place: str
    action: str
    emotion: str
    pains: Sequence[str]
    facts: Sequence[Facts]


@dataclass(frozen=True, slots=True)
class Drawn:
    """All that people drew. It is empty where nobody drew anything."""

    meanings: Sequence[str]
    lanes: Sequence[Lane]
    personas: Sequence[DescribedPersona]
    steps: Sequence[DescribedStep]
    facts: Sequence[Facts]

    @property
    def has_stages(self) -> bool:
        """Whether anything stands below the stages."""
        return bool(self.meanings) and (bool(self.lanes) or any(self.meanings))


def describe_drawing(drawing: Drawing, slugs: Sequence[str], locale: str) -> Drawn:
    """Returns what a page shows of a map's drawn parts.

    `slugs` are of the stages that it shows, in order. Texts are in a language where the map has it.
    """
    by_slug = {stage.slug: stage for stage in drawing.stages}
    stages = [by_slug.get(slug) or DrawnStage(slug=slug) for slug in slugs]
    return Drawn(
        meanings=[text_of(stage.meaning, locale) for stage in stages],
        lanes=list(_lanes(drawing, stages)),
        personas=[_describe_persona(one) for one in drawing.personas],
        steps=[_describe_step(one) for one in drawing.steps],
        facts=[
            *_titled(
                ("Lanes", () if stages else drawing.lanes),
                ("Channels", drawing.channels),
                ("Moments of truth", drawing.moments_of_truth),
                ("Pains", drawing.pains),
                ("Metrics", drawing.metrics),
                ("Touchpoints without a stage", drawing.touchpoint_pool),
            ),
            *_facts_of(drawing.details),
        ],
    )


def _lanes(drawing: Drawing, stages: Sequence[DrawnStage]) -> Iterator[Lane]:
    for attribute, title in _LANES:
        texts = [getattr(stage, attribute) for stage in stages]
        if any(texts):
            yield Lane(title, [[Note(text) for text in cell] for cell in texts])
    drawn = (cell.lane for stage in stages for cell in stage.cells)
    names = {one.slug: one.name or one.slug for one in drawing.personas}
    for lane in dict.fromkeys([*drawing.lanes, *drawn]):
        yield Lane(lane, [_notes_of(stage, lane, names) for stage in stages])
    details = [dict(_flattened(stage.details)) for stage in stages]
    for name in dict.fromkeys(name for one in details for name in one):
        yield Lane(name, [[Note(text) for text in one.get(name, ())] for one in details])


def _notes_of(stage: DrawnStage, lane: str, names: Mapping[str, str]) -> list[Note]:
    return [
        Note(text, names.get(cell.persona, cell.persona))
        for cell in stage.cells
        if cell.lane == lane
        for text in cell.texts
    ]


def _describe_persona(persona: Persona) -> DescribedPersona:
    own = _titled(("", persona.traits), ("Goals", persona.goals), ("Pains", persona.pains))
    return DescribedPersona(persona.name or persona.slug, [*own, *_facts_of(persona.details)])


def _describe_step(step: Step) -> DescribedStep:
    return DescribedStep(
        place=" · ".join(filter(None, (step.stage, step.channel))),
        action=step.action,
        emotion=step.emotion,
        pains=step.pains,
        facts=_facts_of(step.details),
    )


def _titled(*lists: tuple[str, Sequence[str]]) -> list[Facts]:
    return [Facts(title, texts) for title, texts in lists if texts]


def _facts_of(details: Mapping[str, Any]) -> list[Facts]:
    return [Facts(name, texts) for name, texts in _flattened(details)]


def _flattened(details: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yields the facts of a document by name, those of documents in it under both names."""
    for key, value in details.items():
        name = f"{above} · {_spelled(key).lower()}" if above else _spelled(key)
        if isinstance(value, Mapping) and name.count("·") < _DEEPEST:
            yield from _flattened(value, name)
        elif texts := list(_texts_of(value)):
            yield name, texts


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        parts = ((_spelled(key), ", ".join(_texts_of(each))) for key, each in value.items())
        if told := "; ".join(f"{name}: {text}" for name, text in parts if text):
            yield told
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for each in value:
            yield from _texts_of(each)
    elif isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, float):
        yield f"{value:,.10g}"
    elif value not in (None, ""):
        yield str(value)


def _spelled(name: str) -> str:
    """Returns a name of a field as a title."""
    told = name.replace("_", " ").replace("-", " ").strip()
    return told[:1].upper() + told[1:]

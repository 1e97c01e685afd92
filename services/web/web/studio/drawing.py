"""The drawn parts of a map: lanes below its stages, personas, and a worked journey."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from web.studio.emotions import EmotionCurve, draw_emotions
from web.studio.model import Drawing, DrawnStage, Kpi, Persona, Step, text_of
from web.studio.words import Words

# Lanes that every stage may have, in the order of the page: attributes of a stage.
_LANES: Final = (
    "sub_stages",
    "goals",
    "actions",
    "touchpoints",
    "emotions",
    "pains",
    "moments_of_truth",
    "opportunities",
    "metrics",
)
_DEEPEST: Final = 4
# The tour is shown at the top of the page.
TOUR: Final = "tour"


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
    emotions: EmotionCurve | None

    @property
    def has_stages(self) -> bool:
        """Whether anything stands below the stages."""
        return bool(self.meanings) and (
            bool(self.lanes) or any(self.meanings) or self.emotions is not None
        )


def describe_drawing(drawing: Drawing, slugs: Sequence[str], words: Words) -> Drawn:
    """Returns what a page shows of a map's drawn parts.

    `slugs` are of the stages that it shows, in order. Texts are in a language where the map has it.
    """
    by_slug = {stage.slug: stage for stage in drawing.stages}
    stages = [by_slug.get(slug) or DrawnStage(slug=slug) for slug in slugs]
    return Drawn(
        meanings=[text_of(stage.meaning, words.code) for stage in stages],
        lanes=list(_lanes(drawing, stages, words)),
        personas=[_describe_persona(one, words) for one in drawing.personas],
        steps=[_describe_step(one, words) for one in drawing.steps],
        facts=[
            *_titled(
                (words.text("lane.lanes"), () if stages else drawing.lanes),
                (words.text("lane.channels"), drawing.channels),
                (words.text("lane.moments_of_truth"), drawing.moments_of_truth),
                (words.text("lane.pains"), drawing.pains),
                (words.text("lane.metrics"), [*drawing.metrics, *_targets(drawing.kpis, words)]),
                (words.text("lane.touchpoint_pool"), drawing.touchpoint_pool),
            ),
            *_facts_of({name: one for name, one in drawing.details.items() if name != TOUR}, words),
        ],
        emotions=draw_emotions(stages, words),
    )


def _lanes(drawing: Drawing, stages: Sequence[DrawnStage], words: Words) -> Iterator[Lane]:
    for attribute in _LANES:
        texts = [
            [*getattr(stage, attribute), *_typed_texts(stage, attribute, words)] for stage in stages
        ]
        if any(texts):
            title = words.text(f"lane.{attribute}")
            yield Lane(title, [[Note(text) for text in cell] for cell in texts])
    drawn = (cell.lane for stage in stages for cell in stage.cells)
    names = {one.slug: one.name or one.slug for one in drawing.personas}
    for lane in dict.fromkeys([*drawing.lanes, *drawn]):
        yield Lane(lane, [_notes_of(stage, lane, names) for stage in stages])
    details = [dict(_flattened(stage.details, words)) for stage in stages]
    for name in dict.fromkeys(name for one in details for name in one):
        yield Lane(name, [[Note(text) for text in one.get(name, ())] for one in details])


def _typed_texts(stage: DrawnStage, attribute: str, words: Words) -> list[str]:
    """Returns the entries of a lane that have more than a text: impact, owner, or target."""
    match attribute:
        case "pains":
            return [
                _with(one.text, words.text_or(f"impact.{one.impact}", one.impact))
                for one in stage.pain_points
            ]
        case "opportunities":
            return [_with(one.text, one.owner) for one in stage.owned_opportunities]
        case "metrics":
            return _targets(stage.kpis, words)
    return []


def _targets(kpis: Sequence[Kpi], words: Words) -> list[str]:
    return [
        _with(
            one.name,
            ""
            if one.target is None
            else words.text("kpi.target", target=f"{words.decimal(one.target)} {one.unit}".strip()),
        )
        for one in kpis
    ]


def _with(text: str, fact: str) -> str:
    return f"{text} ({fact})" if fact else text


def _notes_of(stage: DrawnStage, lane: str, names: Mapping[str, str]) -> list[Note]:
    return [
        Note(text, names.get(cell.persona, cell.persona))
        for cell in stage.cells
        if cell.lane == lane
        for text in cell.texts
    ]


def _describe_persona(persona: Persona, words: Words) -> DescribedPersona:
    own = _titled(
        ("", persona.traits),
        (words.text("lane.goals"), persona.goals),
        (words.text("lane.pains"), persona.pains),
        (words.text("lane.segment"), [persona.segment] if persona.segment else []),
    )
    facts = [*own, *_facts_of(persona.details, words)]
    return DescribedPersona(persona.name or persona.slug, facts)


def _describe_step(step: Step, words: Words) -> DescribedStep:
    return DescribedStep(
        place=" · ".join(filter(None, (step.stage, step.channel))),
        action=step.action,
        emotion=step.emotion,
        pains=step.pains,
        facts=_facts_of(step.details, words),
    )


def _titled(*lists: tuple[str, Sequence[str]]) -> list[Facts]:
    return [Facts(title, texts) for title, texts in lists if texts]


def _facts_of(details: Mapping[str, Any], words: Words) -> list[Facts]:
    return [Facts(name, texts) for name, texts in _flattened(details, words)]


def _flattened(
    details: Mapping[str, Any], words: Words, above: str = ""
) -> Iterator[tuple[str, list[str]]]:
    """Yields the facts of a document by name, those of documents in it under both names."""
    for key, value in details.items():
        name = f"{above} · {_spelled(key).lower()}" if above else _spelled(key)
        if isinstance(value, Mapping) and name.count("·") < _DEEPEST:
            yield from _flattened(value, words, name)
        elif texts := list(_texts_of(value, words)):
            yield name, texts


def _texts_of(value: Any, words: Words) -> Iterator[str]:
    if isinstance(value, Mapping):
        parts = ((_spelled(key), ", ".join(_texts_of(each, words))) for key, each in value.items())
        if told := "; ".join(f"{name}: {text}" for name, text in parts if text):
            yield told
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for each in value:
            yield from _texts_of(each, words)
    elif isinstance(value, bool):
        yield words.text("yes" if value else "no")
    elif isinstance(value, float):
        yield words.decimal(value)
    elif value not in (None, ""):
        yield str(value)


def _spelled(name: str) -> str:
    """Returns a name of a field as a title."""
    told = name.replace("_", " ").replace("-", " ").strip()
    return told[:1].upper() + told[1:]

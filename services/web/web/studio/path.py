"""One person's path, touchpoint by touchpoint, each with what the back end did for it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from web.studio.board import hue_of
from web.studio.model import Journey, Span, Touchpoint
from web.studio.runs import Run
from web.studio.words import Words

_LABEL_WIDTH: Final = 290
_LANE_WIDTH: Final = 520
_VALUE_WIDTH: Final = 70
_ROW_HEIGHT: Final = 22
_LONGEST_LABEL: Final = 44
_SHOWN_SPANS: Final = 40
# OpenTelemetry's kind of the side of a call that answers.
_SERVER: Final = "SERVER"
_AT_ONCE_MS: Final = 1
_MINOR: Final = "_minor"
_NUMBER: Final = re.compile(r"-?[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Stay:
    """A person's stay in a stage; `hue` is None where they never were."""

    name: str
    facts: str
    hue: int | None


@dataclass(frozen=True, slots=True)
class SpanBar:
    """One span in the waterfall."""

    label: str
    y: int
    x: float
    length: float
    mark: str
    took: str


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """One service's part of a trace."""

    name: str
    hue: int
    calls: int
    longest: str
    errors: int


@dataclass(frozen=True, slots=True)
class BackStage:
    """The trace behind a touchpoint. Without bars, `note` says why."""

    note: str
    url: str
    facts: str = ""
    errors: int = 0
    bars: Sequence[SpanBar] = ()
    services: Sequence[ServiceShare] = ()
    width: int = _LABEL_WIDTH + _LANE_WIDTH + _VALUE_WIDTH

    @property
    def height(self) -> int:
        return len(self.bars) * _ROW_HEIGHT


@dataclass(frozen=True, slots=True)
class Step:
    """One touchpoint."""

    ordinal: int
    hue: int
    kind: str
    stage: str
    outcome: str
    outcome_name: str
    at: str
    at_iso: str
    gap: str
    facts: Sequence[tuple[str, str]]
    back_stage: BackStage


@dataclass(frozen=True, slots=True)
class Path:
    """All of it, in runs of equal steps. `notes` say what is not shown."""

    person: str
    person_id: str
    stays: Sequence[Stay]
    runs: Sequence[Sequence[Step]]
    notes: str


def describe_path(
    journey: Journey,
    runs: Sequence[Run],
    numbers: Mapping[str, int],
    words: Words,
) -> Path:
    """Returns a person's path through the stages of a map."""
    placed = [one for run in runs for one in run.touchpoints]
    names = {stage.slug: stage.name for stage in journey.stages}
    traces: dict[str, list[Span]] = {}
    for span in journey.spans:
        traces.setdefault(span.trace_id, []).append(span)
    steps = []
    for index, one in enumerate(placed):
        before = placed[index - 1].occurred_at if index else one.occurred_at
        gap = (one.occurred_at - before).total_seconds()
        steps.append(
            Step(
                ordinal=index + 1,
                hue=hue_of(numbers[one.stage]),
                kind=one.kind,
                stage=names.get(one.stage, one.stage),
                outcome="" if one.outcome == "ok" else one.outcome,
                outcome_name=words.text_or(f"outcome.{one.outcome}", one.outcome),
                at=words.moment(one.occurred_at),
                at_iso=one.occurred_at.isoformat(),
                gap=f"+{words.duration(gap)}" if index else words.text("path.begins"),
                facts=_list_facts(one, words),
                back_stage=_describe_back_stage(one, journey.trace_status, traces, words),
            )
        )
    return Path(
        person=words.text("path.customer" if journey.is_customer else "path.visitor"),
        person_id=journey.person_id,
        stays=_list_stays(journey, numbers, words),
        runs=[steps[run.first - 1 :][: len(run.touchpoints)] for run in runs],
        notes=_notes(journey, words, others=len(journey.touchpoints) - len(placed)),
    )


def _notes(journey: Journey, words: Words, *, others: int) -> str:
    notes = []
    if journey.is_truncated:
        notes.append(words.text("path.truncated"))
    if others:
        notes.append(words.count("path.others", others))
    return " ".join(notes)


def _list_stays(journey: Journey, numbers: Mapping[str, int], words: Words) -> list[Stay]:
    stays = []
    for stage in journey.stages:
        count = words.count("touchpoint", stage.touchpoints)
        stayed = f"{count}, {words.duration(stage.seconds)}"
        facts = stayed if stage.touchpoints else words.text("path.not_reached")
        hue = hue_of(numbers.get(stage.slug, 0)) if stage.touchpoints else None
        stays.append(Stay(stage.name, facts, hue))
    return stays


def _list_facts(one: Touchpoint, words: Words) -> list[tuple[str, str]]:
    campaign = " / ".join(filter(None, (one.utm_source, one.utm_medium, one.utm_campaign)))
    facts = [
        ("about", one.subject),
        ("told_by", one.source),
        ("channel", one.channel),
        ("answered_in", "" if one.duration_ms is None else words.duration(one.duration_ms / 1_000)),
        ("reason", one.reason),
        ("campaign", campaign),
        ("referrer", one.referrer_host),
    ]
    told = [(words.text(f"fact.{name}"), value) for name, value in facts if value]
    return [*told, *_list_properties(one.properties, words)]


def _list_properties(properties: Mapping[str, str], words: Words) -> list[tuple[str, str]]:
    """Returns properties as people read them: amounts with their currency, names without _."""
    currency, found = properties.get("currency", ""), []
    for name, value in sorted(properties.items()):
        if not value:
            continue
        is_amount = name.endswith(_MINOR) and currency and _NUMBER.fullmatch(value)
        told = words.amount(int(value), currency) if is_amount else value
        plain = (name.removesuffix(_MINOR) if is_amount else name).replace("_", " ")
        found.append((plain, told))
    return found


def _describe_back_stage(
    one: Touchpoint,
    trace_status: str,
    traces: Mapping[str, Sequence[Span]],
    words: Words,
) -> BackStage:
    url = one.trace_url if one.trace_url.startswith(("http://", "https://")) else ""
    if not one.trace_id:
        return BackStage(words.text("trace.none"), "")
    spans = traces.get(one.trace_id, ())
    if not spans:
        missing = words.text("trace.not_connected")
        return BackStage(words.text_or(f"trace.{trace_status}", missing), url)
    took = max(span.start_ms + span.duration_ms for span in spans)
    services = sorted({span.service for span in spans})
    return BackStage(
        note="",
        url=url,
        facts=_count(spans, services, took, words),
        errors=sum(span.is_error for span in spans),
        bars=_draw_waterfall(spans, max(took, 0.001), services, words),
        services=[_sum_service(name, index, spans, words) for index, name in enumerate(services)],
    )


def _count(spans: Sequence[Span], services: Sequence[str], took: float, words: Words) -> str:
    """Returns what a trace did for the one who waited, and how long work went on after it."""
    answered = next((span for span in spans if span.kind == _SERVER), spans[0])
    end = answered.start_ms + answered.duration_ms
    calls = sum(span.kind == _SERVER for span in spans)
    facts = [
        words.count("service", len(services)),
        words.count("call", calls),
        words.text("trace.answered", time=words.duration(answered.duration_ms / 1_000)),
    ]
    if took > end + _AT_ONCE_MS:
        facts.append(words.text("trace.went_on", time=words.duration(took / 1_000)))
    if len(spans) > _SHOWN_SPANS:
        facts.append(words.text("trace.first", shown=_SHOWN_SPANS, number=len(spans)))
    return " · ".join(facts)


def _draw_waterfall(
    spans: Sequence[Span], took: float, services: Sequence[str], words: Words
) -> list[SpanBar]:
    bars = []
    for row, span in enumerate(spans[:_SHOWN_SPANS]):
        x = _LABEL_WIDTH + _LANE_WIDTH * span.start_ms / took
        length = max(2.0, _LANE_WIDTH * span.duration_ms / took)
        name = f"{span.service} · {span.name.rsplit('.', 1)[-1]}"
        is_short = len(name) <= _LONGEST_LABEL
        bars.append(
            SpanBar(
                label=name if is_short else f"{name[: _LONGEST_LABEL - 1]}…",
                y=row * _ROW_HEIGHT,
                x=round(x, 1),
                length=round(length, 1),
                mark="error" if span.is_error else f"fill s{hue_of(services.index(span.service))}",
                took=words.duration(span.duration_ms / 1_000),
            )
        )
    return bars


def _sum_service(name: str, index: int, spans: Sequence[Span], words: Words) -> ServiceShare:
    own = [span for span in spans if span.service == name]
    return ServiceShare(
        name=name,
        hue=hue_of(index),
        calls=sum(span.kind == _SERVER for span in own),
        longest=words.duration(max(span.duration_ms for span in own) / 1_000),
        errors=sum(span.is_error for span in own),
    )

"""One person's path, touchpoint by touchpoint, each with what happened behind the stage."""

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from journey.journeys.traces import Span, Spans
from journey.page.board import Names
from journey.page.markup import Html, duration, el, joined, milliseconds, number
from journey.touchpoints.model import Outcome
from journey.wire import OUTCOMES, SOURCES
from sojourn.journey.v1 import journey_pb2 as pb

_LABEL_WIDTH: Final = 290
_LANE_WIDTH: Final = 520
_ROW_HEIGHT: Final = 22
_BAR_HEIGHT: Final = 14
_MOST_LABEL: Final = 44
_SHOWN_SPANS: Final = 40


def path(journey: pb.Journey, names: Names, traces: Spans) -> Html:
    """The person's stays and touchpoints.

    Those that the map has no stage for are told at the end, and not drawn.
    """
    placed = [one for one in journey.touchpoints if one.stage in names]
    others = len(journey.touchpoints) - len(placed)
    notes = []
    if journey.is_truncated:
        notes.append("Older touchpoints are left out.")
    if others:
        notes.append(f"{number(others)} touchpoints belong to no stage of this map.")
    who = "Customer" if journey.is_customer else "Visitor"
    return el(
        "section",
        el("h2", "One person's path"),
        el("p", who, " ", el("code", journey.person_id), class_="muted"),
        _stays(journey.stages, names),
        el(
            "ol",
            *(_touchpoint(index, placed, names, traces) for index in range(len(placed))),
            class_="steps",
        ),
        el("p", " ".join(notes), class_="muted") if notes else None,
        class_="path",
    )


def _stays(stages: Sequence[pb.JourneyStage], names: Names) -> Html:
    parts = []
    for stage in stages:
        count = f"{number(stage.touchpoints)} touchpoint{'' if stage.touchpoints == 1 else 's'}"
        told = f"{count}, {duration(stage.seconds)}" if stage.touchpoints else "not reached"
        mark = f"stay s{names[stage.slug][0] % 8}" if stage.touchpoints else "stay none"
        parts.append(el("li", el("b", stage.name), el("span", told), class_=mark))
    return el("ul", *parts, class_="stays")


def _touchpoint(
    index: int, placed: Sequence[pb.JourneyTouchpoint], names: Names, traces: Spans
) -> Html:
    one = placed[index]
    at = one.occurred_at.ToDatetime(UTC)
    gap = (at - placed[index - 1].occurred_at.ToDatetime(UTC)).total_seconds() if index else 0
    stage, outcome = names[one.stage], OUTCOMES.decode(one.outcome)
    summary = el(
        "summary",
        el("span", index + 1, class_="ordinal"),
        el("code", one.kind),
        el("span", stage[1], class_="stage-name"),
        el("span", outcome, class_=f"badge {outcome}") if outcome is not Outcome.OK else None,
        el("time", f"{at:%d %b %H:%M:%S}", datetime=at.isoformat()),
        el("span", f"+{duration(gap)}" if index else "begins", class_="gap"),
    )
    body = el("div", _facts(one), _backstage(one, traces), id=f"t{index + 1}", class_="body")
    return el("li", el("details", summary, body), class_=f"s{stage[0] % 8}")


def _facts(one: pb.JourneyTouchpoint) -> Html:
    facts = [
        ("about", one.subject),
        ("told by", SOURCES.decode(one.source)),
        ("channel", one.channel),
        ("answered in", milliseconds(one.duration_ms) if one.HasField("duration_ms") else ""),
        ("reason", one.reason),
        ("campaign", " / ".join(filter(None, (one.utm_source, one.utm_medium, one.utm_campaign)))),
        ("referrer", one.referrer_host),
        *sorted(one.properties.items()),
    ]
    told = [el("div", el("dt", name), el("dd", value)) for name, value in facts if value]
    return el("dl", *told, class_="facts")


def _backstage(one: pb.JourneyTouchpoint, traces: Spans) -> Html:
    if not one.trace_id:
        return el("p", "No trace: this touchpoint was not made by a request.", class_="muted")
    spans = traces.get(one.trace_id)
    link = (
        el("a", "open the trace", href=one.trace_url, rel="noreferrer")
        if one.trace_url.startswith(("http://", "https://"))
        else None
    )
    if not spans:
        told = (
            "The trace store does not answer."
            if spans is None
            else "The trace store has forgotten this trace."
        )
        return el(
            "p", told if traces else "Back-stage is not connected.", " ", link, class_="muted"
        )
    took = max(span.start_ms + span.duration_ms for span in spans)
    errors = sum(span.is_error for span in spans)
    services = sorted({span.service for span in spans})
    return el(
        "div",
        el(
            "p",
            el("b", "Back stage"),
            f" · {len(services)} services · {len(spans)} calls · {milliseconds(took)} ",
            el("span", f"{errors} failed", class_="badge error") if errors else None,
            " ",
            link,
            class_="backstage-head",
        ),
        el("div", _waterfall(spans, max(took, 0.001), services), class_="scroller"),
        _services(spans, services),
        class_="backstage",
    )


def _waterfall(spans: Sequence[Span], took: float, services: Sequence[str]) -> Html:
    shown = spans[:_SHOWN_SPANS]
    height, width = len(shown) * _ROW_HEIGHT, _LABEL_WIDTH + _LANE_WIDTH + 70
    parts = []
    for row, span in enumerate(shown):
        y, x = row * _ROW_HEIGHT, _LABEL_WIDTH + _LANE_WIDTH * span.start_ms / took
        length = max(2.0, _LANE_WIDTH * span.duration_ms / took)
        mark = "error" if span.is_error else f"fill s{services.index(span.service) % 8}"
        name = f"{span.service} · {span.name.rsplit('.', 1)[-1]}"
        parts += [
            el(
                "text",
                name if len(name) <= _MOST_LABEL else f"{name[: _MOST_LABEL - 1]}…",
                x=0,
                y=y + 13,
            ),
            el(
                "rect",
                x=round(x, 1),
                y=y + 2,
                width=round(length, 1),
                height=_BAR_HEIGHT,
                rx=3,
                class_=mark,
            ),
            el(
                "text",
                milliseconds(span.duration_ms),
                x=round(x + length + 6, 1),
                y=y + 13,
                class_="took",
            ),
        ]
    return el(
        "svg",
        *parts,
        class_="waterfall",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
    )


def _services(spans: Sequence[Span], services: Sequence[str]) -> Html:
    rows = []
    for index, service in enumerate(services):
        own = [span for span in spans if span.service == service]
        failed = sum(span.is_error for span in own)
        longest = max(span.duration_ms for span in own)
        dot = el(
            "svg",
            el("circle", cx=5, cy=5, r=5, class_=f"fill s{index % 8}"),
            width=10,
            height=10,
            class_="swatch",
            aria_hidden="true",
        )
        cells = (
            joined(dot, " ", service),
            str(len(own)),
            milliseconds(longest),
            str(failed) if failed else "–",
        )
        rows.append(
            el(
                "tr",
                *(
                    el("td", cell, class_="num" if column else None)
                    for column, cell in enumerate(cells)
                ),
            )
        )
    head = el(
        "tr",
        *(
            el("th", name, class_="num" if column else None)
            for column, name in enumerate(("service", "calls", "longest", "errors"))
        ),
    )
    return el("table", el("thead", head), el("tbody", *rows))

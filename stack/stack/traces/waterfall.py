"""Traces as HTML pages without scripts or outside resources.

Every text in them comes from spans and is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any, Final
from urllib.parse import quote

from stack.traces.spans import NANOSECONDS_PER_MILLISECOND, Json, summary

NANOSECONDS: Final = 1_000_000_000
THINNEST_BAR_PERCENT: Final = 0.15
# Distinct on light and dark, told apart by most colour-blind readers; a service's colour is its
# place in the trace.
COLOURS: Final = (
    "#4878cf",
    "#d0743c",
    "#3f9b66",
    "#a05db0",
    "#b8952a",
    "#2f97a8",
    "#c0506f",
    "#77818c",
)

STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #c8332b; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem;
padding: 0 1.5rem; }
h1 { font-size: 1.3rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
p { margin: .2rem 0 1.2rem; opacity: .75; } code { font-size: .92em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
.legend span { margin-right: 1.2rem; white-space: nowrap; }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .4em; }
details { border-bottom: 1px solid var(--line); } details:hover, tr:hover { background: var(--soft);
}
summary { display: grid; grid-template-columns: minmax(14rem, 32%) 1fr 6.5rem; gap: .8rem;
align-items: center;
  padding: .28rem .2rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
} .name small { opacity: .65; margin-left: .5em; }
.track { position: relative; height: 1rem; background: var(--soft); border-radius: 3px;
overflow: hidden; }
.bar { position: absolute; top: 0; bottom: 0; border-radius: 3px;
} .bad .bar { box-shadow: inset 0 0 0 2px var(--bad); }
.bad .name, .bad td:first-child { color: var(--bad); font-weight: 600; }
.time { text-align: right; font-variant-numeric: tabular-nums; }
.more { padding: .3rem 1rem 1rem 1.4rem; } .more table { width: auto;
} .more td { padding: .15rem .8rem .15rem 0; border: 0;
  vertical-align: top; overflow-wrap: anywhere; }
"""


def trace_page(trace_id: str, spans: list[Json]) -> str:
    """One trace as a waterfall. `spans` are not empty and in the order of their start."""
    about = summary(trace_id, spans)
    services = list(dict.fromkeys(span["service"] for span in spans))
    colours = {service: COLOURS[index % len(COLOURS)] for index, service in enumerate(services)}
    legend = "".join(
        f'<span><i class="dot" style="background:{colours[name]}"></i>{escape(name)}</span>'
        for name in services
    )
    scale = (about["start_unix_nano"], max(about["duration_ms"], 0.001))
    rows = "".join(
        _row(span, depth, scale, colours[span["service"]]) for span, depth in _nested(spans)
    )
    return _page(
        about["name"],
        f"<h1>{escape(about['name'])}</h1><p>trace <code>{escape(trace_id)}</code> · "
        f"{_when(about['start_unix_nano'])} · "
        f"{_milliseconds(about['duration_ms'])} · {about['spans']} spans · <a href='/traces'>all "
        "traces</a></p>"
        f'<p class="legend">{legend}</p>{rows}',
    )


def list_page(summaries: Iterable[Json]) -> str:
    """A table of traces, each a link to its waterfall."""
    rows = "".join(
        f'<tr class="{"bad" if each["error"] else ""}">'
        f'<td><a href="/traces/{quote(each["trace_id"])}">{escape(each["name"])}</a></td>'
        f"<td>{escape(', '.join(each['services']))}</td><td>{each['spans']}</td>"
        f"<td>{_when(each['start_unix_nano'])}</td>"
        f'<td class="time">{_milliseconds(each["duration_ms"])}</td></tr>'
        for each in summaries
    )
    head = (
        "<tr><th>trace</th><th>services</th><th>spans</th><th>start</th><th "
        "class='time'>duration</th></tr>"
    )
    empty = "" if rows else "<p>No traces yet.</p>"
    return _page(
        "Recent traces",
        f"<h1>Recent traces</h1><p>newest first</p><table>{head}{rows}</table>{empty}",
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><body>{body}</body></html>"
    )


def _nested(spans: list[Json]) -> list[tuple[Json, int]]:
    """The spans with their depth, each followed by its children.

    One whose parent is missing counts as a root.
    """
    known = {span["span_id"] for span in spans}
    children: dict[str | None, list[Json]] = {}
    for span in spans:
        parent = span["parent_span_id"] if span["parent_span_id"] in known else None
        children.setdefault(parent, []).append(span)
    ordered: list[tuple[Json, int]] = []
    seen: set[str] = set()
    # Spans whose parents form a ring, which only a broken client sends, are reached by no root:
    # they come last, unnested.
    pending = [(span, 0) for span in reversed(spans)] + [
        (span, 0) for span in reversed(children.get(None, []))
    ]
    while pending:
        span, depth = pending.pop()
        if span["span_id"] in seen:
            continue
        seen.add(span["span_id"])
        ordered.append((span, depth))
        pending += [(child, depth + 1) for child in reversed(children.get(span["span_id"], []))]
    return ordered


def _row(span: Json, depth: int, scale: tuple[int, float], colour: str) -> str:
    start, total_ms = scale
    left = (span["start_unix_nano"] - start) / NANOSECONDS_PER_MILLISECOND / total_ms * 100
    width = max(THINNEST_BAR_PERCENT, span["duration_ms"] / total_ms * 100)
    bad = "bad" if span["status"]["code"] == "ERROR" else ""
    return (
        f'<details class="{bad}"><summary><span class="name" '
        f'style="padding-left:{depth * 1.1:.1f}rem">'
        '<i class="dot" '
        f'style="background:{colour}"></i>{escape(span["name"])}<small>{escape(span["service"])}</small></span>'
        '<span class="track"><span class="bar" '
        f'style="left:{left:.3f}%;width:{width:.3f}%;background:{colour}"></span></span>'
        f'<span class="time">{_milliseconds(span["duration_ms"])}</span></summary>'
        f'<div class="more">{_more(span, start)}</div></details>'
    )


def _more(span: Json, start: int) -> str:
    status = " ".join(filter(None, (span["status"]["code"], span["status"]["message"])))
    facts = {"span": span["span_id"], "kind": span["kind"], "status": status, **span["attributes"]}
    for event in span["events"]:
        at = _milliseconds((event["time_unix_nano"] - start) / NANOSECONDS_PER_MILLISECOND)
        facts[f"{event['name']} @ {at}"] = event["attributes"] or ""
    for link in span["links"]:
        facts[f"link {link['span_id']}"] = link["trace_id"]
    rows = (
        f"<tr><td>{escape(key)}</td><td><code>{_text(value)}</code></td></tr>"
        for key, value in facts.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _text(value: Any) -> str:
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _milliseconds(value: float) -> str:
    return f"{value:,.2f} ms"


def _when(unix_nano: int) -> str:
    return datetime.fromtimestamp(unix_nano / NANOSECONDS, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

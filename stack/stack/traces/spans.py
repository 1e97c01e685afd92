"""A bounded store of spans, and what it tells about them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

NEWEST_SPANS: Final = 200_000
SPANS_PER_TRACE: Final = 10_000
NANOSECONDS_PER_MILLISECOND: Final = 1_000_000

Json = dict[str, Any]


@dataclass
class Trace:
    """Spans of one trace by span id, serialized; a repeated export replaces them.

    Bytes take a fifth of the memory of parsed spans, and most traces are never looked at.
    """

    spans: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)


class SpanStore:
    """Keeps the newest traces, `limit` spans in all. Not thread-safe.

    `counts` hears of each span once.
    """

    def __init__(
        self, limit: int = NEWEST_SPANS, counts: Callable[[str, Span], None] | None = None
    ) -> None:
        self.limit, self._counts = limit, counts
        self.stored_spans = 0
        self.dropped_spans = 0
        self._traces: OrderedDict[bytes, Trace] = OrderedDict()

    def add(self, request: ExportTraceServiceRequest) -> None:
        """Stores spans; beyond the limit drops the traces whose first span came first."""
        for resource_spans in request.resource_spans:
            service = _service_of(resource_spans.resource.attributes)
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    self._store(service, span)
        while self.stored_spans > self.limit:
            _, oldest = self._traces.popitem(last=False)
            self.stored_spans -= len(oldest.spans)
            self.dropped_spans += len(oldest.spans)

    def trace(self, trace_id: str) -> list[Json]:
        """The spans of a trace (hexadecimal id) in the order of their start; empty if unknown."""
        try:
            found = self._traces.get(bytes.fromhex(trace_id))
        except ValueError:
            return []
        return _described(found) if found else []

    def recent(
        self, *, limit: int, service: str | None = None, attribute: tuple[str, str] | None = None
    ) -> list[Json]:
        """Returns summaries of the newest traces with a span of a service and attribute.

        The attribute's value is compared as text.
        """
        found: list[Json] = []
        for trace_id in reversed(self._traces):
            if len(found) >= limit:
                break
            if not any(
                _may_match(*stored, service, attribute)
                for stored in self._traces[trace_id].spans.values()
            ):
                continue
            spans = _described(self._traces[trace_id])
            if any(_matches(span, service, attribute) for span in spans):
                found.append(summary(trace_id.hex(), spans))
        return found

    def _store(self, service: str, span: Span) -> None:
        trace = self._traces.setdefault(span.trace_id, Trace())
        if span.span_id not in trace.spans:
            if (
                len(trace.spans) >= SPANS_PER_TRACE
            ):  # one endless trace must not push out all others
                self.dropped_spans += 1
                return
            self.stored_spans += 1
            if self._counts is not None:
                self._counts(service, span)
        trace.spans[span.span_id] = (service, span.SerializeToString())


def summary(trace_id: str, spans: list[Json]) -> Json:
    """Returns the row of a trace in a list.

    `spans` are not empty and in the order of their start.
    """
    start = spans[0]["start_unix_nano"]
    # Differences first: a float holds the time since 1970 only to 256 ns.
    took_ms = max(
        (span["start_unix_nano"] - start) / NANOSECONDS_PER_MILLISECOND + span["duration_ms"]
        for span in spans
    )
    known = {span["span_id"] for span in spans}
    root = next((span for span in spans if span["parent_span_id"] not in known), spans[0])
    return {
        "trace_id": trace_id,
        "name": root["name"],
        "services": sorted({span["service"] for span in spans}),
        "spans": len(spans),
        "start_unix_nano": start,
        "duration_ms": took_ms,
        "error": any(span["status"]["code"] == "ERROR" for span in spans),
    }


def _may_match(
    span_service: str, serialized: bytes, service: str | None, attribute: tuple[str, str] | None
) -> bool:
    """False only if the span cannot match.

    Texts stand in a serialized span as they are, so that most need no parsing.
    """
    if service is not None and span_service != service:
        return False
    if attribute is None:
        return True
    key, value = attribute
    is_text = value[:1].isalpha() and value not in ("true", "false", "inf", "nan")
    return key.encode() in serialized and (not is_text or value.encode() in serialized)


def _matches(span: Json, service: str | None, attribute: tuple[str, str] | None) -> bool:
    if service is not None and span["service"] != service:
        return False
    if attribute is None:
        return True
    key, value = attribute
    return key in span["attributes"] and _as_text(span["attributes"][key]) == value


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _described(trace: Trace) -> list[Json]:
    spans = [
        _span(service, Span.FromString(serialized)) for service, serialized in trace.spans.values()
    ]
    return sorted(spans, key=lambda span: (span["start_unix_nano"], span["span_id"]))


def _span(service: str, span: Span) -> Json:
    return {
        "service": service,
        "name": span.name,
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex() or None,
        "kind": Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        "start_unix_nano": span.start_time_unix_nano,
        "duration_ms": max(0, span.end_time_unix_nano - span.start_time_unix_nano)
        / NANOSECONDS_PER_MILLISECOND,
        "status": {
            "code": Status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_"),
            "message": span.status.message,
        },
        "attributes": dict(_attributes(span.attributes)),
        "events": [
            {
                "name": event.name,
                "time_unix_nano": event.time_unix_nano,
                "attributes": dict(_attributes(event.attributes)),
            }
            for event in span.events
        ],
        "links": [
            {"trace_id": link.trace_id.hex(), "span_id": link.span_id.hex()} for link in span.links
        ],
    }


def _service_of(attributes: Any) -> str:
    return next(
        (str(value) for key, value in _attributes(attributes) if key == "service.name"), "unknown"
    )


def _attributes(pairs: Any) -> Iterator[tuple[str, Any]]:
    pair: KeyValue
    for pair in pairs:
        yield pair.key, _value(pair.value)


def _value(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [_value(each) for each in value.array_value.values]
        case "kvlist_value":
            return dict(_attributes(value.kvlist_value.values))
        case "bytes_value":
            return value.bytes_value.hex()
        case kind:
            return getattr(value, kind)

"""Traces: spans, and the baggage that goes with them.

Spans are made here and nowhere else: one SERVER span per request and call, one CLIENT span per call
to a peer, CONSUMER and INTERNAL ones for events and timers. Visitor, session and touchpoint travel
as W3C baggage and stand on every span. Nothing personal may be recorded.
"""

import random
from collections.abc import Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Final, cast

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import (
    INVALID_SPAN,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)

from chassis.runtime.settings import Settings

BAGGAGE_KEYS: Final = ("visitor", "session", "touchpoint", "channel", "consent")
_MARKS: Final = {key: f"sojourn.{key}" for key in BAGGAGE_KEYS}
_baggage: ContextVar[Mapping[str, str]] = ContextVar("baggage", default={})
_current: ContextVar[Span] = ContextVar("span", default=INVALID_SPAN)


def configure_traces(service: str, settings: Settings, version: str) -> None:
    """Sets up the tracer, and the export of spans where the settings name a collector."""
    resource = Resource.create(
        {
            "service.name": service,
            "service.version": version,
            "service.instance.id": settings.service_instance,
            "service.namespace": "sojourn",
        }
    )
    tracer.sample_rate = settings.trace_sample_rate
    provider = TracerProvider(resource=resource, sampler=ParentBased(ALWAYS_ON))
    if settings.otlp_endpoint:
        provider.add_span_processor(
            BatchSpanProcessor(
                OTLPSpanExporter(settings.otlp_endpoint, timeout=5), schedule_delay_millis=1000
            )
        )
    trace.set_tracer_provider(provider)


def shut_down() -> None:
    """Sends what spans are left."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()


def baggage() -> Mapping[str, str]:
    """Visitor, session, touchpoint, channel and analytics consent of the current request."""
    return _baggage.get()


def carry(key: str, value: str) -> None:
    """Adds to the baggage of the current request, and marks the current span with it."""
    _baggage.set({**_baggage.get(), key: value})
    _current.get().set_attribute(_MARKS[key], value)


def trace_id() -> str:
    """The current trace, 32 hex digits, or empty."""
    context = _current.get().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def draw_sampled() -> bool:
    """Returns whether a new trace is kept: one in as many as the settings say."""
    return random.random() < tracer.sample_rate


def new_trace_id() -> str:
    """An id for a trace that is not kept and has nothing in it."""
    return f"{random.getrandbits(128) or 1:032x}"


def inject() -> dict[str, str]:
    """Headers that carry the current trace and baggage on."""
    headers: dict[str, str] = {}
    context = _current.get().get_span_context()
    if context.is_valid:
        headers["traceparent"] = (
            f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
        )
    if carried := _baggage.get():
        headers["baggage"] = ",".join(f"{key}={value}" for key, value in carried.items())
    return headers


def extract(headers: Mapping[str, str]) -> tuple[SpanContext | None, dict[str, str]]:
    """The trace and baggage that headers from a peer of ours carry."""
    found = dict(
        part.split("=", 1) for part in headers.get("baggage", "").split(",") if "=" in part
    )
    carried = {key: value for key, value in found.items() if key in BAGGAGE_KEYS}
    parts = headers.get("traceparent", "").split("-")
    if len(parts) != 4 or len(parts[1]) != 32 or len(parts[2]) != 16:
        return None, carried
    try:
        context = SpanContext(
            int(parts[1], 16),
            int(parts[2], 16),
            is_remote=True,
            trace_flags=TraceFlags(int(parts[3], 16)),
        )
    except ValueError:
        return None, carried
    return (context if context.is_valid else None), carried


class span:  # noqa: N801  # used as a function: `with span("name") as current:`
    """A span around a block, with the baggage on it.

    An exception marks it as failed by its type; its text is not recorded.

    `parent` is the span of a peer of ours; without one the span belongs to the current one. Below a
    trace that is not sampled no span is made: the block runs in its parent's context, so that the
    trace's id goes on and costs nothing. `is_sampled` is what was drawn for a new trace already.
    """

    __slots__ = (
        "_attributes",
        "_baggage_token",
        "_carried",
        "_is_sampled",
        "_kind",
        "_name",
        "_parent",
        "_span_token",
        "span",
    )

    def __init__(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        *,
        parent: SpanContext | None = None,
        carried: Mapping[str, str] | None = None,
        attributes: Mapping[str, str | int | bool | float] | None = None,
        is_sampled: bool | None = None,
    ) -> None:
        self._name, self._kind, self._parent, self._carried, self._attributes = (
            name,
            kind,
            parent,
            carried,
            attributes,
        )
        self._is_sampled = is_sampled

    def __enter__(self) -> Span:
        self._baggage_token = _baggage.set(self._carried) if self._carried is not None else None
        above = NonRecordingSpan(self._parent) if self._parent is not None else _current.get()
        context = above.get_span_context()
        if context.is_valid and not context.trace_flags.sampled:
            self.span = above
        elif not context.is_valid and not (
            draw_sampled() if self._is_sampled is None else self._is_sampled
        ):
            # A new trace that nobody keeps still has an id, at a tenth of what the SDK takes to
            # decide the same.
            self.span = NonRecordingSpan(
                SpanContext(
                    random.getrandbits(128) or 1, random.getrandbits(64) or 1, is_remote=False
                )
            )
        else:
            self.span = tracer.get().start_span(
                self._name, trace.set_span_in_context(above, Context()), self._kind
            )
            if self.span.is_recording():
                self.span.set_attributes({**_marks(), **(self._attributes or {})})
        self._span_token = _current.set(self.span)
        return self.span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None and self.span.is_recording():
            self.span.set_attribute("error.type", getattr(error, "reason", type(error).__name__))
            self.span.set_status(Status(StatusCode.ERROR))
        self.span.end()
        _current.reset(self._span_token)
        if self._baggage_token is not None:
            _baggage.reset(self._baggage_token)


def _marks() -> dict[str, str]:
    return {_MARKS[key]: value for key, value in _baggage.get().items() if key in _MARKS}


class _Tracer:
    """The provider's tracer, made once: making one costs as much as a span.

    `sample_rate` is the share of new traces that are kept.
    """

    def __init__(self) -> None:
        self.sample_rate = 1.0
        self._of: tuple[TracerProvider, Tracer] | None = None

    def get(self) -> Tracer:
        provider = trace.get_tracer_provider()
        if self._of is None or self._of[0] is not provider:
            self._of = (cast(TracerProvider, provider), provider.get_tracer("sojourn"))
        return self._of[1]


tracer: Final = _Tracer()

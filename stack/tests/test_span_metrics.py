"""Metrics that the sink makes of spans for the journey service."""

from __future__ import annotations

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from stack.traces.span_metrics import TOUCHPOINT, SpanMetrics


def a_span(took_ms: float, touchpoint: str = "search", trace: bytes = b"t" * 16) -> Span:
    return Span(
        trace_id=trace,
        span_id=b"s" * 8,
        name="Search",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=0,
        end_time_unix_nano=int(took_ms * 1e6),
        status=Status(code=Status.STATUS_CODE_ERROR if took_ms > 100 else Status.STATUS_CODE_UNSET),
        attributes=[KeyValue(key=TOUCHPOINT, value=AnyValue(string_value=touchpoint))]
        if touchpoint
        else [],
    )


def test_spans_of_touchpoints_are_counted_since_the_last_request() -> None:
    metrics = SpanMetrics()
    for took_ms, trace in ((1, b"a" * 16), (30, b"b" * 16), (700, b"c" * 16)):
        metrics.count("catalog", a_span(took_ms, trace=trace))
    metrics.count("catalog", a_span(5, touchpoint=""))

    request = metrics.take(7)

    assert request is not None
    assert metrics.take(8) is None
    points = [
        point
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.histogram.data_points
    ]
    assert [point.count for point in points] == [2, 1]
    assert [list(point.bucket_counts).index(1) for point in points] == [0, 9]
    assert [point.exemplars[0].trace_id for point in points] == [b"b" * 16, b"c" * 16]
    assert all(point.time_unix_nano == 7 for point in points)

"""Requests as the span metrics connector of a collector sends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, HistogramDataPoint

from journey.back_stage.model import Operation

AT = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
Calls = tuple[Operation, Sequence[tuple[float, int]], int]


def a_request(
    *calls: Calls, unit: str = "ms", is_delta: bool = True, at: datetime = AT
) -> ExportMetricsServiceRequest:
    """Calls of operations: pairs of an upper bound and a count, and whether they failed."""
    request = ExportMetricsServiceRequest()
    for operation, counts, is_error in calls:
        resource = request.resource_metrics.add()
        resource.resource.attributes.append(text("service.name", operation.service))
        metric = resource.scope_metrics.add().metrics.add()
        metric.name, metric.unit = "traces.span.metrics.duration", unit
        metric.histogram.aggregation_temporality = (
            AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
            if is_delta
            else AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
        )
        metric.histogram.data_points.append(point(operation, counts, bool(is_error), at))
    return request


def point(
    operation: Operation, counts: Sequence[tuple[float, int]], is_error: bool, at: datetime
) -> HistogramDataPoint:
    found = HistogramDataPoint(
        time_unix_nano=int(at.timestamp() * 1_000_000_000),
        count=sum(count for _, count in counts),
        explicit_bounds=[bound for bound, _ in counts],
        bucket_counts=[*(count for _, count in counts), 0],
        attributes=[
            text("span.name", operation.name),
            text("span.kind", f"SPAN_KIND_{operation.role.name}"),
            text("status.code", "STATUS_CODE_ERROR" if is_error else "STATUS_CODE_UNSET"),
        ],
    )
    if operation.kind:
        found.attributes.append(text("sojourn.touchpoint", operation.kind))
    exemplar = found.exemplars.add()
    exemplar.as_double, exemplar.trace_id = counts[-1][0], b"\xab" * 16
    return found


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))

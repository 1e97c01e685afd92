"""Reads OTLP metrics of calls, as a collector makes them of spans.

Each point of the histogram `duration` is of one operation, role and status, and of one kind of
touchpoint (`sojourn.touchpoint`, which services put on every span). Its counts are of the time
since the last point (delta temporality): sums since a start cannot be added up.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    HistogramDataPoint,
    Metric,
    ScopeMetrics,
)

from journey.back_stage.model import BOUNDS_MS, Measured, Operation, Role, Told

# The connector's name of the metric has a namespace that its settings may change.
_DURATION: Final = "duration"
_MILLISECONDS: Final = {"ms": 1.0, "s": 1000.0}
_ROLES: Final = {f"SPAN_KIND_{role.name}": role for role in Role}
_ERROR: Final = "STATUS_CODE_ERROR"
_MOST_LETTERS: Final = 128
# One request: a collector of a large shop has some thousand operations.
MOST_POINTS: Final = 50_000


class Refusal(Exception):
    """A request that is refused; its text says why."""


def read_metrics(request: ExportMetricsServiceRequest, now: datetime) -> tuple[Told, int]:
    """Returns what a request tells, and how many points were refused: sums since a start.

    Points without a kind of touchpoint are of no journey, and are left out. Raises Refusal for
    more points than a request may have.
    """
    told: Told = {}
    refused = points = 0
    for resource in request.resource_metrics:
        shared = _texts(resource.resource.attributes)
        for metric in _durations(resource.scope_metrics):
            points += len(metric.histogram.data_points)
            if points > MOST_POINTS:
                raise Refusal(f"a request has at most {MOST_POINTS} points")
            temporality = metric.histogram.aggregation_temporality
            if temporality != AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA:
                refused += len(metric.histogram.data_points)
                continue
            unit = _MILLISECONDS.get(metric.unit)
            if unit is None:
                refused += len(metric.histogram.data_points)
                continue
            for point in metric.histogram.data_points:
                names = {**shared, **_texts(point.attributes)}
                if (operation := _operation(names)) is not None and point.count:
                    key = (_hour(point, now), operation)
                    is_error = names.get("status.code") == _ERROR
                    told.setdefault(key, Measured()).add(_measured(point, unit, is_error=is_error))
    return told, refused


def _durations(scopes: Iterable[ScopeMetrics]) -> Iterator[Metric]:
    for scope in scopes:
        for metric in scope.metrics:
            if metric.name.rpartition(".")[2] == _DURATION and metric.HasField("histogram"):
                yield metric


def _texts(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {one.key: one.value.string_value for one in attributes}


def _operation(names: Mapping[str, str]) -> Operation | None:
    kind, service = names.get("sojourn.touchpoint", ""), names.get("service.name", "")
    role = _ROLES.get(names.get("span.kind", ""))
    if not kind or not service or role is None:
        return None
    name = names.get("span.name", "")[:_MOST_LETTERS]
    return Operation(kind[:_MOST_LETTERS], service[:_MOST_LETTERS], name, role)


def _hour(point: HistogramDataPoint, now: datetime) -> datetime:
    """Returns the hour of a point; the present one where its clock is ahead."""
    at = datetime.fromtimestamp(point.time_unix_nano / 1_000_000_000, UTC)
    return min(at, now).replace(minute=0, second=0, microsecond=0)


def _measured(point: HistogramDataPoint, unit: float, *, is_error: bool) -> Measured:
    found = Measured(errors=point.count if is_error else 0)
    if not point.bucket_counts:
        found.buckets[-1] += point.count
    bounds = [*point.explicit_bounds, float("inf")]
    for count, bound in zip(point.bucket_counts, bounds, strict=False):
        found.buckets[_bucket_of(bound * unit)] += count
    found.show(
        [
            (one.as_double * unit or float(one.as_int) * unit, one.trace_id.hex())
            for one in point.exemplars
            if len(one.trace_id) == 16
        ]
    )
    return found


def _bucket_of(bound_ms: float) -> int:
    """Returns the first bucket that holds all times up to a bound."""
    return next((number for number, end in enumerate(BOUNDS_MS) if bound_ms <= end), len(BOUNDS_MS))

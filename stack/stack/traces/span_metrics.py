"""Metrics of spans for the journey service, as a collector makes them.

Each operation behind a kind of touchpoint has a histogram of its times since the last request, with
its slowest span as an example.
"""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

BOUNDS_MS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 3e4)
TOUCHPOINT: Final = "sojourn.touchpoint"
EVERY_SECONDS: Final = 5.0
EXPORT_SECONDS: Final = 5.0
# Requests that the journey service has not taken yet; older ones are given up.
MOST_WAITING: Final = 100
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Series:
    """The spans that one histogram counts."""

    service: str
    name: str
    kind: str
    status: str
    touchpoint: str


@dataclass
class Histogram:
    """Counts of times by BOUNDS_MS, and the slowest span."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))
    slowest: tuple[float, bytes, bytes] = (-1.0, b"", b"")

    def add(self, took_ms: float, span: Span) -> None:
        self.buckets[bisect_left(BOUNDS_MS, took_ms)] += 1
        if took_ms > self.slowest[0]:
            self.slowest = (took_ms, span.trace_id, span.span_id)


class SpanMetrics:
    """Counts spans behind touchpoints until a request takes the counts."""

    def __init__(self) -> None:
        self._found: dict[Series, Histogram] = {}

    def count(self, service: str, span: Span) -> None:
        """Counts a span; one of no touchpoint is of no journey."""
        touchpoint = next(
            (one.value.string_value for one in span.attributes if one.key == TOUCHPOINT), ""
        )
        if not touchpoint:
            return
        kind = Span.SpanKind.Name(span.kind)
        status = Status.StatusCode.Name(span.status.code)
        series = Series(service, span.name, kind, status, touchpoint)
        took_ms = max(0, span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
        self._found.setdefault(series, Histogram()).add(took_ms, span)

    def take(self, now_ns: int) -> ExportMetricsServiceRequest | None:
        """Returns what was counted since the last call; None for nothing."""
        if not self._found:
            return None
        found, self._found = self._found, {}
        request = ExportMetricsServiceRequest()
        for series, histogram in found.items():
            resource = request.resource_metrics.add()
            resource.resource.attributes.append(_text("service.name", series.service))
            metric = resource.scope_metrics.add().metrics.add(
                name="traces.span.metrics.duration", unit="ms"
            )
            metric.histogram.aggregation_temporality = (
                AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
            )
            point = metric.histogram.data_points.add(
                time_unix_nano=now_ns,
                count=sum(histogram.buckets),
                explicit_bounds=BOUNDS_MS,
                bucket_counts=histogram.buckets,
                attributes=[
                    _text("span.name", series.name),
                    _text("span.kind", series.kind),
                    _text("status.code", series.status),
                    _text(TOUCHPOINT, series.touchpoint),
                ],
            )
            took_ms, trace_id, span_id = histogram.slowest
            point.exemplars.add(as_double=took_ms, trace_id=trace_id, span_id=span_id)
        return request


class Forwarder:
    """Sends the metrics to the journey service; what it did not take is sent again."""

    def __init__(self, metrics: SpanMetrics, target: str, token: str) -> None:
        self._metrics, self._target, self._token = metrics, target, token
        self._waiting: deque[ExportMetricsServiceRequest] = deque(maxlen=MOST_WAITING)

    async def run(self) -> None:
        """Sends until it is cancelled."""
        async with grpc.aio.insecure_channel(self._target) as channel:
            stub: Any = MetricsServiceStub(channel)  # type: ignore[no-untyped-call]  # its stubs have no types
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                await self._send(stub)

    async def _send(self, stub: Any) -> None:
        if (request := self._metrics.take(time.time_ns())) is not None:
            self._waiting.append(request)
        headers = [("authorization", f"Bearer {self._token}")]
        try:
            while self._waiting:
                await stub.Export(self._waiting[0], timeout=EXPORT_SECONDS, metadata=headers)
                self._waiting.popleft()
        except grpc.aio.AioRpcError as error:
            log.debug("the journey service took no metrics: %s", error.code())


def _text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))

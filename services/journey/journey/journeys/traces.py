"""Traces of touchpoints, read from the trace store."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx

from chassis import telemetry
from journey import metrics

log = telemetry.log("traces")
_SECONDS: Final = 2.0
_AT_ONCE: Final = 8
_MOST_TRACES: Final = 80
_MOST_SPANS: Final = 300


@dataclass(frozen=True, slots=True)
class Span:
    """One span. `start_ms` counts from the trace's first span."""

    service: str
    name: str
    kind: str
    start_ms: float
    duration_ms: float
    is_error: bool

    @classmethod
    def from_document(cls, document: Mapping[str, Any], began_nano: int) -> Self:
        """The span of a document. Raises KeyError, TypeError, ValueError for what is none."""
        return cls(
            str(document["service"]),
            str(document["name"]),
            str(document.get("kind", "")),
            (int(document["start_unix_nano"]) - began_nano) / 1e6,
            float(document["duration_ms"]),
            document.get("status", {}).get("code") == "ERROR",
        )


Spans = Mapping[str, list[Span] | None]


class Traces:
    """A trace store that answers a trace's spans as JSON.

    It may be away: then nothing is known, and soon.
    """

    def __init__(self, template: str) -> None:
        self._template = template
        self._client = httpx.AsyncClient(
            timeout=_SECONDS, headers={"accept": "application/json"}, trust_env=False
        )

    @property
    def is_connected(self) -> bool:
        """Returns whether the settings name a trace store."""
        return bool(self._template)

    async def fetch_spans(self, trace_ids: Iterable[str]) -> Spans:
        """Returns the spans of the newest 80 traces in the order of their start.

        An empty list: the store does not know the trace. None: the store did not answer in time.
        """
        wanted = list(dict.fromkeys(id for id in trace_ids if id))[-_MOST_TRACES:]
        if not self._template or not wanted:
            return {}
        slots = asyncio.Semaphore(_AT_ONCE)

        async def fetch(trace_id: str) -> list[Span] | None:
            async with slots:
                return await self._fetch(trace_id)

        tasks = {trace_id: asyncio.create_task(fetch(trace_id)) for trace_id in wanted}
        done, late = await asyncio.wait(tasks.values(), timeout=_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return {
            trace_id: task.result() if task in done else None for trace_id, task in tasks.items()
        }

    async def _fetch(self, trace_id: str) -> list[Span] | None:
        try:
            response = await self._client.get(self._template.replace("{trace_id}", trace_id))
            if response.status_code == httpx.codes.NOT_FOUND:
                metrics.traces_fetched.labels("unknown").inc()
                return []
            spans = _spans(response.raise_for_status().json())
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            metrics.traces_fetched.labels("away").inc()
            log.warning("trace not fetched", error_type=type(error).__name__)
            return None
        metrics.traces_fetched.labels("found").inc()
        return spans

    async def close(self) -> None:
        await self._client.aclose()


def _spans(documents: Any) -> list[Span]:
    if not documents:
        return []
    began = min(int(document["start_unix_nano"]) for document in documents)
    return sorted(
        (Span.from_document(document, began) for document in documents[:_MOST_SPANS]),
        key=lambda span: span.start_ms,
    )

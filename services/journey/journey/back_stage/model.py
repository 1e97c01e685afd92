"""Operations behind kinds of touchpoints, counted by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

# Upper bounds of times in milliseconds; the last bucket has none. A collector's own bounds are
# put into them by their upper one, so that no time is told shorter than it was.
BOUNDS_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000)
BUCKETS: Final = len(BOUNDS_MS) + 1
MOST_TRACES: Final = 3
KEPT_DAYS: Final = 90


class Role(StrEnum):
    """The side of an operation, as OpenTelemetry's kinds of spans."""

    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a service behind a kind of touchpoint."""

    kind: str
    service: str
    name: str
    role: Role


@dataclass(slots=True)
class Measured:
    """Runs of an operation: their times, failures, and traces, the slowest first."""

    errors: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    traces: list[tuple[float, str]] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return sum(self.buckets)

    def add(self, other: "Measured") -> None:
        self.errors += other.errors
        self.buckets = [a + b for a, b in zip(self.buckets, other.buckets, strict=True)]
        self.show(other.traces)

    def show(self, traces: Sequence[tuple[float, str]]) -> None:
        """Keeps the slowest traces of those that it has and of more."""
        longest = {trace: took for took, trace in sorted([*self.traces, *traces])}
        self.traces = sorted(((took, trace) for trace, took in longest.items()), reverse=True)[
            :MOST_TRACES
        ]

    def slow(self, from_ms: float) -> int:
        """Returns how many calls took so long at least; a bucket partly below counts as fast."""
        return sum(
            count
            for count, begin in zip(self.buckets, (0, *BOUNDS_MS), strict=True)
            if begin >= from_ms
        )

    def quantile_ms(self, share: float) -> float:
        """Returns the time that a share of the calls took at most, between a bucket's bounds.

        Times beyond the last bound are told as that bound.
        """
        rank, seen = share * self.calls, 0
        for count, begin, end in zip(
            self.buckets, (0, *BOUNDS_MS), (*BOUNDS_MS, BOUNDS_MS[-1]), strict=True
        ):
            if count and seen + count >= rank:
                return round(begin + (end - begin) * (rank - seen) / count, 1)
            seen += count
        return 0.0


# What a collector told, by the begin of an hour.
Told = dict[tuple[datetime, Operation], Measured]

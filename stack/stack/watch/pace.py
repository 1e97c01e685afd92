"""Pace of the rules: every duration in them times one factor, so that tests are quick."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

_MILLISECONDS: Final = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_DURATION: Final = re.compile(r"(\d+)(ms|[smhdw])")


@dataclass(frozen=True)
class Pace:
    """Durations in Prometheus' notation.

    A factor of 1 leaves them as they are; 1/30 makes 10 s of 5 min.
    """

    factor: Fraction = Fraction(1)

    def __call__(self, duration: str) -> str:
        """The duration at this pace, e.g. `5m`; never less than a second."""
        if self.factor == 1:
            return duration
        whole = max(1_000, round(milliseconds(duration) * self.factor))
        text = ""
        for unit in ("d", "h", "m", "s", "ms"):
            count, whole = divmod(whole, _MILLISECONDS[unit])
            text += f"{count}{unit}" if count else ""
        return text

    def seconds(self, duration: str) -> str:
        """The duration at this pace as a number of seconds, for comparisons."""
        found = milliseconds(duration) * self.factor / 1_000
        return str(int(found)) if found.denominator == 1 else f"{float(found):.3f}"


def milliseconds(duration: str) -> int:
    """Raises ValueError for what is no duration."""
    parts = _DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is no duration")
    return sum(int(number) * _MILLISECONDS[unit] for number, unit in parts)

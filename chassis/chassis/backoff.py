"""Backoff: how long to wait before what failed is tried again."""

from dataclasses import dataclass

# 2^62 of anything is longer than every cap, and no float overflows.
_MOST_DOUBLINGS = 62


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double with each failure in a row, from `first_seconds` to `most_seconds`."""

    first_seconds: float
    most_seconds: float

    def after(self, failures: int) -> float:
        """Returns the seconds to wait after so many failures in a row; the first wait for none."""
        return min(
            self.first_seconds * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS),
            self.most_seconds,
        )

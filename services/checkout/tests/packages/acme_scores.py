"""An example of a package that adds a scorer of fraud by its entry point alone.

It scores an order by its total, a point for each 1.00. A test may make it fail.
"""

from __future__ import annotations

from typing import Final

from checkout.errors.remote import RemoteUnavailable
from checkout.fraud.scorer import FraudScorer, Score, ScoreRequest

ASKED: Final[list[ScoreRequest]] = []
# Requests that come are answered, while this is empty.
FAILURES: Final[list[str]] = []


class AcmeScores:
    """FraudScorer of Acme."""

    name: Final = "acme"

    async def score(self, request: ScoreRequest) -> Score:
        ASKED.append(request)
        if FAILURES:
            raise RemoteUnavailable(service=self.name)
        return Score(min(request.total.amount_minor // 100, 100), ("total",))

    async def close(self) -> None:
        """There is nothing to close."""


def connect(_timeout_seconds: float) -> FraudScorer:
    """Connects Acme."""
    return AcmeScores()

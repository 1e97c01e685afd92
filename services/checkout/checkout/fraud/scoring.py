"""Questions to scorers, with a time limit and a fallback."""

from collections.abc import Sequence
from typing import Final

from checkout import metrics
from checkout.errors.remote import RemoteUnavailable
from checkout.fraud.model import Finding, FindingKind, FraudSettings
from checkout.fraud.scorer import HIGHEST_SCORE, FraudScorer, Score, ScoreRequest
from checkout.remote.circuit import Circuit, Patience

_MOST_REASONS: Final = 20
_LONGEST_REASON: Final = 200


class FraudScores:
    """The connected scorers."""

    def __init__(self, scorers: Sequence[FraudScorer], *, timeout_seconds: float) -> None:
        patience = Patience(timeout_seconds)
        self._scorers = {each.name: (each, Circuit(each.name, patience)) for each in scorers}

    @property
    def names(self) -> list[str]:
        return list(self._scorers)

    async def find(
        self, settings: FraudSettings, request: ScoreRequest
    ) -> tuple[Score | None, list[Finding]]:
        """Returns the score of an order, and what it finds against it.

        Without an answer the fallback of the settings is a finding. Ask without a connection out.
        """
        name = settings.scorer
        try:
            score = await self._ask(name, request)
        except RemoteUnavailable:
            metrics.fraud_scores.labels("unavailable").inc()
            fallback = settings.scorer_fallback
            return None, [Finding(FindingKind.SCORER_UNAVAILABLE, name, fallback)]
        metrics.fraud_scores.labels("scored").inc()
        action = settings.action_of_score(score.value)
        return score, [Finding(FindingKind.SCORE, name, action, score.value)]

    async def close(self) -> None:
        for scorer, _ in self._scorers.values():
            await scorer.close()

    async def _ask(self, name: str, request: ScoreRequest) -> Score:
        if name not in self._scorers:
            raise RemoteUnavailable(service=name)
        scorer, circuit = self._scorers[name]

        async def attempt() -> Score:
            score = await scorer.score(request)
            if not 0 <= score.value <= HIGHEST_SCORE:
                raise RemoteUnavailable("the score is out of bounds", service=name)
            return score

        score = await circuit.call(attempt)
        reasons = tuple(each[:_LONGEST_REASON] for each in score.reasons[:_MOST_REASONS])
        return Score(score.value, reasons)

"""Port to scorers of fraud.

A merchant's package adds one through the entry point group `sojourn.fraud_scorers`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Final, Protocol
from uuid import UUID

from chassis.money import Money
from checkout.payments.signals import PaymentSignals

GROUP: Final = "sojourn.fraud_scorers"
HIGHEST_SCORE: Final = 100


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """An order to score. Its payment is authorized, unless it is paid later or by gift cards.

    Addresses are by the field names of `common.v1.Address`. `findings` are the codes of the limits
    and signals that spoke against the order before.
    """

    order_id: UUID
    customer_id: UUID
    channel: str
    total: Money
    payment_method: str
    signals: PaymentSignals | None
    findings: tuple[str, ...]
    email: str = field(repr=False)
    delivery_address: Mapping[str, str] = field(repr=False)
    billing_address: Mapping[str, str] = field(repr=False)
    card_fingerprint: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 (no risk) to 100, and what staff read of its reasons: no personal data."""

    value: int
    reasons: tuple[str, ...] = ()


class FraudScorer(Protocol):
    """Scores orders. It may be asked for one order again, after a crash."""

    @property
    def name(self) -> str: ...

    async def score(self, request: ScoreRequest) -> Score:
        """Returns the score of an order. Raises RemoteUnavailable."""
        ...

    async def close(self) -> None: ...


def connect_scorers(names: str, *, timeout_seconds: float) -> tuple[FraudScorer, ...]:
    """Connects the scorers of names that are separated by commas; none for an empty text.

    Raises LookupError for a name that is not installed.
    """
    return tuple(
        _connect(name.strip(), timeout_seconds) for name in names.split(",") if name.strip()
    )


def _connect(name: str, timeout_seconds: float) -> FraudScorer:
    for point in entry_points(group=GROUP, name=name):
        factory: Callable[[float], FraudScorer] = point.load()
        return factory(timeout_seconds)
    raise LookupError(f"no scorer of fraud {name!r} is installed")

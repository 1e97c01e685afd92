"""Signals of a payment provider: the risk of a payment, and the bank's checks of the card."""

from dataclasses import dataclass
from enum import StrEnum


class RiskLevel(StrEnum):
    """The provider's estimate that a payment is fraud."""

    NORMAL = "normal"
    ELEVATED = "elevated"
    HIGHEST = "highest"


class CheckResult(StrEnum):
    """The answer of the card's bank to a check."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNAVAILABLE = "unavailable"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class PaymentSignals:
    """Signals of a payment; None or empty where the provider says nothing.

    `risk_score` is from 0 to 99, `card_country` a code of ISO 3166-1.
    """

    risk_level: RiskLevel | None = None
    risk_score: int | None = None
    cvc_check: CheckResult | None = None
    address_check: CheckResult | None = None
    postal_code_check: CheckResult | None = None
    card_country: str = ""


def risk_level_of(text: object) -> RiskLevel | None:
    """Returns the level of a provider's word; None for an unknown one."""
    return next((each for each in RiskLevel if each == text), None)


def check_result_of(text: object) -> CheckResult | None:
    """Returns the result of a provider's word; None for an unknown one."""
    return next((each for each in CheckResult if each == text), None)


def score_of(value: object) -> int | None:
    """Returns a score of 0 to 99; None for anything else."""
    is_score = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 99
    return int(str(value)) if is_score else None

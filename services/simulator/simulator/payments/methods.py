"""The test tokens, and what each of them leads to."""

from dataclasses import dataclass
from typing import Final

from simulator.errors import UnknownPaymentMethod


@dataclass(frozen=True, slots=True)
class Verdict:
    """Answer of the issuer: approved unless a field tells otherwise."""

    decline_code: str | None = None
    needs_challenge: bool = False
    holds_answer: bool = False


METHODS: Final = {
    "pm_card_ok": Verdict(),
    "pm_card_declined": Verdict(decline_code="card_declined"),
    "pm_card_insufficient_funds": Verdict(decline_code="insufficient_funds"),
    "pm_card_3ds": Verdict(needs_challenge=True),
    "pm_card_charge_then_timeout": Verdict(holds_answer=True),
}


def verdict_of(token: str) -> Verdict:
    """Raises UnknownPaymentMethod."""
    if token not in METHODS:
        raise UnknownPaymentMethod("no payment method has this token")
    return METHODS[token]

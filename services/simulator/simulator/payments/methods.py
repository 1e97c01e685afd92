"""The test tokens, and what each of them leads to."""

from dataclasses import dataclass
from typing import Final

from simulator.errors import UnknownPaymentMethod
from simulator.payments.model import Signals


@dataclass(frozen=True, slots=True)
class Verdict:
    """Answer of the issuer: approved unless a field tells otherwise."""

    decline_code: str | None = None
    needs_challenge: bool = False
    holds_answer: bool = False
    signals: Signals | None = None


METHODS: Final = {
    "pm_card_ok": Verdict(),
    "pm_card_declined": Verdict(decline_code="card_declined"),
    "pm_card_insufficient_funds": Verdict(decline_code="insufficient_funds"),
    "pm_card_3ds": Verdict(needs_challenge=True),
    "pm_card_charge_then_timeout": Verdict(holds_answer=True),
    "pm_card_known": Verdict(signals=Signals()),
    "pm_card_known_declined": Verdict(decline_code="card_declined", signals=Signals()),
    "pm_card_elevated_risk": Verdict(signals=Signals(risk_level="elevated", risk_score=70)),
    "pm_card_highest_risk": Verdict(signals=Signals(risk_level="highest", risk_score=90)),
    "pm_card_cvc_fail": Verdict(signals=Signals(cvc_check="fail")),
    "pm_card_address_fail": Verdict(signals=Signals(address_check="fail")),
    "pm_card_postal_code_fail": Verdict(signals=Signals(postal_code_check="fail")),
    "pm_card_foreign": Verdict(signals=Signals(card_country="BR")),
}


def verdict_of(token: str) -> Verdict:
    """Raises UnknownPaymentMethod."""
    if token not in METHODS:
        raise UnknownPaymentMethod("no payment method has this token")
    return METHODS[token]

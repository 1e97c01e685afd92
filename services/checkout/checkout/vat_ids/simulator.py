"""A stand-in for the authorities, which answers by the last digits of the id.

It is for test mode and demonstrations, and knows no register.
"""

from typing import Final

from checkout.errors.remote import RemoteUnavailable
from checkout.vat_ids.authority import VatAuthority, VatIdQuestion, VatIdReply
from checkout.vat_ids.model import COUNTRIES

# Real numbers with right check digits that end so: docs/checkout.md lists one of each.
INVALID: Final = "00"
SILENT: Final = "11"


class SimulatedAuthority:
    """VatAuthority of test mode."""

    name: Final = "simulator"
    countries: Final = COUNTRIES

    async def ask(self, question: VatIdQuestion) -> VatIdReply:
        if question.number.endswith(SILENT):
            raise RemoteUnavailable(service=self.name, retry_after_seconds=1)
        is_valid = not question.number.endswith(INVALID)
        number = f"SIM-{question.vat_id}" if question.requester and is_valid else ""
        return VatIdReply(is_valid, consultation_number=number)

    async def close(self) -> None:
        """There is nothing to close."""


def connect(_timeout_seconds: float) -> VatAuthority:
    """Connects the stand-in."""
    return SimulatedAuthority()

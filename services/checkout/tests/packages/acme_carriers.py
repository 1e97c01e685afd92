"""An example of a package that adds a carrier by its entry point alone.

Its webhook is one event, as a line of words: id, tracking number, code and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from checkout.carriers.integration import CarrierEvent, CarrierIntegration, Label, LabelRequest
from checkout.errors.payments import MalformedWebhook, WrongSignature
from checkout.tracking.model import ParcelStatus

# Keys of the labels that were asked for or taken back.
ASKED: Final[list[str]] = []
# Errors that the next calls raise.
FAILURES: Final[list[Exception]] = []
# The carrier's own codes.
_CODES: Final = {
    "PU": ParcelStatus.IN_TRANSIT,
    "OC": ParcelStatus.OUT_FOR_DELIVERY,
    "DL": ParcelStatus.DELIVERED,
    "NH": ParcelStatus.FAILED_ATTEMPT,
    "RT": ParcelStatus.RETURNED,
}


class Acme:
    """CarrierIntegration and LabelMaker of Acme."""

    name: Final = "acme"

    def verify_webhook(self, body: bytes, signature: str) -> Sequence[CarrierEvent]:
        if signature != "acme":
            raise WrongSignature
        try:
            id, number, code, at = body.decode().split()
            return [CarrierEvent(id, number, _CODES[code], datetime.fromisoformat(at))]
        except (ValueError, KeyError):
            raise MalformedWebhook from None

    async def create_label(self, wanted: LabelRequest) -> Label:
        ASKED.append(wanted.key)
        if FAILURES:
            raise FAILURES.pop()
        return Label(f"acme:{wanted.key}", "AC77", "application/pdf", b"%PDF-label")

    async def void_label(self, label_id: str, *, key: str) -> None:
        ASKED.append(key)
        if FAILURES:
            raise FAILURES.pop()

    async def close(self) -> None:
        """There is nothing to close."""


def connect(_timeout_seconds: float) -> CarrierIntegration:
    """Connects Acme."""
    return Acme()

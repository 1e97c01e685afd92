"""An example of a package that adds a tax provider by its entry point alone.

It taxes everything at 10 %, delivery too. A test may make it fail.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from checkout.errors.remote import RemoteUnavailable
from checkout.tax_providers.provider import TaxProvider, TaxRequest
from checkout.taxes.calculation import Taxes, TaxLine

RATE: Final = Decimal("0.1")
ASKED: Final[list[TaxRequest]] = []
# Requests that come are answered, while this is empty.
FAILURES: Final[list[str]] = []


class AcmeTaxes:
    """TaxProvider of Acme."""

    name: Final = "acme"

    async def calculate(self, request: TaxRequest) -> Taxes:
        ASKED.append(request)
        if FAILURES:
            raise RemoteUnavailable(service=self.name)
        share = RATE / (1 + RATE) if request.is_included else RATE
        lines = tuple(round(line.amount_minor * share) for line in request.lines)
        delivery = round(request.delivery_minor * share)
        total = TaxLine("Acme tax 10 %", RATE, sum(lines) + delivery, request.is_included)
        return Taxes((total,), lines, delivery)

    async def close(self) -> None:
        """There is nothing to close."""


def connect(_timeout_seconds: float) -> TaxProvider:
    """Connects Acme."""
    return AcmeTaxes()

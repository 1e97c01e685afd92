"""The tables that prices of an order are made from, beside those of the goods."""

from dataclasses import dataclass
from typing import Final

from checkout import tariffs, tax_rates
from checkout.tariffs import Tariffs
from checkout.tax_rates import TaxRates


@dataclass(frozen=True, slots=True)
class PriceTables:
    """Ports: what delivery costs, and how goods are taxed."""

    tariffs: Tariffs
    tax_rates: TaxRates


SEEDED: Final = PriceTables(tariffs.SEEDED, tax_rates.SEEDED)

"""The tables that prices of an order are made from, beside those of the goods."""

from dataclasses import dataclass
from typing import Final

from checkout.delivery import tariffs
from checkout.delivery.tariffs import Tariffs
from checkout.taxes import rates as tax_rates
from checkout.taxes.rates import TaxRates


@dataclass(frozen=True, slots=True)
class PriceTables:
    """Ports: what delivery costs, and how goods are taxed."""

    tariffs: Tariffs
    tax_rates: TaxRates


SEEDED: Final = PriceTables(tariffs.SEEDED, tax_rates.SEEDED)

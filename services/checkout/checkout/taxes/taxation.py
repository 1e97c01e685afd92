"""The taxation of an order, as the order keeps it."""

from dataclasses import dataclass

from checkout.taxes.calculation import TABLES, Taxes
from checkout.taxes.relief import GrantedExemption, OrderRelief
from checkout.vat_ids.model import VatIdCheck


@dataclass(frozen=True, slots=True)
class OrderTaxation:
    """Facts with which a seller proves the taxes of an order. They stay as long as it does.

    `calculated_by` and `is_fallback` are those of `Taxes`; the exemption is set where the order
    was not taxed for it, the number where it was taxed under the import scheme.
    """

    calculated_by: str = TABLES
    is_fallback: bool = False
    vat_id: VatIdCheck | None = None
    exemption: GrantedExemption | None = None
    ioss_number: str = ""


def taxation_of(
    taxes: Taxes, relief: OrderRelief | None, vat_id: VatIdCheck | None, ioss_number: str
) -> OrderTaxation:
    """Returns the facts of the taxes of an order."""
    return OrderTaxation(
        taxes.calculated_by,
        taxes.is_fallback,
        vat_id,
        relief.exemption if relief else None,
        ioss_number,
    )

"""Quantities of goods, also of those that are sold by weight or by length."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from chassis.money import Money, require_bounded

# UN/ECE Recommendation 20: one (a piece).
PIECE: Final = "C62"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of `steps` × 10^-`scale` units, e.g. 1250 steps at scale 3 of KGM are 1.25 kg.

    `increment` is the least quantity that is sold and by how much it grows, in steps. `unit_code`
    is of UN/ECE Recommendation 20.
    """

    steps: int
    scale: int = 0
    increment: int = 1
    unit_code: str = PIECE

    @property
    def amount(self) -> Decimal:
        """Count of units."""
        return Decimal(self.steps).scaleb(-self.scale)

    @property
    def pieces(self) -> int:
        """Count of pieces; goods that are sold by a measure are one."""
        return self.steps if self.scale == 0 and self.unit_code == PIECE else 1

    @property
    def is_sellable(self) -> bool:
        """Returns whether it is a positive multiple of the increment."""
        return self.steps > 0 and self.steps % self.increment == 0

    def times(self, unit_price: Money) -> Money:
        """Its price, rounded half to even on the minor unit. Raises AmountTooLarge."""
        if self.scale == 0:
            return unit_price.times(self.steps)
        price = unit_price.at_rate(self.amount)
        require_bounded(price.amount_minor)
        return price

    def mass(self, unit_grams: int) -> int:
        """Its mass in grams, of which one unit has `unit_grams`; a part of a gram counts as one."""
        return self._measure(unit_grams)

    def volume(self, unit_cm3: int) -> int:
        """Its volume in cm³, of which one unit has `unit_cm3`; a part of one counts as one."""
        return self._measure(unit_cm3)

    def _measure(self, of_unit: int) -> int:
        if self.scale == 0:
            return of_unit * self.steps
        return int((self.amount * of_unit).to_integral_value(rounding=ROUND_CEILING))

"""An instrument that a payment provider knows: all that is ever known of a card here."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Instrument:
    """A card, as its provider describes it.

    `token` is the provider's id of it. The month and year of its expiry are 0 where it has none.
    """

    token: str = field(repr=False)
    brand: str = ""
    last_four: str = ""
    expires_month: int = 0
    expires_year: int = 0

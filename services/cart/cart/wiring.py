"""The parts that the servicers share beside the database."""

from dataclasses import dataclass
from datetime import timedelta

from cart.carts.links import RestoreLinks
from cart.carts.model import ChangeContext
from cart.carts.offers import Offers
from cart.peers import Catalog, Customers


@dataclass(frozen=True, slots=True)
class Wiring:
    """The peers, the secret links and the settings of a process."""

    catalog: Catalog
    customers: Customers
    links: RestoreLinks
    abandon_after: timedelta
    default_channel: str = "default"
    allows_test_domains: bool = False

    def change_context(
        self, offers: Offers, *, expected_version: int = 0, is_guest: bool | None = None
    ) -> ChangeContext:
        """Returns the context of a change at today's offers.

        `expected_version` is the version that the caller saw, 0 for any.
        """
        return ChangeContext(offers, self.abandon_after, expected_version, is_guest)

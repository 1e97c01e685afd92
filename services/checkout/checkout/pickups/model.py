"""Stores and states of orders that are picked up, and their codes."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from checkout.taxes.model import Place

_DIGITS: Final = 6
_LONGEST_REGION: Final = 3


class PickupStatus(StrEnum):
    PREPARING = "preparing"
    READY = "ready"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class PickupStore:
    """A pick-up location of catalog, as it was when the buyer chose it."""

    code: str
    name: str
    street_address: str
    address_locality: str
    address_region: str
    postal_code: str
    country: str
    phone_number: str
    time_zone: str

    @property
    def place(self) -> Place:
        """The place that taxes what is picked up. A region by its name is not known."""
        region = self.address_region.upper()
        return Place(
            self.country,
            region if len(region) <= _LONGEST_REGION and region.isalnum() else "",
            self.postal_code,
        )


@dataclass(frozen=True, slots=True)
class Pickup:
    """The pick-up of an order.

    The buyer shows `code`, which nobody else reads; it is empty until the order is ready.
    """

    store: PickupStore
    status: PickupStatus = PickupStatus.PREPARING
    code: str = field(default="", repr=False)
    ready_at: datetime | None = None
    collected_at: datetime | None = None

    def is_code(self, shown: str) -> bool:
        """Returns whether a code is that of the pick-up; spaces do not matter."""
        digits = "".join(shown.split())
        return bool(self.code) and hmac.compare_digest(self.code.encode(), digits.encode())


def new_pickup_code() -> str:
    """Returns random digits."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"

"""Resolution: the list whose price a buyer pays. `listings/offers.py` says the same in SQL.

Of the lists of the channel that count now and are for this buyer, in this order: by audience
(organization, customer group, everybody), by priority (highest first), by code; the channel's own
list is the last. The first list that has a price of the variant in the currency gives it, and the
greatest of its tiers that the quantity reaches gives the amount.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from catalog.channels.model import Channel
from catalog.prices.model import PriceKey, PriceList, UnitPrice


@dataclass(frozen=True, slots=True)
class Audience:
    """A buyer as price lists tell buyers apart."""

    organization_id: UUID | None = None
    customer_group: str = ""


EVERYBODY: Final = Audience()


def lists_for(
    channel: Channel, lists: Iterable[PriceList], audience: Audience, now: datetime
) -> list[PriceList]:
    """Lists that count for a buyer in a channel at a time, in the order of resolution."""
    counted = [
        each
        for each in lists
        if each.code == channel.price_list
        or (
            each.channel == channel.code
            and each.is_active
            and each.is_valid_at(now)
            and _is_for(each, audience)
        )
    ]
    return sorted(counted, key=lambda each: _rank(each, channel))


def resolve_price(
    variant_id: UUID,
    currency: str,
    lists: Sequence[PriceList],
    prices: Mapping[PriceKey, UnitPrice],
) -> tuple[PriceList, UnitPrice] | None:
    """The price of a variant in a currency in the first list that has one; None where none has."""
    for each in lists:
        if each.currency in ("", currency):
            price = prices.get((variant_id, each.code, currency))
            if price is not None:
                return each, price
    return None


def _is_for(price_list: PriceList, audience: Audience) -> bool:
    if price_list.organization_id is not None:
        return price_list.organization_id == audience.organization_id
    return price_list.customer_group in ("", audience.customer_group)


def _rank(price_list: PriceList, channel: Channel) -> tuple[bool, int, int, str]:
    specific = (
        0 if price_list.organization_id is not None else 1 if price_list.customer_group else 2
    )
    return (
        price_list.code == channel.price_list,
        specific,
        -price_list.priority,
        price_list.code,
    )

"""Orders in a history, with the money that is left of them after refunds."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from journey.store.batch import MISSING, Batch, Mask, Numbers, Texts, numbered

PLACED: Final = "order.placed"
REFUNDED: Final = "order.refunded"
CANCELLED: Final = "order.cancelled"
COLUMNS: Final = frozenset({"kind", "subject", "amount_minor", "currency"})


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of a batch: `places` are their touchpoints, `net_minor` what they brought.

    An order without an amount brought 0; a cancelled one too, whether or not its refund was heard
    of.
    """

    places: Numbers
    net_minor: Numbers
    currency: Texts

    @property
    def currencies(self) -> list[str]:
        """Returns the currency of each order."""
        return self.currency.take(slice(None))

    def net_by(self, groups: Numbers) -> list[tuple[int, str, int]]:
        """Returns each group of orders with each of its currencies and what they brought in it.

        `groups` has a number from 0 on for each order.
        """
        if not len(groups):
            return []
        values = len(self.currency.values)
        different, found = numbered(groups * values + self.currency.codes)
        # Whole numbers: a sum by weights would be of floats, and inexact beyond 2**53.
        sums = np.zeros(len(different), dtype=np.int64)
        np.add.at(sums, found, self.net_minor)
        return [
            (key // values, self.currency.values[key % values], net)
            for key, net in zip(different.tolist(), sums.tolist(), strict=True)
        ]


def orders_of(batch: Batch, counted: Mask) -> Orders:
    """Returns the counted orders; refunds count whenever they came."""
    kind, subject, amount = (
        batch.texts["kind"],
        batch.texts["subject"],
        batch.numbers["amount_minor"],
    )
    places = np.flatnonzero(kind.where(lambda text: text == PLACED) & counted)
    refunds = np.flatnonzero(kind.where(lambda text: text == REFUNDED))
    given_back = np.zeros(len(subject.values), dtype=np.int64)
    np.add.at(given_back, subject.codes[refunds], _money(amount[refunds]))
    cancelled = np.zeros(len(subject.values), dtype=np.bool_)
    cancelled[subject.codes[np.flatnonzero(kind.where(lambda text: text == CANCELLED))]] = True
    codes = subject.codes[places]
    named = subject.values_given[codes]
    net = _money(amount[places]) - np.where(named, given_back[codes], 0)
    net = np.where(named & cancelled[codes], 0, np.maximum(net, 0))
    currency = batch.texts["currency"]
    return Orders(places, net.astype(np.int64), Texts(currency.codes[places], currency.values))


def _money(amounts: Numbers) -> Numbers:
    """Returns amounts in minor units, 0 for a missing one."""
    return np.where(amounts == MISSING, 0, amounts)

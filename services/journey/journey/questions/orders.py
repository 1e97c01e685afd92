"""Orders in a history, with the money that is left of them after refunds."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from journey.store.batch import MISSING, Batch, Mask, Numbers

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
    currencies: list[str]


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
    return Orders(places, net.astype(np.int64), batch.texts["currency"].take(places))


def _money(amounts: Numbers) -> Numbers:
    """Returns amounts in minor units, 0 for a missing one."""
    return np.where(amounts == MISSING, 0, amounts)

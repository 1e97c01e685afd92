"""The money of orders before which people had touchpoints of a kind."""

from collections import defaultdict

import numpy as np

from journey.questions import orders
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask, Texts


class KindMoney:
    """Sums the orders' money, net of refunds, by each kind that their person had before them.

    An order counts once for each kind, so that kinds do not add up to the revenue.
    """

    columns = orders.COLUMNS
    before = AT_ONCE
    # Refunds.
    reads_later = True

    def __init__(self) -> None:
        self._money: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, batch: Batch, counted: Mask) -> None:
        placed = orders.orders_of(batch, counted)
        places = np.flatnonzero(counted)
        if not len(placed.places) or not len(places):
            return
        kind = batch.texts["kind"]
        pairs = batch.person[places] * len(kind.values) + kind.codes[places]
        different, first = np.unique(pairs, return_index=True)
        people, begins = different // len(kind.values), places[first]
        buyers = batch.person[placed.places]
        low, high = np.searchsorted(people, buyers), np.searchsorted(people, buyers, "right")
        # For each order, the pairs of its person.
        counts = high - low
        order = np.repeat(np.arange(len(buyers)), counts)
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        pair = np.repeat(low, counts) + offsets
        is_before = begins[pair] <= placed.places[order]
        order, pair = order[is_before], pair[is_before]
        had = orders.Orders(
            placed.places[order],
            placed.net_minor[order],
            Texts(placed.currency.codes[order], placed.currency.values),
        )
        for code, currency, net in had.net_by(different[pair] % len(kind.values)):
            self._money[kind.values[code]][currency] += net

    def answer(self) -> dict[str, dict[str, int]]:
        return {kind: dict(money) for kind, money in self._money.items()}

"""Money of the orders of each stage, net of what was given back of them.

An order counts for the first stage that its `order.placed` is of. Its refunds count with it,
whenever they were, so that the sums of all stages do not depend on the asked time of a refund.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from journey.funnels.model import StageRevenue
from journey.funnels.placement import Placement
from journey.maps.model import Stage
from journey.questions.orders import PLACED, REFUNDED
from journey.store.batch import MISSING, Batch, Mask, Numbers

COLUMNS: Final = frozenset({"kind", "subject", "amount_minor", "currency"})


class RevenueFold:
    """Sums up orders and refunds by stage and currency. An order without an amount is none."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages
        self._found: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, batch: Batch, placement: Placement, counted: Mask) -> None:
        amounts, currencies = batch.numbers["amount_minor"], batch.texts["currency"]
        is_order = counted & batch.texts["kind"].where(PLACED.__eq__) & (amounts != MISSING)
        if not is_order.any():
            return
        orders = np.flatnonzero(is_order)
        refunds, codes = _refunds_of(batch, orders), currencies.codes[orders]
        stages = placement.stage_numbers(self._stages)[orders]
        for stage in range(len(self._stages)):
            mine = stages == stage
            for code in np.unique(codes[mine]).tolist():
                chosen = mine & (codes == code)
                sums = self._found[stage, currencies.values[code]]
                sums[0] += int(chosen.sum())
                sums[1] += int(amounts[orders[chosen]].sum())
                sums[2] += int(refunds[chosen].sum())

    def answer(self) -> list[StageRevenue]:
        """Returns the money of each stage and currency that has orders, in the map's order."""
        found = [StageRevenue(*key, *sums) for key, sums in self._found.items()]
        return sorted(found, key=lambda one: (one.stage, one.currency))


def _refunds_of(batch: Batch, orders: Numbers) -> Numbers:
    """Returns what was given back of each order, in its currency."""
    subjects, currencies = batch.texts["subject"], batch.texts["currency"]
    amounts = batch.numbers["amount_minor"]
    keys = subjects.codes.astype(np.int64) * len(currencies.values) + currencies.codes
    is_refund = batch.texts["kind"].where(REFUNDED.__eq__) & (amounts != MISSING)
    refunds = np.flatnonzero(is_refund & subjects.where(bool))
    refunded, places = np.unique(keys[refunds], return_inverse=True)
    # One more place, for the orders of which nothing was given back.
    sums = np.zeros(len(refunded) + 1, dtype=np.int64)
    np.add.at(sums, places, amounts[refunds])
    place = np.searchsorted(refunded, keys[orders])
    is_found = np.append(refunded, -1)[place] == keys[orders]
    return np.where(is_found, sums[place], 0)

"""More shoppers than units, and goods that come back, while replicas are killed.

`make chaos` plays both at full size.
"""

from stack.faults import after_sale, chaos
from stack.platform import Platform


async def test_a_sell_out_sells_each_unit_once_and_charges_nobody_else(fragile: Platform) -> None:
    outcome = await chaos.sell_out(fragile, shoppers=40, units=6)

    assert outcome.problems() == []
    assert len(outcome.placed) == 6
    assert sum(outcome.refusals.values()) == 34


async def test_returns_are_refunded_once_and_each_payment_in_its_share(fragile: Platform) -> None:
    outcome = await after_sale.send_back(fragile, buyers=15)

    assert outcome.problems() == []
    assert (outcome.ordered, len(outcome.kept)) == (15, 15)

"""More shoppers than units, while replicas are killed and the provider times out.

`make chaos` plays it at full size.
"""

from stack.faults import chaos
from stack.platform import Platform


async def test_a_sell_out_sells_each_unit_once_and_charges_nobody_else(fragile: Platform) -> None:
    outcome = await chaos.sell_out(fragile, shoppers=40, units=6)

    assert outcome.problems() == []
    assert len(outcome.placed) == len(outcome.charged) == 6
    assert sum(outcome.refusals.values()) == 34

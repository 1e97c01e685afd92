"""Shoppers who tap twice at a slow bank, and more shoppers than the machine can serve.

`make chaos` plays both at full size and compares the times with the promised seconds; here other
tests run beside them.
"""

import statistics

from stack.faults import crowds
from stack.platform import Platform


async def test_shoppers_who_tap_again_at_a_slow_bank_get_one_order_each_and_bystanders_theirs(
    fragile: Platform,
) -> None:
    crowd = await crowds.double_tap(fragile, shoppers=6, repeats=40, bystanders=6)

    assert crowd.problems() == []
    assert set(crowd.answers) <= {"201", "202", "OVERLOADED"}


async def test_under_overload_accepted_orders_are_placed_and_the_rest_is_refused_at_once(
    fragile: Platform,
) -> None:
    crowd = await crowds.overload(fragile, shoppers=150, seconds=8)

    assert crowd.problems() == []
    assert crowd.refusal_seconds, "fewer shoppers than the machine can serve are no overload"
    assert set(crowd.answers) == {"OVERLOADED"}
    assert statistics.median(crowd.refusal_seconds) < statistics.median(crowd.order_seconds) / 5

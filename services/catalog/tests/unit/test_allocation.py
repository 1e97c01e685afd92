from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import OutOfStock
from catalog.stock.model import Allocation, StockLevel, allocate

VARIANTS = [UUID(int=number) for number in range(1, 5)]
WAREHOUSES = ["near", "far", "elsewhere"]
levels = st.dictionaries(
    st.tuples(st.sampled_from(VARIANTS), st.sampled_from(WAREHOUSES)), st.integers(0, 20)
)
wishes = st.dictionaries(st.sampled_from(VARIANTS), st.integers(1, 15), min_size=1)


def shelf(counts: dict[tuple[UUID, str], int]) -> list[StockLevel]:
    return [
        StockLevel(variant_id=v, warehouse=w, on_hand=count + 3, reserved=3)
        for (v, w), count in counts.items()
    ]


@given(counts=levels, wanted=wishes)
def test_an_allocation_never_takes_more_than_a_warehouse_has(
    counts: dict[tuple[UUID, str], int], wanted: dict[UUID, int]
) -> None:
    try:
        allocations = allocate(wanted, shelf(counts), ["near", "far"])
    except OutOfStock as refusal:
        short = UUID(refusal.metadata["variant_id"])
        assert (
            sum(count for (v, w), count in counts.items() if v == short and w != "elsewhere")
            < wanted[short]
        )
        return

    assert all(0 < each.quantity <= counts[each.variant_id, each.warehouse] for each in allocations)
    assert {
        v: sum(each.quantity for each in allocations if each.variant_id == v) for v in wanted
    } == wanted
    assert {each.warehouse for each in allocations} <= {"near", "far"}


@given(counts=levels, orders=st.lists(wishes, max_size=12))
def test_a_row_of_orders_never_oversells(
    counts: dict[tuple[UUID, str], int], orders: list[dict[UUID, int]]
) -> None:
    left = dict(counts)
    for wanted in orders:
        try:
            allocations = allocate(wanted, shelf(left), WAREHOUSES)
        except OutOfStock:
            continue
        for each in allocations:
            left[each.variant_id, each.warehouse] -= each.quantity

    assert all(count >= 0 for count in left.values())


def test_the_first_warehouse_gives_first_and_the_next_one_the_rest() -> None:
    counts = {(VARIANTS[0], "near"): 2, (VARIANTS[0], "far"): 9}

    allocations = allocate({VARIANTS[0]: 5}, shelf(counts), ["near", "far"])

    assert sorted(allocations) == [
        Allocation(VARIANTS[0], "far", 3),
        Allocation(VARIANTS[0], "near", 2),
    ]


def test_a_refusal_says_of_what_there_is_too_little_and_how_much_there_is() -> None:
    counts = {(VARIANTS[0], "near"): 2}

    with pytest.raises(OutOfStock) as refusal:
        allocate({VARIANTS[0]: 3}, shelf(counts), ["near"])

    assert refusal.value.metadata == {"variant_id": str(VARIANTS[0]), "available": "2"}

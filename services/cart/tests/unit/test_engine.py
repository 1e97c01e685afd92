"""Discounts of promotions, for any cart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cart.promotions import engine
from cart.promotions.engine import DiscountableLine
from cart.promotions.model import Ineligibility, PricingRules, Promotion
from chassis.runtime.clock import uuid7

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_promotion(**facts: Any) -> Promotion:
    values = {
        "id": uuid7(),
        "code": "p",
        "label": {},
        "percent_basis_points": 1000,
        "first_order_only": False,
        "minimum_subtotals": {},
        "coupon_codes": [],
        "category_slugs": [],
    }
    return Promotion(**{**values, **facts})


def taken(
    lines: list[DiscountableLine],
    *promotions: Promotion,
    orders_placed: int = 0,
    codes: tuple[str, ...] = (),
) -> engine.Discounts:
    return engine.apply_promotions(
        lines, PricingRules(orders_placed, promotions), codes, currency="EUR", now=NOW
    )


lines_of_any_kind = st.lists(
    st.builds(
        DiscountableLine,
        st.integers(0, 10**9),
        st.lists(st.sampled_from(["a", "b", "c"]), max_size=2),
    ),
    max_size=12,
)
promotions_of_any_kind = st.lists(
    st.builds(
        lambda percent, slugs, minimum: a_promotion(
            percent_basis_points=percent,
            category_slugs=slugs,
            minimum_subtotals={"EUR": minimum} if minimum else {},
        ),
        st.integers(1, 10_000),
        st.lists(st.sampled_from(["a", "b", "d"]), max_size=2),
        st.integers(0, 10**6),
    ),
    max_size=5,
)


@given(lines_of_any_kind, promotions_of_any_kind)
def test_no_line_falls_below_zero_and_no_minor_unit_is_lost(
    lines: list[DiscountableLine], promotions: list[Promotion]
) -> None:
    result = taken(lines, *promotions)

    assert all(
        -line.subtotal_minor <= off <= 0
        for line, off in zip(lines, result.of_lines_minor, strict=True)
    )
    assert sum(result.of_lines_minor) == sum(applied.amount_minor for applied in result.applied)
    assert all(applied.amount_minor < 0 for applied in result.applied)


@given(lines_of_any_kind, st.integers(1, 10_000))
def test_one_promotion_takes_its_percentage_to_half_a_minor_unit(
    lines: list[DiscountableLine], percent: int
) -> None:
    subtotal = sum(line.subtotal_minor for line in lines)

    off = -sum(taken(lines, a_promotion(percent_basis_points=percent)).of_lines_minor)

    assert abs(off * 10_000 - subtotal * percent) * 2 <= 10_000


@given(lines_of_any_kind)
def test_a_promotion_touches_only_lines_that_it_covers(lines: list[DiscountableLine]) -> None:
    result = taken(lines, a_promotion(percent_basis_points=10_000, category_slugs=["a"]))

    for line, off in zip(lines, result.of_lines_minor, strict=True):
        assert off == (-line.subtotal_minor if "a" in line.category_slugs else 0)


def test_a_gift_card_keeps_its_worth_unless_the_promotion_names_its_category() -> None:
    lines = [DiscountableLine(50_00, ["gifts"], is_gift_card=True), DiscountableLine(10_00)]

    assert list(taken(lines, a_promotion()).of_lines_minor) == [0, -1_00]
    named = a_promotion(category_slugs=["gifts"])
    assert list(taken(lines, named).of_lines_minor) == [-5_00, 0]
    alone = taken(lines[:1], a_promotion(coupon_codes=["A"]), codes=("A",))
    assert alone.refused == {"A": Ineligibility.BELOW_MINIMUM}


def test_two_codes_of_one_promotion_count_once() -> None:
    result = taken(
        [DiscountableLine(10_00)], a_promotion(coupon_codes=["A", "B"]), codes=("B", "A")
    )

    assert [(applied.coupon_code, applied.amount_minor) for applied in result.applied] == [
        ("B", -1_00)
    ]
    assert result.refused == {}


@pytest.mark.parametrize(
    ("facts", "orders_placed", "why"),
    [
        ({}, 3, None),
        ({"is_active": False}, 0, Ineligibility.UNKNOWN),
        ({"starts_at": NOW + timedelta(seconds=1)}, 0, Ineligibility.UNKNOWN),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(seconds=1)}, 0, None),
        ({"ends_at": NOW}, 0, Ineligibility.EXPIRED),
        ({"usage_limit": 2, "used": 1}, 0, None),
        ({"usage_limit": 2, "used": 2}, 0, Ineligibility.USED_UP),
        ({"first_order_only": True}, 0, None),
        ({"first_order_only": True}, 1, Ineligibility.NOT_FIRST_ORDER),
        ({"minimum_subtotals": {"EUR": 10_00}}, 0, None),
        ({"minimum_subtotals": {"EUR": 10_01}}, 0, Ineligibility.BELOW_MINIMUM),
        ({"minimum_subtotals": {"USD": 1}}, 0, Ineligibility.BELOW_MINIMUM),
        ({"category_slugs": ["none"]}, 0, Ineligibility.BELOW_MINIMUM),
    ],
)
def test_every_condition_is_told(
    facts: dict[str, Any], orders_placed: int, why: Ineligibility | None
) -> None:
    lines = [DiscountableLine(10_00, ["tea"])]

    assert (
        engine.find_ineligibility(
            a_promotion(**facts), lines, orders_placed, currency="EUR", now=NOW
        )
        == why
    )


def test_an_empty_cart_may_hold_a_code() -> None:
    assert taken([], a_promotion(coupon_codes=["A"]), codes=("A",)).refused == {}

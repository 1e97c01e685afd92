"""Delivery options and their days."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.money import MOST_MINOR
from checkout.delivery import days as delivery
from checkout.delivery.options import delivery_bounds, delivery_options
from checkout.delivery.table import MOST_WEIGHT_GRAMS, Goods
from checkout.errors.delivery import TariffNotSet

FRIDAY_NOON = datetime(2026, 1, 9, 12, tzinfo=UTC)


def _options(has_pickup=True, **changes):
    goods = {
        "country": "DE",
        "origin": "DE",
        "weight_grams": 500,
        "subtotal_minor": 10_00,
        "currency": "EUR",
    }
    return {
        option.id: option
        for option in delivery_options(
            Goods(**{**goods, **changes}), now=FRIDAY_NOON, has_pickup=has_pickup
        )
    }


@pytest.mark.parametrize(
    ("now", "leaves_on"),
    [
        (FRIDAY_NOON, date(2026, 1, 9)),
        (FRIDAY_NOON.replace(hour=14), date(2026, 1, 12)),
        (FRIDAY_NOON.replace(day=10), date(2026, 1, 12)),
        (FRIDAY_NOON.replace(day=11, hour=23), date(2026, 1, 12)),
        (FRIDAY_NOON.replace(day=12, hour=13), date(2026, 1, 12)),
    ],
)
def test_parcels_leave_on_business_days_before_the_cut_off(now, leaves_on):
    assert delivery.dispatch_day(now) == leaves_on


def test_days_are_counted_over_the_weekend():
    standard = _options()["standard"]

    assert (standard.earliest_on, standard.latest_on) == (date(2026, 1, 13), date(2026, 1, 14))
    assert _options()["express"].latest_on == date(2026, 1, 12)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 40))
def test_a_business_day_is_never_on_a_weekend_and_none_is_skipped(day, days):
    found = delivery.business_days_after(day, days)

    between = [
        day.fromordinal(ordinal) for ordinal in range(day.toordinal() + 1, found.toordinal() + 1)
    ]
    assert sum(map(delivery.is_business_day, between)) == days
    assert not days or delivery.is_business_day(found)


def test_heavy_parcels_cost_more_and_expensive_ones_are_delivered_free():
    assert _options()["standard"].price_minor == 4_90
    assert _options(weight_grams=2_001)["standard"].price_minor == 5_50
    assert _options(weight_grams=5_000)["standard"].price_minor == 6_70
    assert _options(subtotal_minor=75_00)["standard"].price_minor == 0
    assert _options(subtotal_minor=75_00)["express"].price_minor == 12_90


def test_prices_follow_the_currency_and_the_zone():
    assert _options(currency="JPY")["standard"].price_minor == 735
    assert _options(country="FR")["standard"].price_minor == 9_90
    assert set(_options(country="US")) == {"standard", "express"}
    assert _options(country="US", origin="US")["pickup"].price_minor == 0
    assert "pickup" not in _options(has_pickup=False)


@given(
    st.sampled_from(["DE", "FR", "US"]), st.integers(0, 40_000), st.integers(0, 40_000),
    st.integers(0, 400_00), st.integers(0, 400_00),
    st.sampled_from(["EUR", "JPY", "SEK"]),
)  # fmt: skip
def test_options_hold_within_their_bounds(
    country, weight, other_weight, subtotal, other_subtotal, currency
):
    goods = {
        "country": country,
        "weight_grams": weight,
        "subtotal_minor": subtotal,
        "currency": currency,
    }
    bounds = delivery_bounds(Goods(origin="DE", **goods))
    least, below = bounds.subtotal_minor

    assert bounds.weight_grams[0] <= weight < bounds.weight_grams[1]
    assert least <= subtotal < (below or 2**60)
    for edge_weight in (bounds.weight_grams[0], bounds.weight_grams[1] - 1, other_weight):
        for edge_subtotal in (least, (below or 1_000_000) - 1, other_subtotal):
            if bounds.weight_grams[0] <= edge_weight < bounds.weight_grams[
                1
            ] and least <= edge_subtotal < (below or 2**60):
                assert _options(
                    **{**goods, "weight_grams": edge_weight, "subtotal_minor": edge_subtotal}
                ) == _options(**goods)
    # Wide enough to be worth keeping: what lies beyond is another price.
    beyond = _options(**{**goods, "weight_grams": bounds.weight_grams[1]})
    assert beyond["express"].price_minor > _options(**goods)["express"].price_minor


@given(
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**63 - 1),
    st.sampled_from(["EUR", "HUF", "KWD", "JPY"]),
    st.sampled_from(["DE", "US"]),
)
def test_options_and_bounds_fit_64_bits_whatever_the_mass(weight, subtotal, currency, country):
    goods = Goods(
        country=country,
        origin="DE",
        weight_grams=min(weight, MOST_WEIGHT_GRAMS),
        subtotal_minor=subtotal,
        currency=currency,
    )
    bounds = delivery_bounds(goods)

    assert all(
        0 <= option.price_minor <= MOST_MINOR for option in delivery_options(goods, now=FRIDAY_NOON)
    )
    assert all(
        0 <= each < 2**63
        for each in (*bounds.weight_grams, bounds.subtotal_minor[0], bounds.subtotal_minor[1] or 0)
    )


@pytest.mark.parametrize("ask", [delivery_options, delivery_bounds])
def test_a_currency_without_a_tariff_is_refused(ask):
    goods = Goods(
        country="DE", origin="DE", weight_grams=500, subtotal_minor=10_000, currency="THB"
    )

    with pytest.raises(TariffNotSet):
        ask(goods, now=FRIDAY_NOON) if ask is delivery_options else ask(goods)

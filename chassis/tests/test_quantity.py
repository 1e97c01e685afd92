from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.money import MOST_MINOR, AmountTooLarge, Money
from chassis.quantity import Quantity


def test_a_quantity_by_weight_has_its_own_price_and_mass() -> None:
    coffee = Quantity(1250, scale=3, increment=50, unit_code="KGM")

    assert coffee.amount == Decimal("1.250")
    assert coffee.times(Money(1_990, "EUR")) == Money(2_488, "EUR")
    assert coffee.mass(1_000) == 1_250
    assert coffee.volume(3_001) == 3_752


def test_a_quantity_by_length_weighs_its_length_and_a_part_of_a_gram_counts() -> None:
    rope = Quantity(333, scale=2, unit_code="MTR")

    assert rope.times(Money(100, "EUR")) == Money(333, "EUR")
    assert rope.mass(70) == 234


def test_pieces_are_counted() -> None:
    assert Quantity(3).times(Money(999, "EUR")) == Money(2_997, "EUR")
    assert Quantity(3).mass(250) == 750


@pytest.mark.parametrize(
    ("steps", "increment", "is_sellable"),
    [(0, 1, False), (-50, 50, False), (75, 50, False), (100, 50, True)],
)
def test_a_quantity_is_a_positive_multiple_of_its_increment(
    steps: int, increment: int, is_sellable: bool
) -> None:
    assert Quantity(steps, increment=increment).is_sellable is is_sellable


def test_a_price_beyond_the_bound_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        Quantity(2_000, scale=3).times(Money(MOST_MINOR, "EUR"))


@given(steps=st.integers(1, 10**6), scale=st.integers(0, 6), grams=st.integers(0, 10**6))
def test_mass_is_never_less_than_what_the_quantity_weighs(
    steps: int, scale: int, grams: int
) -> None:
    exact = Decimal(steps * grams).scaleb(-scale)

    assert 0 <= Quantity(steps, scale).mass(grams) - exact < 1
    assert Quantity(steps, scale).volume(grams) == Quantity(steps, scale).mass(grams)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.money import Money, UnknownCurrency, allocate, exponent
from chassis.rpc.errors import Invalid


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any),
)
def test_allocation_loses_no_minor_unit_and_is_fair(amount: int, weights: list[int]) -> None:
    shares = allocate(Money(amount, "EUR"), weights)

    assert sum(share.amount_minor for share in shares) == amount
    assert all(
        abs(share.amount_minor - amount * weight / sum(weights)) < 1.001
        for share, weight in zip(shares, weights, strict=True)
    )


def test_ties_go_to_the_earlier_weight() -> None:
    assert [share.amount_minor for share in allocate(Money(100, "EUR"), [1, 1, 1])] == [34, 33, 33]
    assert [share.amount_minor for share in allocate(Money(-100, "EUR"), [1, 1, 1])] == [
        -34,
        -33,
        -33,
    ]


def test_exponents_follow_iso_4217() -> None:
    assert (exponent("EUR"), exponent("JPY"), exponent("KWD")) == (2, 0, 3)
    with pytest.raises(UnknownCurrency):
        exponent("XXX")


def test_amounts_are_read_and_written_in_major_units() -> None:
    assert Money.from_decimal("12.5", "EUR") == Money(1250, "EUR")
    assert str(Money(1250, "KWD")) == "1.250 KWD"
    with pytest.raises(Invalid):
        Money.from_decimal("1.5", "JPY")

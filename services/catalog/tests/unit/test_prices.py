"""Resolution of prices against a plain reference, and the lowest price before a reduction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.channels.model import Channel, TaxDisplay
from catalog.prices.history import lowest_before_reduction
from catalog.prices.model import PriceKey, PriceList, UnitPrice
from catalog.prices.resolution import EVERYBODY, Audience, lists_for, resolve_price

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
VARIANT = UUID(int=7)
ACME, OTHER = UUID(int=1), UUID(int=2)
SHOP = Channel(
    code="shop",
    name="Shop",
    is_default=True,
    locales=["en"],
    currencies=["EUR", "USD"],
    countries=["DE"],
    tax_display=TaxDisplay.GROSS,
    warehouses=["main"],
    hosts=[],
    price_list="own",
)
HOURS = st.none() | st.integers(-48, 48).map(lambda hours: NOW + timedelta(hours=hours))


@st.composite
def price_lists(draw: st.DrawFn) -> list[PriceList]:
    drawn = [PriceList(code="own", channel="shop", tax_included=True)]
    for code in draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)):
        organization = draw(st.sampled_from([None, None, ACME, OTHER]))
        begins, ends = draw(HOURS), draw(HOURS)
        drawn.append(
            PriceList(
                code=code,
                channel=draw(st.sampled_from(["shop", "shop", "elsewhere"])),
                tax_included=True,
                organization_id=organization,
                customer_group="" if organization else draw(st.sampled_from(["", "vip", "trade"])),
                currency=draw(st.sampled_from(["", "EUR", "USD"])),
                priority=draw(st.integers(-2, 2)),
                is_active=draw(st.booleans()),
                valid_from=begins,
                valid_to=ends,
            )
        )
    return draw(st.permutations(drawn))


audiences = st.builds(
    Audience, st.sampled_from([None, ACME, OTHER]), st.sampled_from(["", "vip", "trade"])
)
amounts = st.dictionaries(st.sampled_from(["own", *"abcdefgh"]), st.integers(0, 99))


def plainly(lists: list[PriceList], prices: dict[str, int], audience: Audience) -> int | None:
    """The price in EUR by the words of the documentation, one rule after the other."""
    passing = [each for each in lists if each.code in prices and each.currency in ("", "EUR")]
    passing = [each for each in passing if each.channel == "shop" and each.is_active]
    passing = [each for each in passing if not (each.valid_from and each.valid_from > NOW)]
    passing = [each for each in passing if not (each.valid_to and each.valid_to <= NOW)]
    passing = [each for each in passing if each.code != "own"]
    organization = audience.organization_id
    mine = [each for each in passing if organization and each.organization_id == organization]
    group = audience.customer_group
    grouped = [each for each in passing if group and each.customer_group == group]
    public = [each for each in passing if not each.organization_id and not each.customer_group]
    for part in (mine, grouped, public):
        if part:
            highest = max(each.priority for each in part)
            return prices[min(each.code for each in part if each.priority == highest)]
    return prices.get("own")


@given(lists=price_lists(), prices=amounts, audience=audiences)
def test_a_price_is_that_of_the_first_list_in_the_documented_order(
    lists: list[PriceList], prices: dict[str, int], audience: Audience
) -> None:
    listed: dict[PriceKey, UnitPrice] = {
        (VARIANT, code, "EUR"): UnitPrice(amount, None) for code, amount in prices.items()
    }

    found = resolve_price(VARIANT, "EUR", lists_for(SHOP, lists, audience, NOW), listed)

    assert (found[1].amount_minor if found else None) == plainly(lists, prices, audience)


@given(lists=price_lists(), prices=amounts)
def test_everybody_never_gets_a_price_of_a_group(
    lists: list[PriceList], prices: dict[str, int]
) -> None:
    assert all(each.is_public for each in lists_for(SHOP, lists, EVERYBODY, NOW))


@given(
    tiers=st.dictionaries(st.integers(2, 50), st.integers(0, 99), max_size=5),
    quantity=st.integers(1, 60),
)
def test_a_quantity_has_the_price_of_the_greatest_tier_that_it_reaches(
    tiers: dict[int, int], quantity: int
) -> None:
    price = UnitPrice(100, None, tuple(sorted(tiers.items())))

    reached = [least for least in tiers if least <= quantity]

    assert price.at_quantity(quantity) == (tiers[max(reached)] if reached else 100)


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


@pytest.mark.parametrize(
    ("history", "lowest"),
    [
        ([], None),
        ([(day(0), 80)], None),
        ([(day(-90), 100), (day(0), 80)], 100),
        ([(day(-90), 60), (day(-20), 100), (day(0), 80)], 60),
        ([(day(-90), 60), (day(-30), 100), (day(0), 80)], 100),
        ([(day(-90), 100), (day(-10), 70), (day(-9), 100), (day(0), 80)], 70),
        ([(day(-5), 90), (day(0), 80)], 90),
    ],
)
def test_the_lowest_price_is_of_the_thirty_days_before_the_reduction(
    history: list[tuple[datetime, int]], lowest: int | None
) -> None:
    assert lowest_before_reduction(history) == lowest


@given(steps=st.lists(st.tuples(st.integers(1, 20), st.integers(1, 99)), min_size=2, max_size=12))
def test_the_lowest_price_is_that_of_a_look_at_every_day(steps: list[tuple[int, int]]) -> None:
    history, at = [], 0
    for days, amount in steps:
        at += days
        history.append((day(at), amount))

    held = [
        next(amount for from_at, amount in reversed(history) if from_at <= day(each))
        for each in range(at - 30, at)
        if day(each) >= history[0][0]
    ]

    assert lowest_before_reduction(history) == min(held)

"""A cart's totals, for any lines and offers."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cart.carts.links import RestoreLinks
from cart.carts.model import Cart, Line, PricedCart
from cart.carts.offers import NOT_CURRENT, Offer, Offers
from cart.carts.totals import price_cart
from cart.carts.wire import cart_to_proto
from cart.promotions.model import PricingRules, Promotion
from chassis.line_item import Availability
from chassis.money import MOST_MINOR
from chassis.notices import NoticeCode
from chassis.runtime.clock import uuid7
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_DISCOUNT, TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def an_offer(price_minor: int = 10_00, *, scale: int = 0, available: int | None = 100) -> Offer:
    id = uuid7()
    return Offer(
        variant_id=id,
        product_id=uuid7(),
        price_minor=price_minor,
        currency="EUR",
        scale=scale,
        available=available,
    )


def a_basket(*wanted: tuple[Offer, int], percent: int = 0, is_current: bool = True) -> PricedCart:
    lines = [Line(uuid7(), offer.variant_id, quantity, offer) for offer, quantity in wanted]
    cart = Cart(
        id=uuid7(),
        owner_id=uuid7(),
        channel="default",
        currency="EUR",
        locale="en",
        lines=lines,
        coupon_codes=[],
        created_at=NOW,
        updated_at=NOW,
    )
    promotion = Promotion(
        id=uuid7(),
        code="p",
        label={},
        percent_basis_points=percent,
        first_order_only=False,
        minimum_subtotals={},
        coupon_codes=[],
        category_slugs=[],
    )
    offers = (
        Offers.answered(
            "EUR", (offer.variant_id for offer, _ in wanted), (offer for offer, _ in wanted)
        )
        if is_current
        else NOT_CURRENT
    )
    return PricedCart(cart, PricingRules(0, [promotion] if percent else []), offers)


offers_of_any_kind = st.builds(an_offer, st.integers(0, 10**5), scale=st.integers(0, 3))


@given(
    st.lists(st.tuples(offers_of_any_kind, st.integers(1, 10**6)), max_size=10),
    st.integers(0, 10_000),
)
def test_totals_are_the_sum_of_their_lines_and_of_their_entries(
    wanted: list[tuple[Offer, int]], percent: int
) -> None:
    cart = cart_to_proto(price_cart(a_basket(*wanted, percent=percent), NOW))

    entries = {entry.type: entry.amount.amount_minor for entry in cart.totals}
    assert (
        entries[TOTAL_TYPE_TOTAL]
        == sum(amount for kind, amount in entries.items() if kind != TOTAL_TYPE_TOTAL)
        >= 0
    )
    assert entries[TOTAL_TYPE_TOTAL] == sum(line.item.total.amount_minor for line in cart.lines)
    assert entries[TOTAL_TYPE_SUBTOTAL] == sum(
        line.item.subtotal.amount_minor for line in cart.lines
    )
    assert entries.get(TOTAL_TYPE_DISCOUNT, 0) == sum(
        promotion.amount.amount_minor for promotion in cart.promotions
    )
    assert all(line.item.total.amount_minor >= 0 for line in cart.lines)


offers_of_any_price = st.builds(an_offer, st.integers(0, 2**63 - 1), scale=st.integers(0, 6))


@given(
    st.lists(st.tuples(offers_of_any_price, st.integers(1, 10**6)), max_size=100),
    st.integers(0, 10_000),
)
def test_no_amount_of_a_cart_is_beyond_the_bound_whatever_its_prices(
    wanted: list[tuple[Offer, int]], percent: int
) -> None:
    priced = price_cart(a_basket(*wanted, percent=percent), NOW)
    cart = cart_to_proto(priced)

    amounts = [
        amount
        for item in (line.item for line in cart.lines)
        for amount in (item.unit_price, item.subtotal, item.discount, item.total)
    ]
    assert all(
        abs(amount.amount_minor) <= MOST_MINOR
        for amount in [*amounts, *(total.amount for total in cart.totals)]
    )
    is_too_large = sum(offer.subtotal_minor(quantity) for offer, quantity in wanted) > MOST_MINOR
    assert (
        NoticeCode.TOTAL_TOO_LARGE in [notice.code for notice in priced.notices]
    ) is is_too_large


@given(st.integers(0, 10**8), st.integers(1, 10**6), st.integers(1, 3))
def test_a_quantity_with_decimals_is_priced_to_half_a_minor_unit(
    price_minor: int, quantity: int, scale: int
) -> None:
    subtotal = an_offer(price_minor, scale=scale).subtotal_minor(quantity)

    assert abs(subtotal * 10**scale - price_minor * quantity) * 2 <= 10**scale


def test_without_the_catalogue_what_was_seen_stands_in() -> None:
    priced = price_cart(a_basket((an_offer(available=None), 2), is_current=False), NOW)

    assert (priced.total_minor, [notice.code for notice in priced.notices]) == (
        20_00,
        [NoticeCode.PRICES_NOT_CURRENT],
    )


def test_a_line_that_was_not_asked_for_is_not_taken_for_gone() -> None:
    basket = a_basket((an_offer(), 1))
    unasked = replace(basket, offers=Offers.answered("EUR", (), ()))

    assert price_cart(unasked, NOW).notices == []


def test_an_offer_comes_back_from_its_json_and_passes_over_what_it_does_not_know() -> None:
    offer = replace(an_offer(), category_slugs=("tea", "drinks"))
    record = {**{name: getattr(offer, name) for name in offer.__slots__}, "from_a_later_release": 1}
    record |= {
        "variant_id": str(offer.variant_id),
        "product_id": str(offer.product_id),
        "category_slugs": ["tea", "drinks"],
    }
    del record["sku"]

    assert TypeAdapter(Offer).validate_python(record) == offer


@given(st.uuids(), st.binary(max_size=60))
def test_a_link_restores_its_own_cart_and_no_other(cart_id: UUID, noise: bytes) -> None:
    links = RestoreLinks("a" * 16)

    assert links.find_cart_id(links.token(cart_id)) == cart_id
    assert RestoreLinks("b" * 16).find_cart_id(links.token(cart_id)) is None
    assert links.find_cart_id(noise.hex()) is None


def test_a_quantity_has_the_price_of_the_greatest_tier_that_it_reaches() -> None:
    offer = replace(an_offer(10_00), tiers=((5, 9_00), (10, 8_00)))

    lines = price_cart(a_basket((offer, 4), (offer, 5), (offer, 10)), NOW).lines

    assert [(line.item.unit_price.amount_minor, line.subtotal_minor) for line in lines] == [
        (10_00, 40_00),
        (9_00, 45_00),
        (8_00, 80_00),
    ]


def test_what_is_not_there_yet_is_said_with_its_date() -> None:
    offer = replace(
        an_offer(available=10),
        available_now=2,
        promise=Availability.BACKORDER,
        expected_at=NOW,
    )

    totals = price_cart(a_basket((offer, 2), (offer, 3), (offer, 11)), NOW)

    assert [(line.availability, line.item.expected_at) for line in totals.lines] == [
        (Availability.LOW_STOCK, None),
        (Availability.BACKORDER, NOW),
        (Availability.BACKORDER, NOW),
    ]
    assert [notice.code for notice in totals.notices] == [
        NoticeCode.LOW_STOCK,
        NoticeCode.BACKORDER,
        NoticeCode.OUT_OF_STOCK,
    ]

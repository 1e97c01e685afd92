"""Amounts stay within their bound; no input and no row ends the pricing of carts."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.data import isolation
from chassis.money import MOST_MINOR
from chassis.rpc.errors import DomainError, Internal, Invalid, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from services.cart.tests.cart_store import Store, codes, totals
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import events_pb2
from sojourn.common.v1.message_pb2 import (
    MESSAGE_CODE_TOTAL_TOO_LARGE,
    MESSAGE_SEVERITY_RECOVERABLE,
    MESSAGE_TYPE_ERROR,
)
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL, Money
from sojourn.common.v1.page_pb2 import Page

MILLION = 1_000_000
NEARLY = 2**43 - 1


async def test_two_lines_of_a_million_at_the_highest_price_are_refused_when_they_are_added(
    store: Store,
) -> None:
    token = store.tokens.guest()
    first, second = (store.catalog.sell(price_minor=NEARLY, available=MILLION) for _ in range(2))

    with pytest.raises(Refused) as refusal:
        await store.create(token, (first, MILLION), (second, MILLION))
    assert (refusal.value.reason, refusal.value.metadata["most_minor"]) == (
        "CART_TOTAL_TOO_LARGE",
        str(MOST_MINOR),
    )

    cart = await store.create(token)
    with pytest.raises(Refused) as refusal:
        await store.add(token, cart.id, first, MILLION)
    assert refusal.value.reason == "CART_TOTAL_TOO_LARGE"
    assert (await store.get(token, cart.id)).lines == []


async def test_a_total_of_exactly_the_bound_can_be_had_and_one_more_cannot(store: Store) -> None:
    token = store.tokens.guest()
    dear, cheap = (
        store.catalog.sell(price_minor=MOST_MINOR // MILLION, available=MILLION),
        store.catalog.sell(price_minor=1),
    )

    cart = await store.create(token, (dear, MILLION))
    assert totals(cart)[TOTAL_TYPE_TOTAL] == MOST_MINOR

    with pytest.raises(Refused) as refusal:
        await store.add(token, cart.id, cheap, 1)
    assert refusal.value.reason == "CART_TOTAL_TOO_LARGE"


async def test_a_quantity_that_is_raised_beyond_the_bound_is_refused(store: Store) -> None:
    token = store.tokens.guest()
    cart = await store.create(token, (store.catalog.sell(price_minor=MOST_MINOR // 2 + 1), 1))

    with pytest.raises(Refused) as refusal:
        await store.set(token, cart, 2)

    assert refusal.value.reason == "CART_TOTAL_TOO_LARGE"


async def test_a_cart_whose_prices_rose_beyond_the_bound_is_readable_repairable_and_not_orderable(
    store: Store,
) -> None:
    owner = uuid7()
    token = store.tokens.guest(owner)
    risen, steady = (store.catalog.sell(price_minor=1, available=MILLION) for _ in range(2))
    await store.promote()
    cart = await store.create(token, (risen, MILLION), (steady, MILLION))
    store.catalog.offers[risen].price.amount_minor = MOST_MINOR

    shown = await store.get(token, cart.id)
    request = pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=str(owner))
    for_order = await store.ask(store.orders.GetCartForOrder, request, store.acting_for(owner))

    for each in (shown, for_order.cart):
        assert totals(each) == {TOTAL_TYPE_SUBTOTAL: MOST_MINOR, TOTAL_TYPE_TOTAL: MOST_MINOR}
        (message,) = [
            message for message in each.messages if message.code == MESSAGE_CODE_TOTAL_TOO_LARGE
        ]
        assert (message.type, message.severity) == (
            MESSAGE_TYPE_ERROR,
            MESSAGE_SEVERITY_RECOVERABLE,
        )

    # Whatever lowers it may be done: less of a line, a coupon, an address, a line taken out.
    lower = await store.set(token, shown, 2)
    assert MESSAGE_CODE_TOTAL_TOO_LARGE in codes(lower)
    await store.save(token, cart.id)
    with pytest.raises(Refused):
        await store.set(token, shown, 3)
    repaired = await store.set(token, lower, 0)
    assert MESSAGE_CODE_TOTAL_TOO_LARGE not in codes(repaired)
    assert totals(repaired)[TOTAL_TYPE_TOTAL] == MILLION - MILLION // 10


async def test_a_cart_beyond_the_bound_is_found_abandoned_all_the_same(store: Store) -> None:
    token = store.tokens.guest()
    variant = store.catalog.sell(price_minor=1, available=MILLION)
    cart = await store.create(token, (variant, MILLION))
    store.catalog.offers[variant].price.amount_minor = 2**62
    await store.save(token, cart.id)

    await store.let_time_pass(3_601)

    (event,) = await store.events(events_pb2.CartAbandoned)
    assert event.subtotal.amount_minor == MOST_MINOR


# Odd values of each column of a promotion.
BAD_PROMOTIONS = {
    "label": [
        "'[]'",
        "'7'",
        "'null'",
        "'{\"en\": 7}'",
        "jsonb_build_object('en', repeat('9', 5000)::numeric)",
    ],
    "minimum_subtotals": [
        "'[]'",
        "'7'",
        '\'{"EUR": "x"}\'',
        "'{\"EUR\": -1}'",
        "'{\"EUR\": 1e30}'",
        "'{\"EUR\": null}'",
    ],
    "category_slugs": ["'[7]'", "'[null]'", "'[{}]'"],
    "starts_at": ["'-infinity'", "'4713-01-01 BC'"],
    "ends_at": ["'infinity'", "'20000-01-01'"],
    "usage_limit": ["9223372036854775807"],
    "used": ["9223372036854775807"],
    "version": ["9223372036854775807"],
    "code": ["''", "repeat('x', 2000)", "E'\\x01'"],
}


@pytest.mark.parametrize(
    ("column", "value"),
    [(column, value) for column, values in BAD_PROMOTIONS.items() for value in values],
)
async def test_a_bad_promotion_leaves_every_cart_priced_and_every_other_promotion_in_force(
    store: Store, column: str, value: str
) -> None:
    token = store.tokens.guest()
    await store.promote("bad", percent=1, coupon_codes=[])
    await store.promote("good", percent=10)
    async with store.database.tx() as tx:
        await tx.run(f"UPDATE promotion SET {column} = {value} WHERE code = 'bad'")  # type: ignore[arg-type]

    cart = await store.create(token, (store.catalog.sell(price_minor=100_00), 1))
    cart = await store.add(token, cart.id, store.catalog.sell(price_minor=100_00))

    assert "good" in [promotion.code for promotion in (await store.get(token, cart.id)).promotions]
    staff = store.tokens.staff("promotions.write")
    reply = await store.ask(store.promotions.ListPromotions, pb.ListPromotionsRequest(), staff)
    assert "good" in [promotion.code for promotion in reply.promotions]


async def test_a_promotion_that_cannot_be_read_is_listed(store: Store) -> None:
    await store.promote("bad")
    async with store.database.tx() as tx:
        await tx.run("UPDATE promotion SET label = '7'")
    await store.create(store.tokens.guest(), (store.catalog.sell(), 1))

    await isolation.flush(store.database)

    ((id,),) = await store.rows("SELECT id::text FROM promotion")
    assert (id,) in await store.rows("SELECT key FROM skipped_row WHERE loop = 'promotions'")


async def test_a_cart_that_cannot_be_read_keeps_no_other_from_being_merged(store: Store) -> None:
    guest, customer = uuid7(), uuid7()
    bad = await store.create(store.tokens.guest(guest), (store.catalog.sell(), 1))
    await store.create(store.tokens.guest(guest), (store.catalog.sell(), 2))
    async with store.database.tx() as tx:
        await tx.run("UPDATE cart SET created_at = '20000-01-01' WHERE id = %s", [UUID(bad.id)])

    merged = await store.merge(store.tokens.customer(customer), store.tokens.guest(guest))

    assert merged.merged
    assert [line.item.quantity.steps for line in merged.cart.lines] == [2]


@pytest.mark.parametrize(
    ("facts", "path", "rule", "allowed"),
    [
        (
            {"label": {f"d{chr(97 + n // 26)}{chr(97 + n % 26)}": "x" for n in range(51)}},
            "promotion.label",
            "map.max_pairs",
            "50",
        ),
        ({"label": {"en": "x" * 201}}, "promotion.label.en", "string.max_len", "200"),
        (
            {"label": {"english!": "x"}},
            "promotion.label.english!",
            "string.pattern",
            "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        ),
        (
            {"category_slugs": [f"c{n}" for n in range(501)]},
            "promotion.category_slugs",
            "repeated.max_items",
            "500",
        ),
        (
            {"category_slugs": ["tea", "Not A Slug"]},
            "promotion.category_slugs[1]",
            "string.pattern",
            "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        ),
        ({"usage_limit": 10**9 + 1}, "promotion.usage_limit", "int64.lte", "1000000000"),
        (
            {"coupon_codes": [f"C{n}" for n in range(10_001)]},
            "promotion.coupon_codes",
            "repeated.max_items",
            "10000",
        ),
    ],
)
async def test_a_promotion_beyond_a_bound_is_refused_with_its_field(
    store: Store, facts: dict[str, Any], path: str, rule: str, allowed: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await store.promote(**facts)

    assert (refusal.value.reason, refusal.value.metadata) == (
        "INVALID_FIELD",
        {"path": path, "rule": rule, "allowed": allowed},
    )


async def test_a_minimum_beyond_the_bound_is_refused(store: Store) -> None:
    with pytest.raises(Invalid) as refusal:
        await store.promote(minimum_subtotals=[eur(MOST_MINOR + 1)])

    assert refusal.value.reason == "AMOUNT_TOO_LARGE"


ODD = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u202e",
    "'",
    "%",
    "é",
    "e\u0301",
    "🎒",
    "x" * 3_000,
    "0",
    "-1",
    "[" * 900,
    "NaN",
    "../..",
    "a/b",
    "\n",
]
TEXTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NUMBERS = st.sampled_from([0, 1, -1, MILLION, MILLION + 1, 2**31, 2**62, 2**63 - 1, -(2**63)])


async def answer(ask: Awaitable[Any]) -> Any:
    """Returns the answer or the refusal; asserts that the refusal is no internal error."""
    try:
        result = await ask
    except DomainError as refusal:
        result = refusal
    assert not isinstance(result, Internal), result
    return result


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    text=TEXTS,
    other=TEXTS,
    number=NUMBERS,
    small=st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31)]),
    is_good=st.booleans(),
)
async def test_no_input_is_an_internal_error(
    store: Store, text: str, other: str, number: int, small: int, is_good: bool
) -> None:
    owner = uuid7()
    token, staff = store.tokens.guest(owner), store.tokens.staff("promotions.write")
    variant = store.catalog.sell(price_minor=max(0, min(number, MOST_MINOR)), available=MILLION)
    cart = await store.create(token)

    await answer(store.create(token, (text, number), (other, small), currency=text, channel=other))
    await answer(store.ask(store.carts.CreateCart, pb.CreateCartRequest(locale=text), token))
    await answer(store.add(token, cart.id if is_good else text, variant, number, version=number))
    await answer(store.add(token, cart.id, variant, 1))
    await answer(store.get(token, text))
    await answer(
        store.ask(store.carts.GetCurrentCart, pb.GetCurrentCartRequest(channel=text), token)
    )
    for line_id in (text, str(uuid7())):
        request = pb.SetLineQuantityRequest(
            cart_id=cart.id, line_id=line_id, quantity=number, expected_version=number
        )
        await answer(store.ask(store.carts.SetLineQuantity, request, token))
    await answer(store.coupon(token, cart.id, text))
    await answer(
        store.ask(
            store.carts.RemoveCoupon, pb.RemoveCouponRequest(cart_id=cart.id, code=text), token
        )
    )
    await answer(store.save(token, cart.id, text))
    await answer(store.merge(token, text.replace("\x00", "")))
    await answer(store.restore(token, text))
    await answer(
        store.ask(
            store.promotions.ListPromotions,
            pb.ListPromotionsRequest(page=Page(token=text, size=small)),
            staff,
        )
    )
    odd = pb.Promotion(
        code=text,
        label={text: other},
        percent_basis_points=small,
        minimum_subtotals=[Money(amount_minor=number, currency=other)],
        coupon_codes=[text, other],
        category_slugs=[text],
        usage_limit=number,
        active=True,
    )
    await answer(
        store.ask(store.promotions.PutPromotion, pb.PutPromotionRequest(promotion=odd), staff)
    )
    for facts in (
        {"label": {text: other}},
        {"category_slugs": [text]},
        {"usage_limit": number},
        {"coupon_codes": [text]},
        {"percent_basis_points": small},
    ):
        await answer(store.promote(**{"code": "odd", "active": False, **facts}))  # type: ignore[arg-type]
    await answer(store.redeem(cart, owner, text, email=text, version=number))
    await answer(store.unredeem(text))
    request = pb.GetCartForOrderRequest(cart_id=text, owner_id=other, email=text)
    await answer(store.ask(store.orders.GetCartForOrder, request, store.checkout))

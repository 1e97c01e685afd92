"""Promotions, as shoppers and staff see them."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc.errors import Denied, Exists, Invalid, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from services.cart.tests.cart_store import Store, codes, totals
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.common.v1.message_pb2 import MESSAGE_CODE_COUPON_NOT_VALID
from sojourn.common.v1.money_pb2 import (
    TOTAL_TYPE_DISCOUNT,
    TOTAL_TYPE_SUBTOTAL,
    TOTAL_TYPE_TOTAL,
    Money,
)
from sojourn.common.v1.page_pb2 import Page


async def test_an_automatic_promotion_is_taken_off_and_allocated_over_lines(store: Store) -> None:
    me = store.tokens.guest()
    await store.promote(percent=10, label={"en": "Ten off", "de": "Zehn weniger"})

    cart = await store.create(
        me, (store.catalog.sell(price_minor=3_33), 1), (store.catalog.sell(price_minor=3_33), 1)
    )

    assert totals(cart) == {
        TOTAL_TYPE_SUBTOTAL: 6_66,
        TOTAL_TYPE_DISCOUNT: -67,
        TOTAL_TYPE_TOTAL: 5_99,
    }
    assert [line.item.discount.amount_minor for line in cart.lines] == [-34, -33]
    assert [
        (applied.code, applied.label, applied.amount.amount_minor) for applied in cart.promotions
    ] == [("ten", "Ten off", -67)]


async def test_a_stale_version_of_a_promotion_is_refused(store: Store) -> None:
    seen = await store.promote("ten")
    await store.promote("ten", percent=20)
    seen.percent_basis_points = 3000
    token = store.tokens.staff("promotions.write")

    for promotion, version in ((seen, seen.version), (pb.Promotion(code="new"), 1)):
        promotion.label["en"], promotion.percent_basis_points = "Off", 3000
        request = pb.PutPromotionRequest(promotion=promotion, expected_version=version)
        with pytest.raises(Stale):
            await store.ask(store.promotions.PutPromotion, request, token)
    request = pb.PutPromotionRequest(promotion=seen, expected_version=seen.version + 1)
    assert (await store.ask(store.promotions.PutPromotion, request, token)).version == 3


async def test_a_coupon_applies_whatever_its_case_and_can_be_taken_off(store: Store) -> None:
    me = store.tokens.guest()
    await store.promote(percent=20, coupon_codes=["Spring"])
    cart = await store.create(me, (store.catalog.sell(price_minor=50_00), 1))

    off = await store.coupon(me, cart.id, "  sPRING ")
    again = await store.coupon(me, cart.id, "SPRING")
    back = await store.ask(
        store.carts.RemoveCoupon, pb.RemoveCouponRequest(cart_id=cart.id, code="spring"), me
    )

    assert (
        totals(off)[TOTAL_TYPE_TOTAL],
        list(off.coupon_codes),
        off.promotions[0].coupon_code,
    ) == (40_00, ["SPRING"], "SPRING")
    assert totals(again) == totals(off)
    assert (totals(back), list(back.coupon_codes)) == (
        {TOTAL_TYPE_SUBTOTAL: 50_00, TOTAL_TYPE_TOTAL: 50_00},
        [],
    )


async def test_promotions_apply_one_after_another_and_never_below_zero(store: Store) -> None:
    me = store.tokens.guest()
    await store.promote("half", 50)
    await store.promote("all", 100, coupon_codes=["ALL"])
    cart = await store.create(me, (store.catalog.sell(price_minor=9_99), 1))

    free = await store.coupon(me, cart.id, "all")

    assert [applied.amount.amount_minor for applied in free.promotions] == [-5_00, -4_99]
    assert totals(free)[TOTAL_TYPE_TOTAL] == 0


async def test_a_promotion_of_categories_leaves_other_lines_alone(store: Store) -> None:
    me = store.tokens.guest()
    await store.promote(percent=50, category_slugs=["tea"])

    cart = await store.create(
        me, (store.catalog.sell(category_slugs=["drinks", "tea"]), 1), (store.catalog.sell(), 1)
    )

    assert [line.item.discount.amount_minor for line in cart.lines] == [-5_00, 0]


async def test_a_coupon_is_refused_with_why(store: Store) -> None:
    owner = uuid7()
    me = store.tokens.customer(owner)
    await store.promote("over", coupon_codes=["OVER"], ends_at=Timestamp(seconds=1))
    await store.promote("soon", coupon_codes=["SOON"], starts_at=Timestamp(seconds=4_000_000_000))
    await store.promote("off", coupon_codes=["OFF"], active=False)
    await store.promote("rich", coupon_codes=["RICH"], minimum_subtotals=[eur(100_01)])
    await store.promote(
        "yen", coupon_codes=["YEN"], minimum_subtotals=[Money(amount_minor=1, currency="JPY")]
    )
    await store.promote("cat", coupon_codes=["CAT"], category_slugs=["none"])
    await store.promote("first", coupon_codes=["FIRST"], first_order_only=True)
    await store.promote("once", coupon_codes=["ONCE"], usage_limit=1)
    tea = store.catalog.sell(price_minor=100_00)
    earlier = await store.create(me, (tea, 1))
    earlier = await store.coupon(me, earlier.id, "once")
    await store.redeem(earlier, owner, "once")
    async with store.database.tx() as tx:
        await tx.run("INSERT INTO order_count VALUES (%s, 1)", [str(owner)])
    cart = await store.create(me, (tea, 1))

    why = {}
    for code in (
        " ",
        "NOPE",
        "no code!",
        "OVER",
        "SOON",
        "OFF",
        "RICH",
        "YEN",
        "CAT",
        "FIRST",
        "ONCE",
    ):
        with pytest.raises(Refused) as refusal:
            await store.coupon(me, cart.id, code)
        assert refusal.value.reason == "COUPON_NOT_VALID"
        why[code] = refusal.value.metadata["why"]

    assert why == {
        " ": "unknown",
        "NOPE": "unknown",
        "no code!": "unknown",
        "OVER": "expired",
        "SOON": "unknown",
        "OFF": "unknown",
        "RICH": "below_minimum",
        "YEN": "below_minimum",
        "CAT": "below_minimum",
        "FIRST": "not_first_order",
        "ONCE": "used_up",
    }
    with pytest.raises(Invalid) as empty:
        await store.coupon(me, cart.id, "")
    assert (empty.value.reason, empty.value.metadata["path"], empty.value.metadata["rule"]) == (
        "INVALID_FIELD",
        "code",
        "string.min_len",
    )
    assert list((await store.get(me, cart.id)).coupon_codes) == []


async def test_a_coupon_that_stops_applying_stays_with_a_message(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell(price_minor=60_00)
    await store.promote(coupon_codes=["BIG"], minimum_subtotals=[eur(100_00)])
    cart = await store.create(me, (tea, 2))
    await store.coupon(me, cart.id, "BIG")

    less = await store.set(me, cart, 1)

    assert (codes(less), less.messages[0].path, list(less.coupon_codes)) == (
        [MESSAGE_CODE_COUPON_NOT_VALID],
        "$.coupon_codes[0]",
        ["BIG"],
    )
    assert totals(less) == {TOTAL_TYPE_SUBTOTAL: 60_00, TOTAL_TYPE_TOTAL: 60_00}


async def test_putting_a_promotion_is_audited_once_per_change(store: Store) -> None:
    first = await store.promote("ten", 10, coupon_codes=["A"])
    same = await store.promote("ten", 10, coupon_codes=["A"])
    other = await store.promote("ten", 15, coupon_codes=["B"])

    assert (first.version, same.version, other.version) == (1, 1, 2)
    rows = await store.rows(
        "SELECT action, subject, before IS NULL, after ->> 'percent_basis_points' FROM audit ORDER "
        "BY at, id"
    )
    assert rows == [
        ("promotion.put", "promotion:ten", True, "1000"),
        ("promotion.put", "promotion:ten", False, "1500"),
    ]
    assert await store.rows("SELECT code FROM coupon") == [("B",)]
    await store.promote("free", 5, coupon_codes=["A"])
    with pytest.raises(Exists) as taken:
        await store.promote("thief", 5, coupon_codes=["B"])
    assert taken.value.reason == "COUPON_TAKEN"


async def test_promotions_need_the_scope_and_make_sense(store: Store) -> None:
    good = {"code": "x", "percent_basis_points": 100, "active": True}
    for token in (store.tokens.staff(), store.tokens.customer(), store.checkout):
        with pytest.raises(Denied):
            await store.ask(
                store.promotions.PutPromotion,
                pb.PutPromotionRequest(promotion=pb.Promotion(**good)),
                token,
            )
        with pytest.raises(Denied):
            await store.ask(store.promotions.ListPromotions, pb.ListPromotionsRequest(), token)
    euro = eur(1)
    bad = [
        ("INVALID_FIELD", "promotion.code", {"code": "no spaces"}),
        ("INVALID_FIELD", "promotion.percent_basis_points", {"percent_basis_points": 10_001}),
        ("INVALID_FIELD", "promotion.percent_basis_points", {"percent_basis_points": 0}),
        ("INVALID_PROMOTION", "minimum_subtotals", {"minimum_subtotals": [euro, euro]}),
        ("INVALID_PROMOTION", "coupon_codes", {"coupon_codes": ["a b"]}),
        (
            "INVALID_PROMOTION",
            "ends_at",
            {"starts_at": Timestamp(seconds=9), "ends_at": Timestamp(seconds=9)},
        ),
        ("INVALID_FIELD", "promotion.usage_limit", {"usage_limit": -1}),
    ]
    for reason, path, wrong in bad:
        with pytest.raises(Invalid) as refusal:
            await store.promote(**{**good, **wrong})
        assert (refusal.value.reason, refusal.value.metadata["path"]) == (reason, path)


async def test_promotions_are_listed_newest_first_by_page(store: Store) -> None:
    for number in range(5):
        await store.promote(f"p{number}", starts_at=Timestamp(seconds=number + 1))
    staff, seen, token = store.tokens.staff("promotions.write"), [], ""

    while True:
        page = await store.ask(
            store.promotions.ListPromotions,
            pb.ListPromotionsRequest(page=Page(size=2, token=token)),
            staff,
        )
        seen += [promotion.code for promotion in page.promotions]
        if not (token := page.next_page_token):
            break

    assert seen == ["p4", "p3", "p2", "p1", "p0"]
    with pytest.raises(Invalid) as refusal:
        await store.ask(
            store.promotions.ListPromotions,
            pb.ListPromotionsRequest(page=Page(token="nonsense")),
            staff,
        )
    assert refusal.value.reason == "INVALID_PAGE_TOKEN"

"""Offers of variants, as a cart asks for them, and reads that cannot be answered."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import Invalid, NotFound
from chassis.runtime.clock import uuid7
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb


async def test_offers_say_what_a_cart_needs_in_the_order_asked(shop: Replica) -> None:
    await shop.import_categories(
        pb.CategoryInput(slug="camping", name={"en": "Camping"}),
        pb.CategoryInput(slug="tents", name={"en": "Tents"}, parent_slug="camping"),
    )
    tent = a_product(
        "Tent", category_slug="tents", variants=[a_variant(sku="TENT-1", stock=4, Colour="Red")]
    )
    tent.images.add(url="/media/tent.svg", alt="a tent")
    await shop.import_products(tent)
    first, second = (await shop.product("tent")).variants[0].id, await shop.variant(stock=9)
    await shop.reserve({first: 1})

    reply = await shop.ask(
        shop.catalog.GetOffers,
        pb.GetOffersRequest(
            variant_ids=[second, str(uuid7()), first], view=pb.View(currency="USD")
        ),
    )

    assert ([offer.variant_id for offer in reply.offers], reply.currency) == (
        [second, first],
        "USD",
    )
    offer = reply.offers[1]
    assert (offer.sku, offer.title, offer.product_slug, offer.image.url) == (
        "TENT-1",
        "Tent",
        "tent",
        "/media/tent.svg",
    )
    assert (
        offer.price.amount_minor,
        offer.price.currency,
        offer.available,
        offer.tax_included,
    ) == (55_00, "USD", 3, True)
    assert offer.volume_cm3 == 4_500
    assert (offer.weight_grams, offer.tax_class, offer.unit_code, offer.increment) == (
        300,
        "standard",
        "C62",
        1,
    )
    assert list(offer.category_slugs) == ["tents", "camping"]
    assert [(option.name, option.value) for option in offer.options] == [("Colour", "Red")]


async def test_a_product_without_a_price_in_a_currency_is_not_offered_in_it(shop: Replica) -> None:
    await shop.import_products(a_product("Tent"))

    with pytest.raises(NotFound):
        await shop.product("tent", currency="GBP")

    assert not (await shop.listing("", view=pb.View(currency="GBP"))).products


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda shop: shop.product("nothing"), "PRODUCT_NOT_FOUND"),
        (lambda shop: shop.product(id=str(uuid7())), "PRODUCT_NOT_FOUND"),
        (lambda shop: shop.product(id="x"), "INVALID_ID"),
        (lambda shop: shop.product("a\x00b"), "INVALID_TEXT"),
        (
            lambda shop: shop.listing("", filters=[pb.FacetFilter(name="brand", values=["\x00"])]),
            "INVALID_TEXT",
        ),
        (
            lambda shop: shop.listing("", sort=pb.PRODUCT_SORT_TITLE, token="WyJcdTAwMDAiLCIwIl0"),
            "INVALID_PAGE_TOKEN",
        ),
        (lambda shop: shop.product("x", channel="moon"), "UNKNOWN_CHANNEL"),
        (lambda shop: shop.product("x", currency="JPY"), "UNSUPPORTED_CURRENCY"),
        (lambda shop: shop.listing("nothing"), "CATEGORY_NOT_FOUND"),
        (lambda shop: shop.listing("", sort=99), "INVALID_FIELD"),
        (lambda shop: shop.listing("", sort=pb.PRODUCT_SORT_RELEVANCE), "INVALID_FIELD"),
        (lambda shop: shop.search("", sort=pb.PRODUCT_SORT_TITLE), "INVALID_FIELD"),
        (
            lambda shop: shop.listing("", filters=[pb.FacetFilter(name="price", values=["cheap"])]),
            "INVALID_FILTER",
        ),
        (lambda shop: shop.search("x" * 201), "INVALID_FIELD"),
        (
            lambda shop: shop.ask(shop.catalog.GetPage, pb.GetPageRequest(slug="nothing")),
            "PAGE_NOT_FOUND",
        ),
        (
            lambda shop: shop.ask(shop.catalog.GetOffers, pb.GetOffersRequest(variant_ids=["x"])),
            "INVALID_ID",
        ),
    ],
)
async def test_a_read_that_cannot_be_answered_says_why(
    shop: Replica, ask: Any, reason: str
) -> None:
    with pytest.raises((NotFound, Invalid)) as refusal:
        await ask(shop)

    assert refusal.value.reason == reason

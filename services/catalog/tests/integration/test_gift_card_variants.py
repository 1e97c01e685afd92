"""Variants that are gift cards: never sold out, not taxed, and worth what staff say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.testing import fresh_database
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from sojourn.catalog.v1 import gift_card_variants_pb2 as pb
from sojourn.common.v1.line_item_pb2 import ITEM_KIND_GIFT_CARD, ITEM_KIND_PHYSICAL
from sojourn.common.v1.money_pb2 import Money


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


async def put(shop: Replica, sku: str, **fields: Any) -> pb.GiftCardVariant:
    request = pb.PutGiftCardVariantRequest(sku=sku, **fields)
    return await shop.as_staff(shop.gift_cards.PutGiftCardVariant, request)  # type: ignore[no-any-return]  # the helper answers any RPC


async def refused(awaitable: Any) -> str:
    with pytest.raises(DomainError) as caught:
        await awaitable
    return caught.value.reason


async def test_a_gift_card_is_offered_without_stock_or_tax_at_its_own_worth(shop: Replica) -> None:
    variant = a_variant(sku="gift-50", stock=0)
    await shop.import_products(a_product("gift-50", slug="gift-50", variants=[variant]))
    made = await put(shop, "gift-50", face_values=[Money(amount_minor=55_00, currency="EUR")])
    again = await put(shop, "gift-50", face_values=[Money(amount_minor=55_00, currency="EUR")])
    [offer] = (await shop.offers(made.variant_id, currency="EUR")).offers
    stale = await refused(put(shop, "gift-50", expected_version=7))
    await shop.reserve({made.variant_id: 1_000})
    delete = pb.DeleteGiftCardVariantRequest(sku="gift-50")
    await shop.as_staff(shop.gift_cards.DeleteGiftCardVariant, delete)
    gone = await refused(
        shop.as_staff(
            shop.gift_cards.GetGiftCardVariant, pb.GetGiftCardVariantRequest(sku="gift-50")
        )
    )
    [thing] = (await shop.offers(made.variant_id)).offers

    assert again == made
    assert offer.kind == ITEM_KIND_GIFT_CARD
    assert offer.available > 1_000_000
    assert offer.tax_class == "exempt"
    assert offer.gift_card_value.amount_minor == 55_00
    assert (stale, gone) == ("VERSION_MISMATCH", "GIFT_CARD_VARIANT_NOT_FOUND")
    assert (thing.kind, thing.available) == (ITEM_KIND_PHYSICAL, 0)


async def test_what_has_stock_or_a_wrong_worth_is_no_gift_card(shop: Replica) -> None:
    things = [a_variant(sku="mug-1", stock=3), a_variant(sku="mug-2", stock=0)]
    for each in things:
        await shop.import_products(a_product(each.sku, slug=each.sku, variants=[each]))
    reasons = [
        await refused(put(shop, "mug-1")),
        await refused(put(shop, "mug-2", face_values=[Money(amount_minor=0, currency="EUR")])),
        await refused(put(shop, "mug-2", face_values=[Money(amount_minor=1, currency="XXX")])),
        await refused(put(shop, "no-such-mug")),
    ]

    assert reasons == [*["INVALID_GIFT_CARD_VARIANT"] * 3, "VARIANT_NOT_FOUND"]

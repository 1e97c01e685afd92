"""Channels as staff keep them: a new one works at once, and all processes follow a change."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.listings.republish import republish_for_channels
from catalog.listings.republishing import claim_round
from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Exists, Invalid, NotFound, Refused, Stale
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import (
    Replica,
    a_price,
    a_product,
    a_variant,
    replica,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import channels_pb2 as channels_pb
from sojourn.catalog.v1.events_pb2 import ChannelChanged


def a_channel(**fields: Any) -> channels_pb.ChannelInput:
    return channels_pb.ChannelInput(
        **{
            "name": "Japan",
            "locales": ["ja"],
            "currencies": ["JPY"],
            "countries": ["JP"],
            "warehouses": ["main"],
            **fields,
        }
    )


async def create(shop: Replica, code: str = "jp", **fields: Any) -> channels_pb.StaffChannel:
    request = channels_pb.CreateChannelRequest(settings=a_channel(code=code, **fields))
    return await shop.as_staff(shop.channels.CreateChannel, request)  # type: ignore[no-any-return]


async def update(shop: Replica, code: str, *, version: int = 0, **fields: Any) -> Any:
    request = channels_pb.UpdateChannelRequest(
        code=code,
        update_mask=sorted(fields),
        settings=channels_pb.ChannelInput(**fields),
        expected_version=version,
    )
    return await shop.as_staff(shop.channels.UpdateChannel, request)


async def delete(shop: Replica, code: str, *, version: int = 0) -> Any:
    request = channels_pb.DeleteChannelRequest(code=code, expected_version=version)
    return await shop.as_staff(shop.channels.DeleteChannel, request)


async def is_published(shop: Replica) -> bool:
    found = await shop.as_staff(shop.channels.ListChannels, channels_pb.ListChannelsRequest())
    return not any(channel.is_publishing for channel in found.channels)


def yen(amount: int, price_list: str = "") -> pb.PriceInput:
    price = a_price(amount, currency="JPY")
    price.price_list = price_list
    return price


async def shown(shop: Replica, slug: str, **view: str) -> pb.Product | None:
    try:
        return await shop.product(slug, **view)
    except DomainError:
        return None


async def test_a_new_channel_lists_finds_prices_and_sells(
    shop: Replica, database: Database
) -> None:
    await shop.import_products(a_product("Dome", title={"en": "Dome", "ja": "ドームテント"}))
    async with replica(database) as second:
        made = await create(shop, hosts=["JP.shop.example"])
        assert (made.price_list, list(made.hosts), made.version) == ("jp", ["jp.shop.example"], 1)
        variant = a_variant(sku="JP-1", stock=7)
        variant.prices.append(yen(4_900, "jp"))
        given = a_product("Pot", title={"en": "Pot", "ja": "鍋"}, variants=[variant])
        await shop.import_products(given)

        for each in (shop, second):
            page = await eventually(lambda each=each: shown(each, "pot", channel="jp"), within=15)
            assert page is not None
            assert (page.title, page.variants[0].price.amount_minor) == ("鍋", 4_900)
            view = pb.View(channel="jp", locale="ja")
            found = await each.found("鍋", view=view)
            assert [card.slug for card in found.products] == ["pot"]
            by_price = await each.search(
                "",
                view=view,
                sort=pb.PRODUCT_SORT_PRICE_ASCENDING,
            )
            assert by_price.total_count == 1
            listing = await each.listing(view=view)
            assert [card.slug for card in listing.products] == ["pot"]
        held = await second.reserve({page.variants[0].id: 2}, channel="jp")
        await second.confirm(held.id)
    assert await events_of(database, ChannelChanged, "jp") == [ChannelChanged(code="jp", version=1)]


async def test_products_that_were_there_before_are_republished_for_a_channel(
    shop: Replica, database: Database
) -> None:
    await shop.import_products(*(a_product(f"Tent {number}") for number in range(5)))

    await create(shop, "us", locales=["en-US"], currencies=["USD"], price_list="default")

    for number in range(5):
        page = await eventually(
            lambda number=number: shown(shop, f"tent-{number}", channel="us"), within=15
        )
        assert page is not None
        assert page.variants[0].price.currency == "USD"
    await eventually(lambda: is_published(shop), within=15)
    await shop.found("tent", count=5, view=pb.View(channel="us"))


async def test_a_language_and_a_currency_more_reach_pages_and_search(shop: Replica) -> None:
    await shop.import_products(a_product("Tent", title={"en": "Tent", "sv": "Tält"}))

    changed = await update(shop, "default", version=1, locales=["en", "de", "sv"])

    assert (changed.version, list(changed.locales)) == (2, ["en", "de", "sv"])
    page = await eventually(lambda: titled(shop, "tent", "Tält", locale="sv"), within=15)
    assert page is not None
    await shop.found("tält", view=pb.View(locale="sv"))
    fewer = await update(shop, "default", currencies=["EUR"])
    assert list(fewer.currencies) == ["EUR"]

    async def is_refused() -> bool:
        try:
            await shop.product("tent", currency="USD")
        except Invalid:
            return True
        return False

    await eventually(is_refused, within=15)


async def titled(shop: Replica, slug: str, title: str, **view: str) -> pb.Product | None:
    page = await shown(shop, slug, **view)
    return page if page is not None and page.title == title else None


async def test_republishing_goes_on_after_a_stop(database: Database) -> None:
    async with replica(database) as shop:
        await shop.import_products(*(a_product(f"Tent {number}") for number in range(3)))
        await create(shop, "us", locales=["en"], currencies=["USD"], price_list="default")
        await eventually(lambda: is_published(shop), within=15)
        await update(shop, "us", currencies=["EUR"])
        await eventually(lambda: is_published(shop), within=15)
    async with database.tx() as tx:
        await tx.run(
            "UPDATE republishing SET last_product_id = '00000000-0000-0000-0000-000000000000'"
        )
        await tx.run("DELETE FROM listing_offer WHERE channel = 'us'")
    # A process takes a part and is gone.
    async with database.tx() as tx:
        assert await claim_round(tx) is not None
    assert await republish_for_channels(database) == 0
    async with database.tx() as tx:
        await tx.run("UPDATE republishing SET leased_until = leased_until - interval '2 minutes'")

    assert await republish_for_channels(database) == 3

    async with database.read() as read:
        rows = await read.fetch("SELECT count(*) FROM listing_offer WHERE channel = 'us'")
    assert rows == [(3,)]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"locales": []}, "settings.locales"),
        ({"locales": ["english!"]}, "settings.locales[0]"),
        ({"locales": ["de", "DE"]}, "settings.locales"),
        ({"currencies": ["EUR", "XXX"]}, "settings.currencies[1]"),
        ({"countries": ["de"]}, "settings.countries[0]"),
        ({"warehouses": ["moon"]}, "settings.warehouses[0]"),
        ({"hosts": ["a b"]}, "settings.hosts[0]"),
        ({"price_list": "No list"}, "settings.price_list"),
    ],
)
async def test_a_channel_that_cannot_be_is_refused_with_its_place(
    shop: Replica, fields: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as made:
        await create(shop, **fields)
    with pytest.raises(Invalid) as changed:
        await update(shop, "default", **fields)

    assert {made.value.metadata["path"], changed.value.metadata["path"]} == {path}
    assert made.value.reason == "INVALID_CHANNEL"


async def test_a_channel_is_versioned_and_exists_once(shop: Replica) -> None:
    await create(shop)

    with pytest.raises(Exists):
        await create(shop)
    with pytest.raises(Stale):
        await update(shop, "jp", version=7, name="Nippon")
    with pytest.raises(NotFound):
        await update(shop, "moon", name="Moon")
    same = await update(shop, "jp", name="Japan")
    assert same.version == 1
    with pytest.raises(Invalid):
        await update(shop, "default", is_default=False)


async def test_a_channel_in_use_is_not_deleted(shop: Replica) -> None:
    await create(shop, price_list="default", currencies=["EUR"])
    imported = await shop.import_products(a_product("Dome"))
    page = await eventually(lambda: shown(shop, "dome", channel="jp"), within=15)
    assert page is not None
    held = await shop.reserve({page.variants[0].id: 1}, channel="jp")

    with pytest.raises(Refused) as in_use:
        await delete(shop, "jp")
    with pytest.raises(Refused) as default:
        await delete(shop, "default")
    await update(shop, "jp", is_default=True)
    with pytest.raises(Refused) as read_by_another:
        await delete(shop, "default")
    await update(shop, "default", is_default=True)
    await shop.release(held.id)
    await delete(shop, "jp")

    assert [error.value.metadata["by"] for error in (in_use, default, read_by_another)] == [
        "reservations",
        "default",
        "price_list",
    ]
    with pytest.raises(NotFound):
        await delete(shop, "jp")

    async def is_gone() -> bool:
        return await shown(shop, "dome", channel="jp") is None

    await eventually(is_gone, within=15)
    await eventually(lambda: is_published(shop), within=15)
    async with shop.database.read() as read:
        assert await read.fetch("SELECT count(*) FROM listing WHERE channel = 'jp'") == [(0,)]
    assert (await shop.product(id=imported.product_ids[0])).slug == "dome"

"""Digital goods: each key is given out once, and a refund takes keys and files back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from catalog.digital_goods.unneeded_files import delete_unneeded_files
from catalog.media.store import DatabaseStore
from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.testing import fresh_database
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from services.catalog.tests.digital_goods import (
    a_file,
    a_good,
    an_order,
    bought,
    delivered,
    good_of,
    import_keys,
    told,
)
from services.catalog.tests.engagement import deliver
from sojourn.catalog.v1 import digital_goods_pb2 as pb
from sojourn.catalog.v1.digital_events_pb2 import DigitalGoodsDelivered
from sojourn.catalog.v1.stock_events_pb2 import StockLow
from sojourn.checkout.v1.bank_transfers_pb2 import OrderPaid
from sojourn.checkout.v1.checkout_pb2 import Order
from sojourn.checkout.v1.events_pb2 import OrderCancelled, OrderPlaced, OrderRefunded
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_IN_STOCK,
    AVAILABILITY_OUT_OF_STOCK,
    ITEM_KIND_DIGITAL,
)


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


async def parts_in_store(database: Database, file_id: str) -> int:
    async with database.read() as read:
        found = await read.fetch(
            "SELECT key FROM media_blob WHERE key LIKE %s", [f"digital/{file_id}/%"]
        )
    return len(found)


async def read(shop: Replica, token: str) -> pb.ReadDownloadResponse:
    request = pb.ReadDownloadRequest(token=token)
    return await shop.ask(shop.downloads.ReadDownload, request)  # type: ignore[no-any-return]  # the helper answers any RPC


async def test_what_needs_keys_is_there_as_often_as_there_are_free_keys(shop: Replica) -> None:
    game = await a_good(shop, "game", "G-1", "G-2")

    again = await import_keys(shop, "game", "G-2", " G-3 ", "G-3")
    offer = (await shop.offers(game)).offers[0]
    await bought(shop, game, 3)
    page = (await shop.product("game")).variants[0]
    with pytest.raises(DomainError) as refused:
        await shop.reserve({game: 1})

    assert (again.imported, again.known) == (1, 2)
    assert (offer.available, offer.kind) == (3, ITEM_KIND_DIGITAL)
    assert page.availability == AVAILABILITY_OUT_OF_STOCK
    assert refused.value.reason == "OUT_OF_STOCK"
    good = await good_of(shop, "game")
    assert (good.free_keys, good.given_keys) == (0, 3)


async def test_a_key_is_given_out_once_however_many_buy_at_once(
    shop: Replica, database: Database
) -> None:
    pool = [f"RACE-{number}" for number in range(6)]
    rare = await a_good(shop, "rare", *pool)

    async def buy() -> Order | None:
        try:
            return await bought(shop, rare)
        except DomainError as error:
            if error.reason != "OUT_OF_STOCK":
                raise
            return None

    orders = [order for order in await asyncio.gather(*(buy() for _ in range(9))) if order]
    for order in orders:
        await deliver(database, OrderPlaced(order=order), OrderPaid(order=order), times=2)
    keys = [key for order in orders for good in await delivered(shop, order)
            for key in good.licence_keys]  # fmt: skip

    assert sorted(keys) == pool
    mailed = [event for event in await told(database, DigitalGoodsDelivered)
              if event.order_id in {order.id for order in orders}]  # fmt: skip
    assert len(mailed) == len(orders)


async def test_files_never_sell_out_and_are_downloaded_as_often_as_the_good_allows(
    shop: Replica, database: Database
) -> None:
    book = await a_good(shop, "book", download_limit=2, download_days=30)
    await a_file(shop, "book", "book.pdf", b"first edition")
    replaced = await a_file(shop, "book", "book.pdf", b"part one, ", b"part two")

    order = await bought(shop, book, 999)
    unpaid = await delivered(shop, order)
    await deliver(database, OrderPlaced(order=an_order(book, captured=0, id=order.id)))
    still_unpaid = await delivered(shop, order)
    await deliver(database, OrderPaid(order=order))
    [good] = await delivered(shop, order)
    [file] = good.files
    token = file.url.rpartition("/")[2]
    first = await read(shop, token)
    rest = await read(shop, first.next_token)
    await read(shop, token)
    with pytest.raises(DomainError) as over:
        await read(shop, token)
    [after] = await delivered(shop, order)
    with pytest.raises(DomainError) as forged:
        await read(shop, token[:-2] + ("AA" if token[-2:] != "AA" else "BB"))

    [shown] = (await shop.product("book")).variants
    assert (shown.availability, shown.kind) == (AVAILABILITY_IN_STOCK, ITEM_KIND_DIGITAL)
    assert (unpaid, still_unpaid) == ([], [])
    assert (replaced.parts, file.id, file.downloads_left) == (2, replaced.id, 2)
    assert first.content + rest.content == b"part one, part two"
    assert (first.size_bytes, rest.next_token) == (len(b"part one, part two"), "")
    assert over.value.reason == "DOWNLOAD_LIMIT_REACHED"
    assert (after.files[0].url, after.files[0].downloads_left) == ("", 0)
    assert forged.value.reason == "INVALID_DOWNLOAD_TOKEN"
    [event] = [each for each in await told(database, DigitalGoodsDelivered)
               if each.order_id == order.id]  # fmt: skip
    assert (event.email, event.goods[0].files[0].name) == ("ana@example.com", "book.pdf")


async def test_an_upload_that_nobody_completed_goes_after_a_day_with_its_bytes(
    shop: Replica, database: Database
) -> None:
    await a_good(shop, "film")
    kept = await a_file(shop, "film", "film.mp4", b"all of it")
    begun = pb.CreateDigitalFileRequest(sku="film", name="extras.mp4")
    file = await shop.as_staff(shop.digital.CreateDigitalFile, begun)
    part = pb.AddDigitalFilePartRequest(id=file.id, number=1, content=b"a part")
    await shop.as_staff(shop.digital.AddDigitalFilePart, part)
    store = DatabaseStore(database)

    await delete_unneeded_files(database, store)
    early = await parts_in_store(database, file.id)
    async with database.tx() as tx:
        await tx.run("UPDATE digital_file SET created_at = created_at - interval '25 hours'")
    for _ in range(2):
        await delete_unneeded_files(database, store)
    with pytest.raises(DomainError) as late:
        await shop.as_staff(shop.digital.AddDigitalFilePart, part)

    assert (early, await parts_in_store(database, file.id)) == (1, 0)
    assert await parts_in_store(database, kept.id) == 1
    assert [each.id for each in (await good_of(shop, "film")).files] == [kept.id]
    assert late.value.reason == "DIGITAL_FILE_NOT_FOUND"


async def test_a_refund_takes_keys_and_files_back_and_no_key_is_sold_again(
    shop: Replica, database: Database
) -> None:
    tool = await a_good(shop, "tool", "T-1", "T-2")
    await a_file(shop, "tool", "tool.zip", b"bytes")
    order = await bought(shop, tool)
    await deliver(database, OrderPlaced(order=order))
    [before] = await delivered(shop, order)

    part = an_order(tool, refunded=5_00, id=order.id)
    await deliver(database, OrderRefunded(order_id=order.id, order=part))
    [partly] = await delivered(shop, order)
    whole = an_order(tool, refunded=10_00, id=order.id)
    await deliver(database, OrderRefunded(order_id=order.id, order=whole), times=2)
    [after] = await delivered(shop, order)
    with pytest.raises(DomainError) as refused:
        await read(shop, before.files[0].url.rpartition("/")[2])

    assert list(partly.licence_keys) == ["T-1"]
    assert (after.revoked, list(after.licence_keys), list(after.files)) == (True, [], [])
    assert refused.value.reason == "DOWNLOAD_OVER"
    assert (await good_of(shop, "tool")).free_keys == 1
    listed = await shop.as_staff(
        shop.digital.ListLicenceKeys, pb.ListLicenceKeysRequest(sku="tool")
    )
    assert [key.status for key in listed.keys] == [
        pb.LICENCE_KEY_STATUS_FREE, pb.LICENCE_KEY_STATUS_REVOKED,
    ]  # fmt: skip
    assert "T-1" not in str(listed)


async def test_a_cancelled_order_gives_keys_back_that_nobody_saw_and_no_others(
    shop: Replica, database: Database
) -> None:
    app = await a_good(shop, "app", "A-1", "A-2")
    unseen, seen = await bought(shop, app), await bought(shop, app)
    await deliver(database, OrderPlaced(order=seen))

    for order in (unseen, seen):
        await shop.release(order.id, restock=True)
        await shop.release(order.id, restock=True)
        await deliver(database, OrderCancelled(order=order))
    await deliver(database, OrderPaid(order=unseen))

    assert (await good_of(shop, "app")).free_keys == 1
    assert (await shop.offers(app)).offers[0].available == 1
    assert await delivered(shop, unseen) == []
    [taken] = await delivered(shop, seen)
    assert taken.revoked


async def test_a_pool_that_runs_low_is_told_and_a_key_can_be_taken_out_of_sale(
    shop: Replica, database: Database
) -> None:
    kit = await a_good(shop, "kit", "KIT-AAAA-0001", "KIT-AAAA-0002", low_keys_at_most=1)
    before = len(await told(database, StockLow))
    await bought(shop, kit)
    [low] = (await told(database, StockLow))[before:]
    listed = await shop.as_staff(
        shop.digital.ListLicenceKeys,
        pb.ListLicenceKeysRequest(sku="kit", status=pb.LICENCE_KEY_STATUS_FREE),
    )

    revoke = pb.RevokeLicenceKeyRequest(id=listed.keys[0].id)
    first = await shop.as_staff(shop.digital.RevokeLicenceKey, revoke)
    again = await shop.as_staff(shop.digital.RevokeLicenceKey, revoke)

    assert (low.sku, listed.keys[0].ending) == ("kit", "0002")
    assert first == again
    assert first.status == pb.LICENCE_KEY_STATUS_REVOKED
    assert (await shop.offers(kit)).offers[0].available == 0
    assert (await import_keys(shop, "kit", "KIT-AAAA-0002")).imported == 0


async def test_what_cannot_be_digital_is_refused_and_what_is_has_no_warehouse(
    shop: Replica,
) -> None:
    await shop.import_products(a_product("x", slug="x", variants=[a_variant(sku="x", stock=4)]))
    await a_good(shop, "pdf")
    reasons = []
    for method, request in (
        (shop.digital.PutDigitalGood, pb.PutDigitalGoodRequest(sku="x")),
        (shop.digital.GetDigitalGood, pb.GetDigitalGoodRequest(sku="x")),
        (shop.digital.ImportLicenceKeys, pb.ImportLicenceKeysRequest(sku="pdf", keys=["a", "  "])),
    ):
        with pytest.raises(DomainError) as refused:
            await shop.as_staff(method, request)
        reasons.append((refused.value.reason, refused.value.metadata.get("path")))
    with pytest.raises(DomainError) as stocked:
        await shop.set_stock("pdf", 5)
    delete = pb.DeleteDigitalGoodRequest(sku="pdf")
    await shop.as_staff(shop.digital.DeleteDigitalGood, delete)
    stock = await shop.set_stock("pdf", 5)

    assert reasons == [
        ("INVALID_DIGITAL_GOOD", "sku"), ("DIGITAL_GOOD_NOT_FOUND", None),
        ("INVALID_LICENCE_KEY", "keys[1]"),
    ]  # fmt: skip
    assert stocked.value.reason == "INVALID_STOCK_CHANGE"
    assert stock.on_hand == 5

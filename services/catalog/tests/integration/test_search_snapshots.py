"""Snapshots of the search index: an index from one answers as one that was built."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from catalog import metrics
from catalog.channels.model import View
from catalog.directory import Directory
from catalog.listings.facets import Filters
from catalog.search.index import SearchSort
from catalog.search.indexer import Indexer
from catalog.search_snapshots.index_files import make_folder
from catalog.search_snapshots.keeper import SnapshotKeeper
from catalog.search_snapshots.store import sole_writer
from chassis.data.database import Database
from chassis.testing import eventually, running, superuser_url
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb

WORDS = ("jacket", "tent", "rain", "jakcet", "northfell", "SKU-1", "stove", "zelt", "renamed", "")


@asynccontextmanager
async def an_indexer(
    database: Database, folder: Path, *, opens_snapshots: bool = True
) -> AsyncIterator[Indexer]:
    """A replica's index, kept fresh."""
    indexer = Indexer(
        database, Directory(), poll_seconds=0.02, folder=folder, opens_snapshots=opens_snapshots
    )
    async with running(indexer.run):
        await eventually(lambda: indexer.is_built)
        yield indexer


def a_keeper(database: Database, indexer: Indexer) -> SnapshotKeeper:
    """A keeper to which each change is enough."""
    return SnapshotKeeper(
        database, url_of(database), indexer, after_changes=1, every_seconds=0.000_001
    )


def url_of(database: Database) -> str:
    return superuser_url(database.pool.conninfo.rsplit("/", 1)[1])


def answers(indexer: Indexer) -> dict[str, Any]:
    """Everything that an index says of some queries, in each view and order."""
    found: dict[str, Any] = {}
    index = indexer.index
    for view in (View("web", "en", "EUR"), View("web", "de", "USD")):
        found[f"{view} categories"] = index.category_counts(view)
        for word in WORDS:
            query = index.query(view, word, [], Filters())
            found[f"{view} {word} counts"] = query.counts().by_name
            found[f"{view} {word} correction"] = index.correct(view, word, query.unknown)
            for sort in SearchSort:
                results = query.results(sort, offset=0, size=100)
                found[f"{view} {word} {sort}"] = (results.product_ids, results.total)
    return found


def outcomes(outcome: str) -> float:
    return metrics.search_snapshots.labels(outcome)._value.get()  # type: ignore[no-any-return]  # the client has no public reading


async def parts_of(database: Database) -> set[str]:
    async with database.read() as read:
        return {row[0] for row in await read.fetch("SELECT digest FROM search_snapshot_part")}


async def test_an_index_that_is_opened_and_caught_up_answers_as_one_that_is_built(
    shop: Replica, database: Database, tmp_path: Path
) -> None:
    await shop.import_categories(
        pb.CategoryInput(slug="outdoor", name={"en": "Outdoor"}),
        pb.CategoryInput(slug="tents", name={"en": "Tents", "de": "Zelte"}, parent_slug="outdoor"),
    )
    products = [
        a_product(
            f"{kind} {number}",
            category_slug="tents" if number % 2 else "",
            attributes={"material": f"kind {number % 3}"},
            variants=[a_variant(sku=f"SKU-{at}-{number}", price=10_00 + number)],
        )
        for at, kind in enumerate(("Rain Jacket", "Tent", "Stove"))
        for number in range(12)
    ]
    imported = await shop.import_products(*products)
    async with an_indexer(database, tmp_path) as writer:
        assert writer.index.size == 36
        assert await a_keeper(database, writer).store_if_due()

    products[0].title["en"] = "Renamed Parka"
    products[1].published = False
    products[2].variants[0].prices[0].price.amount_minor = 99_00
    await shop.import_products(*products[:3], a_product("New Tent", category_slug="tents"))
    await shop.import_categories(
        pb.CategoryInput(slug="tents", name={"en": "Shelters"}, parent_slug="outdoor")
    )
    opened = outcomes("opened")
    async with (
        an_indexer(database, tmp_path) as from_snapshot,
        an_indexer(database, tmp_path, opens_snapshots=False) as built,
    ):
        assert outcomes("opened") == opened + 1
        assert answers(from_snapshot) == answers(built)
        assert UUID(imported.product_ids[1]) not in answers(built)[f"{WEB}  newest"][0]

        # And so it goes on.
        await shop.import_products(a_product("Later Tent"))
        await eventually(lambda: built.index.size == from_snapshot.index.size == 37)
        assert answers(from_snapshot) == answers(built)


WEB = View("web", "en", "EUR")


async def test_a_second_snapshot_sends_what_is_new_and_drops_what_is_not_needed(
    shop: Replica, database: Database, tmp_path: Path
) -> None:
    await shop.import_products(*(a_product(f"Tent {number}") for number in range(20)))
    async with an_indexer(database, tmp_path) as indexer:
        keeper = a_keeper(database, indexer)
        assert await keeper.store_if_due()
        first = await parts_of(database)
        assert not await keeper.store_if_due()

        await shop.import_products(a_product("Stove"))
        await eventually(lambda: indexer.index.size == 21)
        assert await keeper.store_if_due()

    second = await parts_of(database)
    assert first & second
    assert second - first
    async with database.read() as read:
        named = await read.fetch(
            "SELECT file->>1 FROM search_snapshot, jsonb_array_elements(files) AS file"
        )
    assert second == {row[0] for row in named}


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM search_snapshot_part WHERE number = 0",
        "UPDATE search_snapshot_part SET content = set_byte(content, 0, 7)"
        " WHERE octet_length(content) > 0",
        "UPDATE search_snapshot SET products = products + 1",
    ],
)
async def test_a_damaged_snapshot_is_deleted_and_the_index_is_built(
    shop: Replica, database: Database, tmp_path: Path, damage: Any
) -> None:
    await shop.import_products(a_product("Tent"))
    async with an_indexer(database, tmp_path) as indexer:
        assert await a_keeper(database, indexer).store_if_due()
    async with database.tx() as tx:
        assert await tx.run(damage)
    damaged = outcomes("damaged")

    async with an_indexer(database, tmp_path) as indexer:
        assert indexer.index.size == 1

    assert outcomes("damaged") == damaged + 1
    async with database.read() as read:
        assert await read.fetch("SELECT FROM search_snapshot") == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE search_snapshot SET server = 'another'",
        "UPDATE search_snapshot SET position = 1000000000000",
        "UPDATE search_snapshot SET form = 'another'",
    ],
)
async def test_a_snapshot_of_another_server_time_or_form_is_not_opened(
    shop: Replica, database: Database, tmp_path: Path, change: Any
) -> None:
    await shop.import_products(a_product("Tent"))
    async with an_indexer(database, tmp_path) as indexer:
        assert await a_keeper(database, indexer).store_if_due()
    async with database.tx() as tx:
        await tx.run(change)
    opened = outcomes("opened")

    async with an_indexer(database, tmp_path) as indexer:
        assert indexer.index.size == 1

    assert outcomes("opened") == opened


async def test_one_replica_at_a_time_stores_a_snapshot(
    shop: Replica, database: Database, tmp_path: Path
) -> None:
    await shop.import_products(a_product("Tent"))
    async with an_indexer(database, tmp_path) as indexer:
        keeper = a_keeper(database, indexer)
        async with sole_writer(url_of(database)) as is_writer:
            assert is_writer
            assert not await keeper.store_if_due()

        assert await keeper.store_if_due()


async def test_a_process_that_stops_before_the_last_line_leaves_the_earlier_snapshot(
    shop: Replica, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.import_products(a_product("Tent"))
    async with an_indexer(database, tmp_path) as indexer:
        keeper = a_keeper(database, indexer)
        assert await keeper.store_if_due()
        async with database.tx() as tx:
            # As a process leaves them that stopped after its parts.
            await tx.run("INSERT INTO search_snapshot_part VALUES ('left', 0, '\\x00')")
        await shop.import_products(a_product("Stove"))
        await eventually(lambda: indexer.index.size == 2)

        async with an_indexer(database, tmp_path) as other:
            assert other.index.size == 2
        assert await keeper.store_if_due()

    assert "left" not in await parts_of(database)


async def test_an_index_leaves_no_files(shop: Replica, database: Database, tmp_path: Path) -> None:
    await shop.import_products(a_product("Tent"))
    left = tmp_path / "search-index-999999999-00000000-x"
    left.mkdir()

    async with an_indexer(database, tmp_path) as indexer:
        assert await a_keeper(database, indexer).store_if_due()
        assert len([*tmp_path.iterdir()]) == 1

    assert not left.exists()
    assert make_folder(tmp_path).is_dir()

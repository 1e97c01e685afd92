"""Imports of catalogue files as jobs, and exports that they read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from catalog.directory import Directory
from catalog.jobs.actions import claim_next_import
from catalog.jobs.run_import import run_import
from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.testing import eur, fresh_database
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from sojourn.catalog.v1 import catalog_jobs_pb2 as jobs
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import product_admin_pb2
from sojourn.common.v1 import line_item_pb2

HEADER = "Handle,Title,Type,Variant SKU,Variant Price,Variant Inventory Qty\n"


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


@asynccontextmanager
async def an_empty_shop() -> AsyncIterator[Replica]:
    async with fresh_database("catalog") as database, replica(database) as ready:
        yield ready


async def queued(shop: Replica, content: str | bytes, kind: int, **options: Any) -> str:
    given = jobs.CatalogImportOptions(kind=kind, **options)  # type: ignore[arg-type]
    request = jobs.CreateCatalogImportRequest(options=given)
    job = await shop.as_staff(shop.imports.CreateCatalogImport, request)
    raw = content.encode() if isinstance(content, str) else content
    half = len(raw) // 2
    for number, part in enumerate((raw[:half], raw[half:]), 1):
        add = jobs.AddCatalogImportPartRequest(id=job.id, number=number, content=part)
        await shop.as_staff(shop.imports.AddCatalogImportPart, add)
    start = jobs.StartCatalogImportRequest(id=job.id)
    await shop.as_staff(shop.imports.StartCatalogImport, start)
    return str(job.id)


async def imported(
    shop: Replica, content: str | bytes, kind: int = jobs.CATALOG_DATA_KIND_PRODUCTS, **options: Any
) -> jobs.CatalogImport:
    id = await queued(shop, content, kind, **options)
    async with shop.database.tx() as tx:
        job = await claim_next_import(tx)
    assert job is not None
    await run_import(shop.database, Directory(), job)
    return await got(shop, id)


async def got(shop: Replica, id: str) -> jobs.CatalogImport:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.imports.GetCatalogImport, jobs.GetCatalogImportRequest(id=id)
    )


async def exported(shop: Replica, kind: int, format: int = 1) -> bytes:
    content, token = b"", ""
    while True:
        request = jobs.ExportCatalogRequest(kind=kind, format=format, page_token=token)  # type: ignore[arg-type]
        part = await shop.as_staff(shop.exports.ExportCatalog, request)
        content, token = content + part.content, part.next_page_token
        if not token:
            return content


def counts(job: jobs.CatalogImport) -> tuple[int, int, int, int]:
    return job.created, job.updated, job.unchanged, job.refused


async def test_a_file_in_parts_is_imported_once_however_often_it_comes(shop: Replica) -> None:
    content = HEADER + "".join(
        f"import-{n},Import {n},Imports,IMP-{n},{n}.50,{n}\n" for n in range(1, 6)
    )

    first = await imported(shop, content)
    again = await imported(shop, content)

    assert (first.state, counts(first)) == (jobs.CATALOG_IMPORT_STATE_DONE, (5, 0, 0, 0))
    assert counts(again) == (0, 0, 5, 0)
    assert (first.records_found, first.records_done) == (5, 5)
    assert (await shop.product("import-3")).breadcrumbs[0].slug == "imports"
    assert "parted by commas" in first.notes


async def test_a_dry_run_tells_line_column_value_and_what_is_allowed(shop: Replica) -> None:
    content = HEADER + (
        "dry-good,Dry,Things,DRY-1,5.00,1\n"
        'dry-price,Dry price,Things,DRY-2,"1,99",1\n'
        "dry-double,Dry double,Things,DRY-1,5.00,1\n"
        "dry-taken,Dry taken,Things,IMP-TAKEN,5.00,1\n"
    )
    await shop.import_products(a_product("Taken", variants=[a_variant(sku="IMP-TAKEN")]))

    job = await imported(shop, content, is_dry_run=True)

    assert (job.state, counts(job)) == (jobs.CATALOG_IMPORT_STATE_DONE, (1, 0, 0, 3))
    assert {(each.line, each.column, each.value) for each in job.problems} == {
        (3, "Variant Price", "1,99"),
        (4, "Variant SKU", "DRY-1"),
        (5, "variants[0].sku", "IMP-TAKEN"),
    }
    assert all(each.allowed for each in job.problems)
    with pytest.raises(DomainError):
        await shop.product("dry-good")


async def test_a_file_with_a_mistake_stores_nothing_unless_told_to_skip_it(shop: Replica) -> None:
    content = HEADER + "skip-a,Skip A,,SKIP-A,5.00,1\nskip-b,,,SKIP-B,5.00,1\n"

    strict = await imported(shop, content)
    lenient = await imported(shop, content, skips_refused=True)

    assert (strict.state, counts(strict)) == (jobs.CATALOG_IMPORT_STATE_FAILED, (0, 0, 0, 1))
    assert (lenient.state, counts(lenient)) == (jobs.CATALOG_IMPORT_STATE_DONE, (1, 0, 0, 1))
    assert lenient.problems[0].line == 3


async def test_a_killed_import_goes_on_behind_what_it_stored(
    shop: Replica,
) -> None:
    lines = "".join(
        f'{{"sku":"KILL","warehouse":"","quantity":{n},"reason":"receipt","reference":"r-{n}"}}\n'
        for n in range(1, 7)
    )
    await shop.import_products(a_product("Kill", variants=[a_variant(sku="KILL", stock=0)]))
    id = await queued(shop, lines, jobs.CATALOG_DATA_KIND_STOCK)
    async with shop.database.tx() as tx:
        job = await claim_next_import(tx)
    assert job is not None
    running = asyncio.create_task(run_import(shop.database, Directory(), job))
    while not (await got(shop, id)).records_done:
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    async with shop.database.tx() as tx:
        await tx.run(
            "UPDATE catalog_import SET leased_until = '2000-01-01Z' WHERE id = %s", [UUID(id)]
        )
        taken = await claim_next_import(tx)
    assert taken is not None
    assert str(taken.id) == id
    await run_import(shop.database, Directory(), taken)

    job_after = await got(shop, id)
    assert (job_after.state, job_after.updated) == (jobs.CATALOG_IMPORT_STATE_DONE, 6)
    assert b'"on_hand":21,"sku":"KILL"' in await exported(shop, jobs.CATALOG_DATA_KIND_STOCK)
    again = await imported(shop, lines, jobs.CATALOG_DATA_KIND_STOCK)
    assert counts(again) == (0, 0, 6, 0)


async def test_levels_and_prices_come_as_csv_of_any_shape(shop: Replica) -> None:
    await shop.import_products(a_product("Csv", variants=[a_variant(sku="CSV-1", stock=1)]))
    stock = 'sep=;\r\nSKU;On hand;Safety stock\r\n="CSV-1";7;2\r\nCSV-9;1;\r\n'
    prices = "sku;currency;min_quantity;price\nCSV-1;EUR;;19,90\nCSV-1;EUR;10;17,50\n"

    levels = await imported(shop, stock, jobs.CATALOG_DATA_KIND_STOCK, format=2, skips_refused=True)
    priced = await imported(
        shop, prices, jobs.CATALOG_DATA_KIND_PRICES, format=2, decimal_mark=jobs.DECIMAL_MARK_COMMA
    )
    repeated = await imported(
        shop, prices, jobs.CATALOG_DATA_KIND_PRICES, format=2, decimal_mark=jobs.DECIMAL_MARK_COMMA
    )

    assert counts(levels) == (0, 1, 0, 1)
    (problem,) = levels.problems
    assert (problem.line, problem.column, problem.value) == (4, "sku", "CSV-9")
    assert problem.allowed.startswith("UNKNOWN_SKU")
    assert (counts(priced), counts(repeated)) == ((0, 1, 0, 0), (0, 0, 1, 0))
    page = await shop.product("csv")
    assert page.variants[0].price.amount_minor == 19_90


async def test_goods_that_are_sold_beyond_their_stock_can_be_had_without_any(
    shop: Replica,
) -> None:
    content = (
        "Handle,Title,Variant SKU,Variant Price,Variant Inventory Policy\n"
        "on-demand,On demand,DEMAND-1,5.00,continue\n"
        "in-stock,In stock,DEMAND-2,5.00,deny\n"
    )

    first = await imported(shop, content)
    again = await imported(shop, content)

    assert (counts(first), counts(again)) == ((2, 0, 0, 0), (0, 0, 2, 0))
    [made] = (await shop.product("on-demand")).variants
    [empty] = (await shop.product("in-stock")).variants
    assert made.availability == line_item_pb2.AVAILABILITY_BACKORDER
    assert empty.availability == line_item_pb2.AVAILABILITY_OUT_OF_STOCK
    policies = await exported(shop, jobs.CATALOG_DATA_KIND_STOCK_POLICIES)
    assert policies == b'{"kind":"backorder","most":1000000000,"sku":"DEMAND-1"}\n'


async def test_a_cancelled_import_takes_no_part_and_does_not_start(shop: Replica) -> None:
    given = jobs.CatalogImportOptions(kind=jobs.CATALOG_DATA_KIND_STOCK)
    request = jobs.CreateCatalogImportRequest(options=given)
    job = await shop.as_staff(shop.imports.CreateCatalogImport, request)
    cancel = jobs.CancelCatalogImportRequest(id=job.id)

    ended = await shop.as_staff(shop.imports.CancelCatalogImport, cancel)
    again = await shop.as_staff(shop.imports.CancelCatalogImport, cancel)

    assert ended.state == again.state == jobs.CATALOG_IMPORT_STATE_CANCELLED
    add = jobs.AddCatalogImportPartRequest(id=job.id, number=1, content=b"x")
    for method, message, reason in (
        (shop.imports.AddCatalogImportPart, add, "CATALOG_IMPORT_HAS_BEGUN"),
        (
            shop.imports.StartCatalogImport,
            jobs.StartCatalogImportRequest(id=job.id),
            "CATALOG_IMPORT_HAS_ENDED",
        ),
    ):
        with pytest.raises(DomainError) as refused:
            await shop.as_staff(method, message)
        assert refused.value.reason == reason


async def test_an_export_into_an_empty_catalogue_gives_equal_bytes(shop: Replica) -> None:
    await shop.warehouse("far")
    await shop.import_categories(
        pb.CategoryInput(slug="round", name={"en": "Round", "de": "Rund"}, position=3),
        pb.CategoryInput(slug="trip", name={"en": "Trip"}, parent_slug="round"),
    )
    product = a_product(
        "Round trip",
        title={"en": "Round trip", "de": 'Hin "und" zurück'},
        category_slug="trip",
        attributes={"material": "=SUM(A1)"},
        tags=["b", "a"],
        description={"en": "<p>A <b>round</b> trip</p>", "de": "Nur Text"},
        images=[
            pb.Image(
                url="https://x.example/1.jpg",
                alt="one",
                alt_by_locale={"de": "eins"},
                focal_point=pb.FocalPoint(x=10, y=0),
            )
        ],
        variants=[a_variant(sku="=RT-1", Size="1", stock=0), a_variant(sku="RT-2", Size="2")],
        state=pb.PRODUCT_STATE_UNAVAILABLE,
        references=[pb.ProductReference(source="erp", external_id="4711")],
    )
    product.variants[0].image_urls.append("https://x.example/1.jpg")
    product.metadata.update({"origin": {"country": "PT"}, "years": 3})
    product.variants[0].unit_cost.CopyFrom(eur(8_33))
    product.variants[0].metadata.update({"bin": {"row": 7}})
    await shop.import_products(product)
    created = product_admin_pb2.CreateProductRequest(product=a_product("By hand", external_id=""))
    del created.product.variants[0].prices[:]
    await shop.as_staff(shop.products.CreateProduct, created)
    await shop.as_staff(
        shop.admin.PutPage,
        pb.PutPageRequest(
            slug="sale", title={"en": "Sale"}, body={"en": "a\nb"}, product_slugs=["round-trip"]
        ),
    )
    kinds = (
        jobs.CATALOG_DATA_KIND_CATEGORIES,
        jobs.CATALOG_DATA_KIND_PRODUCTS,
        jobs.CATALOG_DATA_KIND_PRICES,
        jobs.CATALOG_DATA_KIND_STOCK,
        jobs.CATALOG_DATA_KIND_PAGES,
    )
    files = {kind: await exported(shop, kind) for kind in kinds}
    csv_files = {kind: await exported(shop, kind, format=2) for kind in (1, 2, 3, 4)}

    async with an_empty_shop() as other:
        await other.warehouse("far")
        for kind in kinds:
            job = await imported(other, files[kind], kind)
            assert (job.state, job.refused) == (jobs.CATALOG_IMPORT_STATE_DONE, 0), job.problems
            again = await imported(other, files[kind], kind)
            assert (again.created, again.updated) == (0, 0), kind
        assert {kind: await exported(other, kind) for kind in kinds} == files
        for kind in (2, 3, 4):
            await imported(other, csv_files[kind], kind, format=2)
        assert {kind: await exported(other, kind, format=2) for kind in (1, 2, 3, 4)} == csv_files

    async with an_empty_shop() as third:
        assert (await imported(third, csv_files[1], format=2)).refused == 0
        assert await exported(third, 1, format=2) == csv_files[1]

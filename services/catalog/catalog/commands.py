"""Commands of the service beside its roles: `import`, `export` and `republish`."""

import argparse
import itertools
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from google.protobuf import json_format

from catalog.categories.import_categories import import_categories
from catalog.categories.model import tree
from catalog.channels.model import Channels, all_channels
from catalog.errors import InvalidImport
from catalog.imports import shopify
from catalog.jobs.commands import export_files, export_parser, import_as_jobs
from catalog.jobs.model import DataKind
from catalog.listings.republish import republish_next
from catalog.products.import_products import OWN_SOURCE, Outcome, import_products
from catalog.products.refusals import refuse
from catalog.settings import Settings
from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.runtime.cli import Command
from chassis.runtime.clock import Clock
from sojourn.catalog.v1 import catalog_pb2 as pb


def import_parser() -> argparse.ArgumentParser:
    """Returns the options of `import`."""
    parser = argparse.ArgumentParser(
        prog="python -m catalog import",
        description="Imports files, a transaction per batch. A repeat changes nothing.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--kind",
        choices=[each.value for each in DataKind],
        default=DataKind.PRODUCTS.value,
        help="what the files hold",
    )
    parser.add_argument(
        "--format",
        choices=["jsonl", "shopify", "csv"],
        required=True,
        help="JSON Lines, as exports have them; Shopify's CSV of products; CSV of other kinds",
    )
    parser.add_argument(
        "--source", default="", help="whose external ids these are; for Shopify, shopify"
    )
    parser.add_argument(
        "--categories", type=Path, help="JSON Lines of CategoryInput to import first"
    )
    parser.add_argument(
        "--currency",
        default="",
        help="of a CSV's prices; the default channel's first, if not given",
    )
    parser.add_argument(
        "--locale", default="", help="of a CSV's texts; the default channel's first, if not given"
    )
    parser.add_argument(
        "--decimal-mark",
        choices=[".", ","],
        default="",
        help="of a CSV's prices; needed for a comma, and for thousands without cents",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="report each mistake of a file, and import nothing"
    )
    parser.add_argument(
        "--skip-refused",
        action="store_true",
        help="import the good records of a file that has bad ones; else none are imported",
    )
    return parser


async def import_files(settings: Settings, given: list[str] | argparse.Namespace) -> int:
    """Runs `import` for each file, a transaction per batch. A repeat changes nothing."""
    parser = import_parser()
    options = parser.parse_args(given) if isinstance(given, list) else given
    if options.kind != DataKind.PRODUCTS.value or options.format == "csv":
        return await import_as_jobs(settings, options)
    if options.dry_run and options.format != "shopify":
        return await import_as_jobs(settings, options)
    source = options.source or (shopify.SOURCE if options.format == "shopify" else OWN_SOURCE)
    began = time.perf_counter()
    try:
        async with _database(settings) as database:
            outcome = await _import(database, options, source, settings.import_batch_size)
    except (DomainError, OSError) as error:
        _tell(f"import stopped: {error}")
        return 1
    seconds = time.perf_counter() - began
    _tell(
        f"{outcome.created} created, {outcome.updated} updated, {outcome.unchanged} unchanged in "
        f"{seconds:.1f} s"
    )
    return 0


async def _import(database: Database, options: Any, source: str, batch_size: int) -> Outcome:
    async with database.read() as read:
        channels = await all_channels(read)
    locale, currency = (
        options.locale or channels.default.locales[0],
        options.currency or channels.default.currencies[0],
    )
    categories: list[pb.CategoryInput] = []
    given: Iterable[pb.ProductInput]
    if options.format == "shopify":
        reading = shopify.read_all(
            options.files, currency=currency, locale=locale, decimal_mark=options.decimal_mark
        )
        _report(reading)
        if options.dry_run:
            return Outcome(0, 0, 0, [])
        if reading.problems and not options.skip_refused:
            raise InvalidImport(
                "nothing was imported: put these right, or pass --skip-refused",
                line=reading.problems[0].line,
                field=reading.problems[0].column,
            )
        named = {product.category_slug for _, product in reading.products}
        categories = [
            category
            for category in shopify.categories_of(options.files, locale=locale)
            if category.slug in named
        ]
        given = iter([product for _, product in reading.products])
    else:
        given = itertools.chain.from_iterable(
            _lines(path, pb.ProductInput) for path in options.files
        )
    if options.categories:
        categories = list(_lines(options.categories, pb.CategoryInput))
    if categories:
        await _import_categories(database, categories, is_replacing=bool(options.categories))
    done = Outcome(0, 0, 0, [])
    while batch := list(itertools.islice(given, batch_size)):
        done = await _import_batch(database, channels, source, batch, done)
    return done


def _report(reading: shopify.Reading) -> None:
    """Tells what a file holds, and each product that cannot be imported."""
    for problem in reading.problems:
        _tell(f"line {problem.line}, column {problem.column}: {problem.why}")
    hidden = sum(not product.published for _, product in reading.products)
    _tell(
        f"{len(reading.products)} products can be imported ({hidden} of them hidden), "
        f"{len(reading.problems)} cannot"
    )


async def _import_categories(
    database: Database, categories: list[pb.CategoryInput], *, is_replacing: bool
) -> None:
    async with database.tx() as tx:
        known = set() if is_replacing else (await tree(tx)).by_slug.keys()
        if wanted := [category for category in categories if category.slug not in known]:
            await import_categories(tx, wanted)


async def _import_batch(
    database: Database, channels: Channels, source: str, batch: list[pb.ProductInput], done: Outcome
) -> Outcome:
    so_far = done.created + done.updated + done.unchanged
    async with database.tx() as tx:
        outcome = await import_products(tx, channels, source, batch, first_line=so_far + 1)
    _tell(f"{so_far + len(batch)} products")
    return Outcome(
        done.created + outcome.created,
        done.updated + outcome.updated,
        done.unchanged + outcome.unchanged,
        [],
    )


def _lines(path: Path, kind: Any) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield json_format.Parse(line, kind())
                except json_format.ParseError as error:
                    refuse(number, "json", str(error).splitlines()[0][:200])


def republish_parser() -> argparse.ArgumentParser:
    """Returns the options of `republish`."""
    return argparse.ArgumentParser(
        prog="python -m catalog republish",
        description="Rewrites every stored page, after channels were changed by hand.",
    )


async def republish(settings: Settings, given: list[str] | argparse.Namespace) -> int:
    """`republish`: rewrites every stored page, after channels were changed."""
    if isinstance(given, list):
        republish_parser().parse_args(given)
    done, last = 0, UUID(int=0)
    async with _database(settings) as database:
        while True:
            product_ids = await republish_next(database, last)
            if not product_ids:
                break
            done, last = done + len(product_ids), product_ids[-1]
            _tell(f"{done} products")
    _tell(f"{done} products republished")
    return 0


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(
        settings.database_url.get_secret_value(), source="catalog", clock=Clock(), pool_size=2
    )
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


COMMANDS: Final = {
    "import": Command(import_parser, import_files),
    "export": Command(export_parser, export_files),
    "republish": Command(republish_parser, republish),
}

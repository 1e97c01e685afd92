"""Reading of an import's file: its records with their lines, and the problems of others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.json_format import ParseError
from google.protobuf.message import Message

from catalog.channels.model import Channels
from catalog.errors import InvalidImport
from catalog.imports import shopify
from catalog.imports.csv_files import decode, form_of, require_text
from catalog.jobs.csv_records import records_of_csv
from catalog.jobs.model import (
    MOST_VALUE,
    DataKind,
    FileFormat,
    ImportOptions,
    Problem,
)
from catalog.jobs.values import value_at
from catalog.products.drafts import draft_of, identity_of
from catalog.products.import_products import OWN_SOURCE
from catalog.setting_files.kinds import SETTING_KINDS
from chassis.rpc.borders import require_valid_request
from chassis.rpc.documents import fill
from chassis.rpc.errors import Invalid
from sojourn.catalog.v1 import catalog_jobs_pb2 as jobs_pb
from sojourn.catalog.v1 import catalog_pb2 as pb

_MESSAGES: Final[dict[DataKind, type[Message]]] = {
    DataKind.PRODUCTS: pb.ProductInput,
    DataKind.CATEGORIES: pb.CategoryInput,
    DataKind.PRICES: jobs_pb.PriceRecord,
    DataKind.STOCK: jobs_pb.StockRecord,
    **{kind: setting.message for kind, setting in SETTING_KINDS.items()},
}
_WRAPPER: Final = "sojourn.catalog.v1."


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a file, with the line at which it begins."""

    line: int
    message: Any


@dataclass(slots=True)
class Reading:
    """The records of a file that make sense, the others' problems, and how it was read.

    `categories` are those that a Shopify CSV names.
    """

    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    categories: list[pb.CategoryInput] = field(default_factory=list)


def read_file(content: bytes, options: ImportOptions, channels: Channels) -> Reading:
    """Reads a whole file, the same way each time. What no record is becomes a problem."""
    is_csv = _is_csv(content, options)
    currency = options.currency or channels.default.currencies[0]
    locale = options.locale or channels.default.locales[0]
    reading = Reading(notes=["CSV", *form_of(content)] if is_csv else ["JSON Lines"])
    try:
        if is_csv and options.kind is DataKind.PRODUCTS:
            _read_shopify(reading, content, options, currency, locale)
        elif is_csv:
            for found in records_of_csv(
                content, options.kind, currency=currency, locale=locale, mark=options.decimal_mark
            ):
                if isinstance(found, Problem):
                    reading.problems.append(found)
                else:
                    _add(reading, *found)
        else:
            _read_json(reading, content, options.kind)
    except InvalidImport as error:
        told = error.metadata
        reading.problems.append(
            Problem(int(told.get("line", 1)), told.get("field", ""), "", told.get("why", ""))
        )
    _refuse_doubles(reading, options.kind)
    return reading


def source_of(content: bytes, options: ImportOptions) -> str:
    """Returns the system whose ids the products of a file have."""
    return options.source or (shopify.SOURCE if _is_csv(content, options) else OWN_SOURCE)


def _is_csv(content: bytes, options: ImportOptions) -> bool:
    if not options.kind.has_csv:
        return False
    if options.format is not FileFormat.AUTO:
        return options.format is FileFormat.CSV
    return not decode(content[:4096]).lstrip().startswith("{")


def _read_shopify(
    reading: Reading, content: bytes, options: ImportOptions, currency: str, locale: str
) -> None:
    found = shopify.read_all(
        [content], currency=currency, locale=locale, decimal_mark=options.decimal_mark
    )
    reading.records = [Record(line, product) for line, product in found.products]
    reading.problems = [
        Problem(each.line, each.column, each.value, each.why) for each in found.problems
    ]
    named = {product.category_slug for _, product in found.products}
    reading.categories = [
        each for each in shopify.categories_of([content], locale=locale) if each.slug in named
    ]


def _read_json(reading: Reading, content: bytes, kind: DataKind) -> None:
    require_text(content)
    message_type = _MESSAGES[kind]
    for line, text in enumerate(decode(content).split("\n"), 1):
        if not text.strip():
            continue
        message = message_type()
        try:
            document = json.loads(text)
            if not isinstance(document, dict):
                raise ParseError("must be a JSON object")
            fill(message, document)
        except (ParseError, ValueError, TypeError, RecursionError) as error:
            why = str(error).splitlines()[0].replace(_WRAPPER, "") if str(error) else "no JSON"
            reading.problems.append(Problem(line, "json", text.strip()[:MOST_VALUE], why[:300]))
        else:
            _add(reading, line, message)


def _add(reading: Reading, line: int, message: Message) -> None:
    """Adds a record that its contract allows, else its problem."""
    try:
        require_valid_request(message)
        if isinstance(message, pb.ProductInput):
            draft_of(message, line=line, digest=b"", needs_prices=False)
        elif isinstance(message, jobs_pb.StockRecord):
            _require_one_way(message)
    except Invalid as error:
        reading.problems.append(problem_of(error, line, message))
    else:
        reading.records.append(Record(line, message))


def _require_one_way(record: jobs_pb.StockRecord) -> None:
    is_level = any(
        record.HasField(name) for name in ("on_hand", "safety_stock", "low_stock_at_most")
    )
    if is_level is record.HasField("quantity"):
        raise InvalidImport("sets a level (on_hand) or changes it (quantity)", field="on_hand")
    if record.HasField("quantity") and not record.reason:
        raise InvalidImport(
            "is receipt, correction, damage, loss or return beside a quantity", field="reason"
        )


def problem_of(error: Invalid, line: int, message: Message) -> Problem:
    """Returns the problem of a record that is refused."""
    told = error.metadata
    place = told.get("field") or told.get("path") or ""
    place = place.partition("].")[2] if place.startswith("records[") else place
    why = told.get("why") or error.message or error.reason
    if allowed := told.get("allowed") or told.get("most"):
        why = f"{why} ({allowed})"
    return Problem(line, place, value_at(message, place), why)


def _refuse_doubles(reading: Reading, kind: DataKind) -> None:
    """Makes a problem of each record that names something that one before it names."""
    seen: dict[tuple[str, ...], int] = {}
    kept: list[Record] = []
    for record in reading.records:
        identities = [*_identities_of(record.message, kind)]
        double = next((each for each in identities if each in seen), None)
        if double is not None:
            why = f"is on line {seen[double]} too"
            value = double[-1][:MOST_VALUE]
            reading.problems.append(Problem(record.line, double[0], value, why))
            continue
        seen.update(dict.fromkeys(identities, record.line))
        kept.append(record)
    reading.records = kept
    reading.problems.sort(key=lambda each: each.line)


def _identities_of(message: Any, kind: DataKind) -> Iterator[tuple[str, ...]]:
    match kind:
        case DataKind.PRODUCTS:
            yield "external_id", identity_of(message)
            if message.slug:
                yield "slug", message.slug
            yield from (("sku", each.sku) for each in message.variants if each.sku)
        case DataKind.CATEGORIES:
            yield "slug", message.slug
        case DataKind.PRICES:
            yield "sku", message.price_list, message.price.currency, message.sku
        case DataKind.STOCK:
            reference = message.reference if message.HasField("quantity") else "~level"
            yield "sku", reference, message.warehouse, message.sku
        case _:
            yield SETTING_KINDS[kind].identity(message)

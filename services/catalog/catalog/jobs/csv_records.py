"""Rows of CSV files as records of categories, prices and stock."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from catalog.channels.model import LOCALE
from catalog.errors import InvalidImport
from catalog.imports.amounts import amount_of
from catalog.imports.csv_files import Row, rows_of
from catalog.jobs.model import MOST_VALUE, DataKind, Problem
from catalog.products.refusals import refuse
from chassis.rpc.documents import enum_names, enum_number
from sojourn.catalog.v1 import catalog_jobs_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2, stock_admin_pb2

STOCK_COLUMNS: Final = (
    "sku", "warehouse", "on_hand", "safety_stock", "low_stock_at_most", "quantity", "reason",
    "reference",
)  # fmt: skip
PRICE_COLUMNS: Final = (
    "price_list", "sku", "currency", "min_quantity", "price", "compare_at",
)  # fmt: skip
CATEGORY_COLUMNS: Final = ("slug", "parent_slug", "position", "name")
_COLUMNS: Final = {
    DataKind.STOCK: (STOCK_COLUMNS, ("sku",)),
    DataKind.PRICES: (PRICE_COLUMNS, ("sku", "price")),
    DataKind.CATEGORIES: (CATEGORY_COLUMNS, ("slug",)),
}
_REASONS: Final = stock_admin_pb2.StockReason.DESCRIPTOR
Found = Problem | tuple[int, Message]
# Price list, SKU, currency.
_PriceKey = tuple[str, str, str]


def records_of_csv(
    content: bytes, kind: DataKind, *, currency: str, locale: str, mark: str
) -> Iterator[Found]:
    """Yields the records of a file and the problems of its rows.

    A row of a tier of prices belongs to the row of its price. Raises InvalidImport where the file
    has other columns.
    """
    rows = [(line, _named(row)) for line, row in rows_of(content)]
    if not rows:
        refuse(1, "row", "the file has no row below its header")
    _require_columns(rows[0][1], kind)
    match kind:
        case DataKind.STOCK:
            yield from _each(rows, _stock)
        case DataKind.CATEGORIES:
            yield from _each(rows, lambda line, row: _category(line, row, locale))
        case _:
            yield from _prices(rows, currency, mark)


def _named(row: Row) -> dict[str, str]:
    return {"_".join(name.lower().split()): value for name, value in row.items()}


def _require_columns(row: Row, kind: DataKind) -> None:
    known, needed = _COLUMNS[kind]
    for name in row:
        is_text = kind is DataKind.CATEGORIES and name.startswith("name:")
        if name and name not in known and not is_text:
            refuse(1, name, f"is no column; known are {', '.join(known)}")
    for name in needed:
        if name not in row:
            refuse(1, name, "is not a column of this file, and is needed")


def _each(rows: Sequence[tuple[int, Row]], read: Callable[[int, Row], Message]) -> Iterator[Found]:
    for line, row in rows:
        try:
            yield line, read(line, row)
        except InvalidImport as error:
            yield _problem(error, line, row)


def _problem(error: InvalidImport, line: int, row: Row) -> Problem:
    column = error.metadata.get("field", "")
    why = error.metadata.get("why", error.message)
    return Problem(line, column, row.get(column, "")[:MOST_VALUE], why)


def _stock(line: int, row: Row) -> Message:
    record = pb.StockRecord(
        sku=row["sku"].strip(),
        warehouse=row.get("warehouse", "").strip(),
        reference=row.get("reference", "").strip(),
    )
    for name in ("on_hand", "safety_stock", "low_stock_at_most", "quantity"):
        if (number := _whole(line, row, name)) is not None:
            setattr(record, name, number)
    if reason := row.get("reason", "").strip().lower():
        try:
            # Stubs type an enum's field by its wrapper, at run time it is the number.
            record.reason = enum_number(_REASONS, reason)  # type: ignore[assignment]
        except KeyError:
            refuse(line, "reason", f"is one of {', '.join(enum_names(_REASONS))}")
    return record


def _category(line: int, row: Row, locale: str) -> Message:
    names = {
        (column.partition(":")[2] or locale): value
        for column, value in row.items()
        if (column == "name" or column.startswith("name:")) and value.strip()
    }
    found = {}
    for tag, value in names.items():
        language, _, region = tag.partition("-")
        tag = f"{language}-{region.upper()}" if len(region) == 2 else tag
        if not LOCALE.fullmatch(tag):
            refuse(line, f"name:{tag}", "is not a BCP 47 language tag")
        found[tag] = value
    return catalog_pb2.CategoryInput(
        slug=row["slug"].strip(),
        name=found,
        parent_slug=row.get("parent_slug", "").strip(),
        position=_whole(line, row, "position", most=2**31 - 1) or 0,
    )


def _prices(rows: Sequence[tuple[int, Row]], currency: str, mark: str) -> Iterator[Found]:
    """Yields prices, each with its tiers, in the order of their first rows."""
    found: dict[_PriceKey, tuple[int, Any]] = {}
    tiers: list[tuple[int, Row, _PriceKey, int, Any]] = []
    for line, row in rows:
        code = row.get("currency", "").strip().upper() or currency
        key = (row.get("price_list", "").strip(), row["sku"].strip(), code)
        try:
            amount = amount_of(line, row, "price", code, mark)
            least = _whole(line, row, "min_quantity") or 1
            if least > 1:
                tiers.append((line, row, key, least, amount))
                continue
            record = pb.PriceRecord(price_list=key[0], sku=key[1], price=amount)
            if row.get("compare_at", "").strip():
                record.compare_at.CopyFrom(amount_of(line, row, "compare_at", code, mark))
            if key in found:
                refuse(line, "sku", f"has this price on line {found[key][0]} too")
        except InvalidImport as error:
            yield _problem(error, line, row)
        else:
            found[key] = (line, record)
    for line, row, key, least, amount in tiers:
        if key not in found:
            why = "is a tier without a price: a row without min_quantity"
            yield Problem(line, "min_quantity", row.get("min_quantity", "")[:MOST_VALUE], why)
            continue
        tier = pb.PriceTierRecord(min_quantity=least, amount_minor=amount.amount_minor)
        found[key][1].tiers.append(tier)
    yield from found.values()


def _whole(line: int, row: Row, column: str, *, most: int = 10**12) -> int | None:
    text = row.get(column, "").strip()
    if not text:
        return None
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15) or int(digits) > most:
        refuse(line, column, "is a whole number without signs between its digits")
    return int(text)

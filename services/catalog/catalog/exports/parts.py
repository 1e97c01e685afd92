"""Exports part by part: each part is a page of records in the form that was asked for."""

from dataclasses import dataclass
from typing import Any, Final

from catalog.categories.model import Category
from catalog.errors import InvalidImportOptions
from catalog.exports import csv_rows
from catalog.exports.csv_rows import CsvView, csv_of
from catalog.exports.documents import (
    category_document,
    level_document,
    line_of_json,
    price_document,
    product_document,
)
from catalog.exports.queries import (
    export_levels,
    export_prices,
    export_products,
)
from catalog.jobs.csv_records import PRICE_COLUMNS
from catalog.jobs.model import DataKind, FileFormat
from catalog.setting_files.kinds import SETTING_KINDS, setting_document
from catalog.stock.changed_levels import CatalogContext
from catalog.warehouses.model import default_warehouse
from chassis.data.tx import Read

_MOST_RECORDS: Final = 500
_MOST_PRODUCTS: Final = 20
# A part is sent once it has so many bytes: what one message carries, with room for one product.
_ENOUGH_BYTES: Final = 1024 * 1024
_POSITIONS: Final = {
    DataKind.PRODUCTS: 1,
    DataKind.CATEGORIES: 1,
    DataKind.PRICES: 3,
    DataKind.STOCK: 2,
    **{kind: setting.position_length for kind, setting in SETTING_KINDS.items()},
}


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Choice of what is exported, and its form."""

    kind: DataKind
    format: FileFormat
    currency: str = ""
    locale: str = ""

    @property
    def is_csv(self) -> bool:
        return self.format is FileFormat.CSV


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an export. `after` is where the next one begins; None at the end."""

    content: bytes
    after: tuple[str, ...] | None


def position_length(kind: DataKind) -> int:
    """Returns how many texts a position in an export of a kind has."""
    return _POSITIONS[kind]


async def export_part(
    read: Read, context: CatalogContext, options: ExportOptions, after: Any
) -> Part:
    """Returns the part of an export after a position; the first one for None.

    A CSV begins with its header. Raises InvalidImportOptions, UnsupportedCurrency.
    """
    match options.kind:
        case DataKind.PRODUCTS:
            return await _products(read, context, options, after)
        case DataKind.CATEGORIES:
            return _categories(context, options)
        case DataKind.PRICES:
            return await _prices(read, options, after)
        case DataKind.STOCK:
            return await _stock(read, options, after)
        case _:
            return await _settings(read, context, options, after)


async def _products(
    read: Read, context: CatalogContext, options: ExportOptions, after: tuple[str] | None
) -> Part:
    default = context.channels.default
    view = CsvView(
        options.locale or default.locales[0],
        context.channels.view("", "", options.currency).currency,
    )
    parts = await export_products(
        read,
        after=after[0] if after else "",
        size=_MOST_PRODUCTS,
        price_list=default.price_list,
        warehouse=(await default_warehouse(read)).code,
    )
    header = csv_of([csv_rows.SHOPIFY_COLUMNS]) if options.is_csv and after is None else b""
    content, last = bytearray(header), ""
    for product in parts.products:
        tree = context.tree.by_id
        if options.is_csv:
            content += csv_of(csv_rows.shopify_rows(product, parts, tree, view))
        else:
            content += line_of_json(product_document(product, parts, tree))
        last = product.slug
        if len(content) > _ENOUGH_BYTES:
            return Part(bytes(content), (last,))
    is_full = len(parts.products) == _MOST_PRODUCTS
    return Part(bytes(content), (last,) if is_full else None)


def _categories(context: CatalogContext, options: ExportOptions) -> Part:
    pairs: list[tuple[Category, Category | None]] = [
        (each, context.tree.by_id.get(each.parent_id) if each.parent_id else None)
        for each in context.tree.in_order
    ]
    if not options.is_csv:
        lines = (line_of_json(category_document(*pair)) for pair in pairs)
        return Part(b"".join(lines), None)
    locales = sorted({locale for category, _ in pairs for locale in category.name})
    rows = [csv_rows.category_row(*pair, locales) for pair in pairs]
    return Part(csv_of([csv_rows.category_columns(locales), *rows]), None)


async def _prices(read: Read, options: ExportOptions, after: Any) -> Part:
    parts = await export_prices(read, after=after, size=_MOST_RECORDS)
    if options.is_csv:
        rows = [
            row for price, sku in parts.prices for row in csv_rows.price_rows(price, sku, parts)
        ]
        content = csv_of([*([PRICE_COLUMNS] if after is None else []), *rows])
    else:
        content = b"".join(
            line_of_json(price_document(price, sku, parts)) for price, sku in parts.prices
        )
    last = parts.prices[-1] if len(parts.prices) == _MOST_RECORDS else None
    return Part(content, (last[0].price_list, last[1], last[0].currency) if last else None)


async def _stock(read: Read, options: ExportOptions, after: Any) -> Part:
    levels = await export_levels(read, after=after, size=_MOST_RECORDS)
    if options.is_csv:
        rows = [csv_rows.level_row(level, sku) for level, sku in levels]
        content = csv_of([*([csv_rows.LEVEL_COLUMNS] if after is None else []), *rows])
    else:
        content = b"".join(line_of_json(level_document(level, sku)) for level, sku in levels)
    last = levels[-1] if len(levels) == _MOST_RECORDS else None
    return Part(content, (last[1], last[0].warehouse) if last else None)


async def _settings(
    read: Read, context: CatalogContext, options: ExportOptions, after: Any
) -> Part:
    if options.is_csv:
        raise InvalidImportOptions(f"{options.kind} are JSON Lines", path="format")
    kind = SETTING_KINDS[options.kind]
    found = await kind.export(read, context, after, kind.most_read)
    content = bytearray()
    for placed in found:
        if placed.record is not None:
            content += line_of_json(setting_document(placed.record))
        if len(content) > _ENOUGH_BYTES and not kind.is_whole:
            return Part(bytes(content), placed.position)
    is_full = len(found) == kind.most_read and not kind.is_whole
    return Part(bytes(content), found[-1].position if is_full else None)

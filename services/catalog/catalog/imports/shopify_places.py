"""Places of a refused product in Shopify's CSV: the line and the column of a field."""

import re
from dataclasses import dataclass, field
from typing import Final

from catalog.errors import InvalidImport
from catalog.imports.csv_files import Row

_MOST_VALUE: Final = 80
_PART: Final = re.compile(r"(variants|images)\[(\d+)\]\.?(\w*)")
_COLUMNS: Final = {
    "external_id": "Handle",
    "slug": "Handle",
    "title": "Title",
    "description": "Body (HTML)",
    "brand": "Vendor",
    "category_slug": "Type",
    "tags": "Tags",
    "seo_title": "SEO Title",
    "seo_description": "SEO Description",
}
_TOLD_BY: Final = ("Variant Price", "Variant SKU", "Option1 Value")
_OF_VARIANT: Final = {
    "sku": "Variant SKU",
    "options": "Option1 Value",
    "prices": "Variant Price",
    "initial_stock": "Variant Inventory Qty",
    "weight_grams": "Variant Grams",
    "barcode": "Variant Barcode",
    "tax_class": "Variant Taxable",
    "unit_cost": "Cost per item",
}


@dataclass(slots=True)
class Rows:
    """The rows of one handle, each with its line in the file, and what is wrong with one."""

    first_line: int
    rows: list[tuple[int, Row]] = field(default_factory=list)
    refusal: InvalidImport | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a file."""

    line: int
    column: str
    value: str


def is_variant(row: Row) -> bool:
    """Returns whether a row is of a variant, and not of one more picture alone."""
    return any(row.get(column, "").strip() for column in _TOLD_BY)


def place_of(found: Rows, line: int, path: str) -> Place:
    """Returns the cell that a refusal is about; `path` is a column or a field of the product."""
    if part := _PART.match(path):
        kind, number, name = part[1], int(part[2]), part[3]
        column = _OF_VARIANT.get(name, "Variant SKU") if kind == "variants" else "Image Src"
        of_kind = [
            (at, row)
            for at, row in found.rows
            if (is_variant(row) if kind == "variants" else row.get("Image Src", "").strip())
        ]
        if number < len(of_kind):
            line, row = of_kind[number]
            return Place(line, column, row.get(column, "")[:_MOST_VALUE])
    column = _COLUMNS.get(path.partition("[")[0], path)
    for at, row in found.rows:
        if at == line:
            return Place(line, column, row.get(column, "")[:_MOST_VALUE])
    return Place(line, column, "")

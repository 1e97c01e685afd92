"""Shopify's product CSV: variants and more images follow on rows with the same handle."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from catalog.errors import InvalidImport
from catalog.products.refusals import refuse
from catalog.slugs import is_slug, slug_of
from chassis.money import Money
from chassis.rpc.errors import Invalid
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1 import money_pb2

SOURCE: Final = "shopify"
_NEEDED: Final = ("Handle", "Title", "Variant Price")
_DEFAULT: Final = ("Title", "Default Title")
_OPTIONS: Final = ("Option1", "Option2", "Option3")
_ATTRIBUTES: Final = {
    "Google Shopping / Gender": "gender",
    "Google Shopping / Age Group": "age group",
    "Google Shopping / Condition": "condition",
}
# An HTML body can be long; the csv module stops at 128 KiB.
_LONGEST_FIELD: Final = 16 * 1024 * 1024
_MOST_DIGITS: Final = 15

Row = Mapping[str, str]


@dataclass(slots=True)
class _Rows:
    """The rows of one handle, each with its line in the file."""

    first_line: int
    rows: list[tuple[int, Row]] = field(default_factory=list)


def products_of(path: Path, *, currency: str, locale: str) -> list[pb.ProductInput]:
    """The products of a file, in its order; its prices are in `currency`, its texts in `locale`.

    Raises InvalidImport with the line of the file and the column. Negative counts, which Shopify
    allows, become 0, and a "before" price that is not above the price is left out.
    """
    return [_product(found, currency, locale) for found in _by_handle(path).values()]


def categories_of(paths: Iterable[Path], *, locale: str) -> list[pb.CategoryInput]:
    """Returns root categories from product types, or from the first tag without a type."""
    names: dict[str, str] = {}
    for path in paths:
        for found in _by_handle(path).values():
            name = _category_name(found.rows[0][1])
            if slug := slug_of(name):
                names.setdefault(slug, name)
    return [
        pb.CategoryInput(slug=slug, name={locale: name[:1].upper() + name[1:]}, position=position)
        for position, (slug, name) in enumerate(sorted(names.items()))
    ]


def _by_handle(path: Path) -> dict[str, _Rows]:
    csv.field_size_limit(_LONGEST_FIELD)
    found: dict[str, _Rows] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            for column in _NEEDED:
                if column not in (reader.fieldnames or ()):
                    refuse(1, column, "is not a column of this file; is it Shopify's product CSV?")
            for row in reader:
                handle = row["Handle"].strip()
                if not handle:
                    refuse(reader.line_num, "Handle", "must not be empty")
                found.setdefault(handle, _Rows(reader.line_num)).rows.append((reader.line_num, row))
    except UnicodeDecodeError as error:
        raise InvalidImport(f"{path.name} is not UTF-8", line=0, field="Handle") from error
    except csv.Error as error:
        raise InvalidImport(f"{path.name} is not CSV", line=0, field="Handle") from error
    return found


def _product(found: _Rows, currency: str, locale: str) -> pb.ProductInput:
    _, first = found.rows[0]
    if not first["Title"].strip():
        refuse(found.first_line, "Title", "must not be empty on a product's first row")
    names = [first.get(f"{option} Name", "").strip() for option in _OPTIONS]
    handle = first["Handle"].strip()
    return pb.ProductInput(
        external_id=handle,
        slug=handle if is_slug(handle) else slug_of(handle),
        title={locale: first["Title"].strip()},
        description={locale: first.get("Body (HTML)", "")},
        brand=first.get("Vendor", ""),
        category_slug=slug_of(_category_name(first)),
        images=_images(found),
        variants=[
            _variant(line, row, names, currency)
            for line, row in found.rows
            if row["Variant Price"].strip()
        ],
        attributes={
            name: value
            for column, name in _ATTRIBUTES.items()
            if (value := first.get(column, "").strip())
        },
        published=first.get("Published", "").strip().lower() == "true"
        and first.get("Status", "active").strip() in ("", "active"),
        seo_title=first.get("SEO Title", ""),
        seo_description=first.get("SEO Description", ""),
        tags=[tag for each in first.get("Tags", "").split(",") if (tag := each.strip())],
    )


def _category_name(row: Row) -> str:
    return row.get("Type", "").strip() or row.get("Tags", "").split(",")[0].strip()


def _variant(line: int, row: Row, names: list[str], currency: str) -> pb.VariantInput:
    values = [row.get(f"{option} Value", "").strip() for option in _OPTIONS]
    options = [
        (name, value)
        for name, value in zip(names, values, strict=True)
        if name and value and (name, value) != _DEFAULT
    ]
    price = _amount(line, row, "Variant Price", currency)
    given = pb.PriceInput(price=price)
    if row.get("Variant Compare At Price", "").strip():
        before = _amount(line, row, "Variant Compare At Price", currency)
        if before.amount_minor > price.amount_minor:
            given.compare_at.CopyFrom(before)
    return pb.VariantInput(
        sku=row.get("Variant SKU", "").lstrip("'"),
        options=[pb.OptionValue(name=name, value=value) for name, value in options],
        prices=[given],
        initial_stock={"": max(_whole(line, row, "Variant Inventory Qty"), 0)},
        weight_grams=max(_whole(line, row, "Variant Grams"), 0),
        barcode=row.get("Variant Barcode", "").lstrip("'"),
        tax_class="exempt" if row.get("Variant Taxable", "").strip().lower() == "false" else "",
    )


def _images(found: _Rows) -> list[pb.Image]:
    positioned: dict[str, tuple[int, int, str]] = {}
    for order, (line, row) in enumerate(found.rows):
        if url := row.get("Image Src", "").strip():
            position = _whole(line, row, "Image Position") or 1_000_000
            positioned.setdefault(url, (position, order, row.get("Image Alt Text", "")))
    for order, (_, row) in enumerate(found.rows):
        if url := row.get("Variant Image", "").strip():
            positioned.setdefault(url, (2_000_000, order, ""))
    return [
        pb.Image(url=url, alt=alt)
        for url, (_, _, alt) in sorted(positioned.items(), key=lambda each: each[1][:2])
    ]


def _amount(line: int, row: Row, column: str, currency: str) -> money_pb2.Money:
    try:
        amount = Decimal(row[column].strip())
        # Scaling an exponent that no price has takes time and memory without end.
        if not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
            refuse(line, column, "is not an amount")
        return Money.from_decimal(amount, currency).to_proto()
    except (InvalidOperation, OverflowError, Invalid):
        refuse(line, column, f"is not an amount of {currency}")


def _whole(line: int, row: Row, column: str) -> int:
    text = row.get(column, "").strip()
    try:
        number = Decimal(text) if text else Decimal(0)
        if number.is_finite() and number.adjusted() > _MOST_DIGITS:
            refuse(line, column, f"has at most {_MOST_DIGITS} digits")
        return int(number)
    except (InvalidOperation, OverflowError, ValueError):
        refuse(line, column, "is not a whole number")

"""Shopify's product CSV: variants and more images follow on rows with the same handle."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from catalog.errors import InvalidImport
from catalog.imports.amounts import amount_of, whole_of
from catalog.imports.csv_files import Row, rows_of
from catalog.imports.shopify_places import Rows, place_of
from catalog.products.drafts import draft_of
from catalog.products.refusals import refuse
from catalog.slugs import distinct, is_slug, slug_of
from sojourn.catalog.v1 import catalog_pb2 as pb

SOURCE: Final = "shopify"
_NEEDED: Final = ("Handle", "Title", "Variant Price")
_DEFAULT: Final = ("Title", "Default Title")
_OPTIONS: Final = ("Option1", "Option2", "Option3")
_ATTRIBUTES: Final = {
    "Google Shopping / Gender": "gender",
    "Google Shopping / Age Group": "age group",
    "Google Shopping / Condition": "condition",
}
# The headers of the newer exports, and what they are called here.
_NEWER: Final = {
    "URL handle": "Handle",
    "Description": "Body (HTML)",
    "Product category": "Product Category",
    "Published on online store": "Published",
    "SKU": "Variant SKU",
    "Barcode": "Variant Barcode",
    "Option1 name": "Option1 Name",
    "Option1 value": "Option1 Value",
    "Option2 name": "Option2 Name",
    "Option2 value": "Option2 Value",
    "Option3 name": "Option3 Name",
    "Option3 value": "Option3 Value",
    "Price": "Variant Price",
    "Compare-at price": "Variant Compare At Price",
    "Charge tax": "Variant Taxable",
    "Inventory quantity": "Variant Inventory Qty",
    "Continue selling when out of stock": "Variant Inventory Policy",
    "Weight value (grams)": "Variant Grams",
    "Product image URL": "Image Src",
    "Image position": "Image Position",
    "Image alt text": "Image Alt Text",
    "Variant image URL": "Variant Image",
    "SEO title": "SEO Title",
    "SEO description": "SEO Description",
    "Custom Product Type": "Type",
}
_COST: Final = "Cost per item"
# Values of both generations for goods that are sold when there are none.
_BEYOND: Final = ("continue", "true", "yes")
_NAMES: Final = {
    _COST.lower(): _COST,
    **{name.lower(): name for name in _NEWER.values()},
    **{old.lower(): new for old, new in _NEWER.items()},
}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")


@dataclass(frozen=True, slots=True)
class Problem:
    """A product that cannot be imported: its line, its column, the value there, and why."""

    line: int
    column: str
    why: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The products of files that can be imported, each with its line, and the others' problems."""

    products: list[tuple[int, pb.ProductInput]]
    problems: list[Problem]


def products_of(
    path: Path | bytes, *, currency: str, locale: str, decimal_mark: str = ""
) -> list[pb.ProductInput]:
    """The products of a file, in its order; its prices are in `currency`, its texts in `locale`.

    Raises InvalidImport with the line of the file and the column. Negative counts, which Shopify
    allows, become 0, and a "before" price that is not above the price is left out.
    """
    slugs = _slugs_of(_by_handle(path))
    return [
        _product(found, currency, locale, slugs[handle], decimal_mark)
        for handle, found in _by_handle(path).items()
    ]


def read_all(
    paths: Iterable[Path | bytes], *, currency: str, locale: str, decimal_mark: str = ""
) -> Reading:
    """Reads whole files: each product is good, or is a problem with its line and column.

    Raises InvalidImport where a file is no such file at all.
    """
    reading = Reading([], [])
    skus: dict[str, int] = {}
    for path in paths:
        by_handle = _by_handle(path)
        slugs = _slugs_of(by_handle)
        for handle, found in by_handle.items():
            try:
                product = _product(found, currency, locale, slugs[handle], decimal_mark)
                draft_of(product, line=found.first_line, digest=b"")
                _require_free(product, found.first_line, skus)
            except InvalidImport as error:
                told = error.metadata
                line = int(told.get("line", found.first_line))
                place = place_of(found, line, told.get("field", ""))
                why = told.get("why", error.message)
                reading.problems.append(Problem(place.line, place.column, why, place.value))
            else:
                reading.products.append((found.first_line, product))
                skus.update(
                    {variant.sku: found.first_line for variant in product.variants if variant.sku}
                )
    return reading


def _require_free(product: pb.ProductInput, line: int, skus: dict[str, int]) -> None:
    for variant in product.variants:
        if variant.sku in skus:
            refuse(line, "Variant SKU", f"{variant.sku} is on line {skus[variant.sku]} too")


def _slugs_of(handles: Iterable[str]) -> dict[str, str]:
    """Returns URL parts by handle: the handle itself, or one like it, each once."""
    handles = list(handles)
    slugs = {handle: handle for handle in handles if is_slug(handle)}
    taken = set(slugs)
    for handle in handles:
        if handle not in slugs:
            slug = slug_of(handle)
            slug = distinct(slug, handle) if not slug or slug in taken else slug
            taken.add(slug)
            slugs[handle] = slug
    return slugs


def categories_of(paths: Iterable[Path | bytes], *, locale: str) -> list[pb.CategoryInput]:
    """Returns root categories from product types, or from the first tag without a type."""
    names: dict[str, str] = {}
    for path in paths:
        for found in _by_handle(path).values():
            name = _category_name(found.rows[0][1])
            if slug := _category_slug(found.rows[0][1]):
                names.setdefault(slug, name)
    return [
        pb.CategoryInput(slug=slug, name={locale: name[:1].upper() + name[1:]}, position=position)
        for position, (slug, name) in enumerate(sorted(names.items()))
    ]


def _by_handle(path: Path | bytes) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    is_first = True
    for line, given in rows_of(path):
        row: dict[str, str] = {}
        for name, value in given.items():
            name = _NAMES.get(name.lower(), name)
            # A file may have the same thing under two names: the one with a value counts.
            row[name] = (row.get(name, "").strip() and row[name]) or value
        if is_first:
            is_first = False
            for column in _NEEDED:
                if column not in row:
                    refuse(1, column, "is not a column of this file; is it Shopify's product CSV?")
        handle = row["Handle"].strip()
        if not handle:
            refuse(line, "Handle", "must not be empty")
        found.setdefault(handle, Rows(line)).rows.append((line, row))
    if is_first:
        refuse(1, "Handle", "the file has no row")
    return found


def _product(
    found: Rows, currency: str, locale: str, slug: str, decimal_mark: str
) -> pb.ProductInput:
    _, first = found.rows[0]
    if not first["Title"].strip():
        refuse(found.first_line, "Title", "must not be empty on a product's first row")
    names = [first.get(f"{option} Name", "").strip() for option in _OPTIONS]
    handle = first["Handle"].strip()
    return pb.ProductInput(
        external_id=handle,
        slug=slug,
        title={locale: first["Title"].strip()},
        description={locale: first.get("Body (HTML)", "")},
        brand=first.get("Vendor", ""),
        category_slug=_category_slug(first),
        images=_images(found),
        variants=[
            _variant(line, row, names, currency, decimal_mark)
            for line, row in found.rows
            if row["Variant Price"].strip()
        ],
        attributes={
            name: value
            for column, name in _ATTRIBUTES.items()
            if (value := first.get(column, "").strip())
        },
        published=_is_published(found.first_line, first),
        seo_title=first.get("SEO Title", ""),
        seo_description=first.get("SEO Description", ""),
        tags=[tag for each in first.get("Tags", "").split(",") if (tag := each.strip())],
    )


def _is_published(line: int, row: Row) -> bool:
    """Shopify's status decides; a file with neither column is one of products to sell."""
    status = row.get("Status", "").strip().lower() or "active"
    if status not in ("active", "draft", "archived", "unlisted"):
        refuse(line, "Status", "is one of active, draft, archived, unlisted")
    published = row.get("Published", "").strip().lower() or "true"
    return published in ("true", "yes", "1", "wahr") and status == "active"


def _category_slug(row: Row) -> str:
    name = _category_name(row)
    return slug_of(name) or (distinct("", name) if name else "")


def _category_name(row: Row) -> str:
    return row.get("Type", "").strip() or row.get("Tags", "").split(",")[0].strip()


def _variant(
    line: int, row: Row, names: Sequence[str], currency: str, decimal_mark: str
) -> pb.VariantInput:
    values = [row.get(f"{option} Value", "").strip() for option in _OPTIONS]
    options = [
        (name, value)
        for name, value in zip(names, values, strict=True)
        if name and value and (name, value) != _DEFAULT
    ]
    price = amount_of(line, row, "Variant Price", currency, decimal_mark)
    given = pb.PriceInput(price=price)
    if row.get("Variant Compare At Price", "").strip():
        before = amount_of(line, row, "Variant Compare At Price", currency, decimal_mark)
        if before.amount_minor > price.amount_minor:
            given.compare_at.CopyFrom(before)
    variant = pb.VariantInput(
        sku=row.get("Variant SKU", "").lstrip("'"),
        options=[pb.OptionValue(name=name, value=value) for name, value in options],
        prices=[given],
        initial_stock={"": max(whole_of(line, row, "Variant Inventory Qty"), 0)},
        weight_grams=max(whole_of(line, row, "Variant Grams"), 0),
        barcode=row.get("Variant Barcode", "").lstrip("'"),
        tax_class="exempt" if row.get("Variant Taxable", "").strip().lower() == "false" else "",
        sells_beyond_stock=row.get("Variant Inventory Policy", "").strip().lower() in _BEYOND,
    )
    if row.get(_COST, "").strip():
        variant.unit_cost.CopyFrom(amount_of(line, row, _COST, currency, decimal_mark))
    return variant


def _images(found: Rows) -> list[pb.Image]:
    positioned: dict[str, tuple[int, int, str]] = {}
    for order, (line, row) in enumerate(found.rows):
        if url := _url(row.get("Image Src", "")):
            position = whole_of(line, row, "Image Position") or 1_000_000
            positioned.setdefault(url, (position, order, row.get("Image Alt Text", "")))
    for order, (_, row) in enumerate(found.rows):
        if url := _url(row.get("Variant Image", "")):
            positioned.setdefault(url, (2_000_000, order, ""))
    return [
        pb.Image(url=url, alt=alt)
        for url, (_, _, alt) in sorted(positioned.items(), key=lambda each: each[1][:2])
    ]


def _url(text: str) -> str:
    """Returns a URL with its spaces and letters of other scripts encoded."""
    return _UNSAFE.sub(lambda found: quote(found[0]), text.strip())

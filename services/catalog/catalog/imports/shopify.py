"""Shopify's product CSV: variants and more images follow on rows with the same handle."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from catalog.errors import InvalidImport
from catalog.imports.amounts import amount_of, truth_of, whole_of
from catalog.imports.csv_files import Row, rows_of
from catalog.imports.shopify_places import Rows, is_variant, place_of
from catalog.products.drafts import draft_of
from catalog.products.refusals import invalid, refuse
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
    "Inventory tracker": "Variant Inventory Tracker",
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
_SAME: Final = ("Title", "Vendor", "Tags", "Status", _COST, *_ATTRIBUTES)
_APART: Final = re.compile(r"[\s_]+")
# Names are compared without case, and with an underscore for a space.
_NAMES: Final = {
    name.lower(): known
    for name, known in [*_NEWER.items(), *((name, name) for name in (*_SAME, *_NEWER.values()))]
}
# A number that a spreadsheet wrote with an exponent has lost its digits.
_SHORTENED: Final = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
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
    refusals: list[InvalidImport] = []
    by_handle = _by_handle(path, refusals)
    if refusals:
        raise refusals[0]
    slugs = _slugs_of(by_handle)
    return [
        _product(found, currency, locale, slugs[handle], decimal_mark)
        for handle, found in by_handle.items()
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
        refusals: list[InvalidImport] = []
        by_handle = _by_handle(path, refusals)
        reading.problems.extend(
            Problem(int(each.metadata["line"]), each.metadata["field"], each.metadata["why"])
            for each in refusals
        )
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
        for found in _by_handle(path, []).values():
            name = _category_name(found.rows[0][1])
            if slug := _category_slug(found.rows[0][1]):
                names.setdefault(slug, name)
    return [
        pb.CategoryInput(slug=slug, name={locale: name[:1].upper() + name[1:]}, position=position)
        for position, (slug, name) in enumerate(sorted(names.items()))
    ]


def _by_handle(path: Path | bytes, refusals: list[InvalidImport]) -> dict[str, Rows]:
    """Returns the rows by handle; a row without one and without a title is among `refusals`.

    A product that has a title alone gets a handle of it, and the rows that follow it are its own.
    """
    rows: list[tuple[int, Row, InvalidImport | None]] = []

    def refused(error: InvalidImport, row: Row) -> None:
        rows.append((int(error.metadata["line"]), _named(row), error))

    for line, given in rows_of(path, refused):
        rows.append((line, _named(given), None))
    if not rows:
        refuse(1, "Handle", "the file has no row")
    for column in _NEEDED:
        if column not in rows[0][1]:
            refuse(1, column, "is not a column of this file; is it Shopify's product CSV?")
    taken = {row["Handle"].strip() for _, row, _ in rows}
    found: dict[str, Rows] = {}
    made = ""
    for line, row, refusal in rows:
        handle, title = row["Handle"].strip(), row["Title"].strip()
        if not handle and title:
            made = slug_of(title)
            made = distinct(made, title) if not made or made in taken else made
            if made in found:
                refusal = invalid(line, "Handle", f"line {found[made].first_line} is called so too")
                refusals.append(refusal)
                continue
        elif handle:
            made = ""
        if not handle and not made:
            why = "must not be empty, unless a title is there to make one of"
            refusals.append(invalid(line, "Handle", why))
            continue
        of_product = found.setdefault(handle or made, Rows(line))
        of_product.rows.append((line, {**row, "Handle": handle or made}))
        of_product.refusal = of_product.refusal or refusal
    return found


def _named(given: Row) -> dict[str, str]:
    """Returns a row by the names of the older headers."""
    row: dict[str, str] = {}
    for name, value in given.items():
        name = _NAMES.get(_APART.sub(" ", name).strip().lower(), name)
        # A file may have the same thing under two names: the one with a value counts.
        row[name] = (row.get(name, "").strip() and row[name]) or value
    return row


def _product(
    found: Rows, currency: str, locale: str, slug: str, decimal_mark: str
) -> pb.ProductInput:
    if found.refusal is not None:
        raise found.refusal
    _, first = found.rows[0]
    if not first["Title"].strip():
        refuse(found.first_line, "Title", "must not be empty on a product's first row")
    names = [first.get(f"{option} Name", "").strip() for option in _OPTIONS]
    handle = first["Handle"].strip()
    if not any(row["Variant Price"].strip() for _, row in found.rows):
        refuse(found.first_line, "Variant Price", "must not be empty")
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
            if is_variant(row)
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
    return truth_of(line, row, "Published", default=True) and status == "active"


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
    quantity = max(whole_of(line, row, "Variant Inventory Qty", decimal_mark, is_count=True), 0)
    barcode = row.get("Variant Barcode", "").lstrip("'").strip()
    if _SHORTENED.fullmatch(barcode):
        why = "lost digits in a spreadsheet: format the column as text, and enter it again"
        refuse(line, "Variant Barcode", why)
    variant = pb.VariantInput(
        sku=row.get("Variant SKU", "").lstrip("'").strip(),
        options=[pb.OptionValue(name=name, value=value) for name, value in options],
        prices=[given],
        initial_stock={"": quantity},
        weight_grams=max(whole_of(line, row, "Variant Grams", decimal_mark), 0),
        barcode=barcode,
        tax_class="" if truth_of(line, row, "Variant Taxable", default=True) else "exempt",
        sells_beyond_stock=_sells_beyond(line, row, quantity),
    )
    if row.get(_COST, "").strip():
        variant.unit_cost.CopyFrom(amount_of(line, row, _COST, currency, decimal_mark))
    return variant


def _sells_beyond(line: int, row: Row, quantity: int) -> bool:
    """Returns whether a variant is sold when there are none, or is not counted at all."""
    is_untracked = not row.get("Variant Inventory Tracker", "-").strip() and not quantity
    policy = row.get("Variant Inventory Policy", "").strip().lower()
    if policy in ("continue", "deny"):
        return policy == "continue" or is_untracked
    return truth_of(line, row, "Variant Inventory Policy", default=False) or is_untracked


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

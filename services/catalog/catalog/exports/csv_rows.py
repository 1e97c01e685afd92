"""Records of exports as rows of CSV: Shopify's product CSV, prices, stock and categories."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Final
from uuid import UUID

from catalog.categories.model import Category
from catalog.channels.model import localized
from catalog.exports.queries import PriceParts, ProductParts
from catalog.imports.csv_files import guarded
from catalog.jobs.csv_records import PRICE_COLUMNS, STOCK_COLUMNS
from catalog.prices.model import Price
from catalog.products.model import Product, ProductState, Variant
from catalog.slugs import slug_of
from catalog.stock.model import StockLevel
from chassis.money import exponent

SHOPIFY_COLUMNS: Final = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published",
    "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name",
    "Option3 Value", "Variant SKU", "Variant Grams", "Variant Inventory Qty", "Variant Price",
    "Variant Compare At Price", "Variant Taxable", "Variant Barcode", "Image Src",
    "Image Position", "Image Alt Text", "SEO Title", "SEO Description", "Status",
    "Cost per item",
)  # fmt: skip
LEVEL_COLUMNS: Final = STOCK_COLUMNS[:5]
_MOST_OPTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class CsvView:
    """The one language and the one currency of a CSV."""

    locale: str
    currency: str


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Returns rows as CSV of RFC 4180 in UTF-8; no cell is a formula to a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return text.getvalue().encode()


def shopify_rows(
    product: Product, parts: ProductParts, tree: dict[UUID, Category], view: CsvView
) -> Iterator[list[str]]:
    """Yields the rows of a product: its first variant and picture, then one more of each.

    Variants without a price in the currency and options beyond the third have no place there.
    """
    variants = [
        (variant, price)
        for variant in parts.variants.get(product.id, [])
        if variant.is_active
        for price in parts.prices.get(variant.id, [])
        if price.currency == view.currency
    ]
    if not variants:
        return
    own = _product_cells(product, tree, view)
    for number, (sold, image) in enumerate(zip_longest(variants, product.images)):
        row = {"Handle": product.slug, **(own if not number else {})}
        if sold is not None:
            variant, price = sold
            row |= _variant_cells(
                variant, price, parts.on_hand.get(variant.id, 0), is_first=not number
            )
        if image is not None:
            row |= {
                "Image Src": image.url,
                "Image Position": str(number + 1),
                "Image Alt Text": image.alt,
            }
        yield [row.get(column, "") for column in SHOPIFY_COLUMNS]


def _product_cells(product: Product, tree: dict[UUID, Category], view: CsvView) -> dict[str, str]:
    category = tree.get(product.category_id) if product.category_id else None
    name = category.name_in(view.locale, view.locale) if category else ""
    name = name[:1].upper() + name[1:]
    is_sold = product.state is ProductState.SOLD
    return {
        "Title": localized(product.title, view.locale, view.locale),
        "Body (HTML)": localized(
            {**product.description, **product.rich_description}, view.locale, view.locale
        ),
        "Vendor": product.brand,
        "Type": name if category is None or slug_of(name) == category.slug else category.slug,
        "Tags": ", ".join(product.tags),
        "Published": "true" if is_sold else "false",
        "SEO Title": product.seo_title,
        "SEO Description": product.seo_description,
        "Status": "active" if is_sold else "draft",
    }


def _variant_cells(
    variant: Variant, price: Price, on_hand: int, *, is_first: bool
) -> dict[str, str]:
    cells = {
        "Variant SKU": variant.sku,
        "Variant Grams": str(variant.weight_grams),
        "Variant Inventory Qty": str(on_hand),
        "Variant Price": _decimal(price.amount_minor, price.currency),
        "Variant Compare At Price": _decimal(price.compare_at_minor, price.currency),
        "Variant Taxable": "false" if variant.tax_class == "exempt" else "true",
        "Variant Barcode": variant.barcode,
    }
    if variant.cost_currency == price.currency:
        cells["Cost per item"] = _decimal(variant.cost_minor, price.currency)
    for number, (name, value) in enumerate(variant.options[:_MOST_OPTIONS], 1):
        if is_first:
            cells[f"Option{number} Name"] = name
        cells[f"Option{number} Value"] = value
    return cells


def price_rows(price: Price, sku: str, parts: PriceParts) -> Iterator[list[str]]:
    """Yields the row of a price, and one for each of its tiers."""
    tiers = parts.tiers.get((price.price_list, price.variant_id, price.currency), [])
    amounts = [("", price.amount_minor), *((str(t.min_quantity), t.amount_minor) for t in tiers)]
    for least, amount in amounts:
        cells = {
            "price_list": price.price_list,
            "sku": sku,
            "currency": price.currency,
            "min_quantity": least,
            "price": _decimal(amount, price.currency),
            "compare_at": "" if least else _decimal(price.compare_at_minor, price.currency),
        }
        yield [cells[column] for column in PRICE_COLUMNS]


def level_row(level: StockLevel, sku: str) -> list[str]:
    low = level.low_stock_at_most
    return [
        sku,
        level.warehouse,
        str(level.on_hand),
        str(level.safety_stock),
        "" if low is None else str(low),
    ]


def category_columns(locales: Sequence[str]) -> list[str]:
    return ["slug", "parent_slug", "position", *(f"name:{locale}" for locale in locales)]


def category_row(category: Category, parent: Category | None, locales: Sequence[str]) -> list[str]:
    names = [category.name.get(locale, "") for locale in locales]
    return [category.slug, parent.slug if parent else "", str(category.position), *names]


def _decimal(amount_minor: int | None, currency: str) -> str:
    """Returns an amount with the decimals of its currency; empty for None."""
    if amount_minor is None:
        return ""
    return f"{Decimal(amount_minor).scaleb(-exponent(currency)):f}"

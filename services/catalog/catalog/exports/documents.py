"""Records of exports as JSON documents, which imports read. Equal records are equal bytes."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from catalog.categories.model import Category
from catalog.exports.queries import PriceParts, ProductParts
from catalog.prices.model import Price
from catalog.products.import_products import OWN_SOURCE
from catalog.products.model import (
    PIECE,
    STANDARD_TAX_CLASS,
    Image,
    ImageDetail,
    Product,
    Variant,
)
from catalog.stock.model import StockLevel

Document = dict[str, Any]


def line_of_json(document: Document) -> bytes:
    """Returns a document as a line. Empty fields are left out, names are in order."""
    kept = {name: value for name, value in document.items() if value not in ("", None, [], {})}
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()


def product_document(
    product: Product, parts: ProductParts, tree: Mapping[UUID, Category]
) -> Document:
    """Returns a product as ProductInput. Its id is the one that an earlier export gave it."""
    references = parts.references.get(product.id, [])
    own = [id for source, id in references if source == OWN_SOURCE]
    category = tree.get(product.category_id) if product.category_id else None
    urls = {image.url for image in product.images}
    return {
        "external_id": own[0] if own else str(product.id),
        "slug": product.slug,
        "title": product.title,
        "description": {**product.description, **product.rich_description},
        "brand": product.brand,
        "category_slug": category.slug if category else "",
        "images": [_image(image, product.image_details.get(image.url)) for image in product.images],
        "attributes": product.attributes,
        "tags": product.tags,
        "seo_title": product.seo_title,
        "seo_description": product.seo_description,
        "state": product.state.value,
        "metadata": product.own_data,
        "references": [
            {"source": source, "external_id": id}
            for source, id in references
            if source != OWN_SOURCE
        ],
        "variants": [
            _variant(variant, parts.prices.get(variant.id, []), urls)
            for variant in parts.variants.get(product.id, [])
        ],
    }


def _variant(variant: Variant, prices: list[Price], urls: set[str]) -> Document:
    found: Document = {
        "sku": variant.sku,
        "options": [{"name": name, "value": value} for name, value in variant.options],
        "prices": [_price(price) for price in prices],
        "weight_grams": variant.weight_grams or None,
        "volume_cm3": variant.volume_cm3 or None,
        "tax_class": variant.tax_class if variant.tax_class != STANDARD_TAX_CLASS else "",
        "barcode": variant.barcode,
        "unit_code": variant.unit_code if variant.unit_code != PIECE else "",
        "scale": variant.scale or None,
        "increment": variant.increment if variant.increment != 1 else None,
        # Staff may have taken a picture from the product meanwhile.
        "image_urls": [url for url in variant.image_urls if url in urls],
        "inactive": True if not variant.is_active else None,
        "unit_cost": _money(*variant.unit_cost) if variant.unit_cost else None,
        "metadata": variant.own_data,
    }
    return {name: value for name, value in found.items() if value not in ("", None, [], {})}


def _image(image: Image, detail: ImageDetail | None) -> Document:
    found: Document = {"url": image.url, "alt": image.alt}
    if detail is not None and detail.alt:
        found["alt_by_locale"] = detail.alt
    if detail is not None and detail.focal_point is not None:
        x, y = detail.focal_point
        found["focal_point"] = {"x": x, "y": y}
    return found


def _price(price: Price) -> Document:
    found: Document = {"price": _money(price.amount_minor, price.currency)}
    if price.compare_at_minor is not None:
        found["compare_at"] = _money(price.compare_at_minor, price.currency)
    return found


def category_document(category: Category, parent: Category | None) -> Document:
    """Returns a category as CategoryInput."""
    return {
        "slug": category.slug,
        "name": category.name,
        "parent_slug": parent.slug if parent else "",
        "position": category.position or None,
        "metadata": category.own_data or None,
    }


def price_document(price: Price, sku: str, parts: PriceParts) -> Document:
    """Returns a price as PriceRecord."""
    tiers = parts.tiers.get((price.price_list, price.variant_id, price.currency), [])
    return {
        "price_list": price.price_list,
        "sku": sku,
        **_price(price),
        "tiers": [
            {"min_quantity": tier.min_quantity, "amount_minor": tier.amount_minor} for tier in tiers
        ],
    }


def level_document(level: StockLevel, sku: str) -> Document:
    """Returns a level as StockRecord."""
    return {
        "sku": sku,
        "warehouse": level.warehouse,
        "on_hand": level.on_hand,
        "safety_stock": level.safety_stock or None,
        "low_stock_at_most": level.low_stock_at_most,
    }


def _money(amount_minor: int, currency: str) -> Document:
    return {"amount_minor": amount_minor, "currency": currency}

"""Structured data of the shop's pages: documents of schema.org for search engines."""

import json
from collections.abc import Sequence
from typing import Any, Final

from markupsafe import Markup

from chassis.money import exponent
from web.shop.model import Amount, ProductCard

_CONTEXT: Final = "https://schema.org"
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def documents_of_home(
    shop_name: str, public_url: str, products: Sequence[ProductCard]
) -> list[Markup]:
    """Returns the Organization that sells, and the ItemList of the products that the page shows."""
    documents = [_document("Organization", {"name": shop_name, "url": public_url})]
    if products:
        items = [
            {"@type": "ListItem", "position": number, "item": _product(each, public_url)}
            for number, each in enumerate(products, 1)
        ]
        documents.append(_document("ItemList", {"itemListElement": items}))
    return documents


def _product(product: ProductCard, public_url: str) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "Product", "name": product.title}
    if product.price_from is not None:
        found["offers"] = {
            "@type": "AggregateOffer",
            "lowPrice": _decimal(product.price_from),
            "priceCurrency": product.price_from.currency,
        }
    if product.brand:
        found["brand"] = {"@type": "Brand", "name": product.brand}
    if product.image and product.image.url:
        url = product.image.url
        found["image"] = f"{public_url}{url}" if url.startswith("/") else url
    return found


def _document(kind: str, properties: dict[str, Any]) -> Markup:
    """Returns JSON that may stand in a script element as it is: a data block, which never runs."""
    content = {"@context": _CONTEXT, "@type": kind, **properties}
    return Markup(json.dumps(content, ensure_ascii=False).translate(_ESCAPES))  # noqa: S704


def _decimal(amount: Amount) -> str:
    digits = exponent(amount.currency)
    text = f"{amount.amount_minor:0{digits + 1}d}"
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text

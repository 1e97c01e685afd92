"""Documents of schema.org, with what Google's documentation of structured data asks for.

https://developers.google.com/search/docs/appearance/structured-data
"""

from collections.abc import Sequence
from typing import Any, Final

from pydantic_core import to_json

from chassis.money import exponent
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1 import line_item_pb2, money_pb2

_CONTEXT: Final = "https://schema.org"
# A page with more variants tells their range of prices.
MOST_OFFERS: Final = 50
_MOST_IMAGES: Final = 10
_AVAILABILITIES: Final = {
    line_item_pb2.AVAILABILITY_IN_STOCK: "InStock",
    line_item_pb2.AVAILABILITY_LOW_STOCK: "LimitedAvailability",
    line_item_pb2.AVAILABILITY_OUT_OF_STOCK: "OutOfStock",
    line_item_pb2.AVAILABILITY_BACKORDER: "BackOrder",
    line_item_pb2.AVAILABILITY_PREORDER: "PreOrder",
}
# Of Rating: a text that a script element may hold has no "<".
_ESCAPES: Final = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


def document(kind: str, properties: dict[str, Any]) -> str:
    """Returns a document as JSON that may stand in a script element as it is."""
    content = to_json({"@context": _CONTEXT, "@type": kind, **properties})
    for plain, escaped in _ESCAPES:
        content = content.replace(plain, escaped)
    return content.decode()


def product_document(
    page: pb.Product,
    *,
    url: str,
    description: str,
    images: Sequence[str],
    condition: str,
    has_prices: bool = True,
    rating: tuple[float, int] | None = None,
) -> str:
    """Returns the Product of a page; `rating` is a mean of 1 to 5 and a count.

    It has offers where `has_prices` says that everybody may see prices.
    """
    found: dict[str, Any] = {
        "@id": f"{url}#product",
        "name": page.title,
        "url": url,
        "description": description,
        "image": list(images[:_MOST_IMAGES]),
        "productID": page.id,
    }
    if page.brand:
        found["brand"] = {"@type": "Brand", "name": page.brand}
    if len(page.variants) == 1:
        found["sku"] = page.variants[0].sku
    if page.variants and has_prices:
        found["offers"] = _offers(page, url, condition)
    if rating is not None and rating[1] > 0:
        found["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(rating[0], 2),
            "reviewCount": rating[1],
            "bestRating": 5,
            "worstRating": 1,
        }
    return document("Product", found)


def breadcrumb_document(steps: Sequence[tuple[str, str]]) -> str:
    """Returns the BreadcrumbList of (name, address) from the root to the page."""
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": url}
        for position, (name, url) in enumerate(steps, 1)
    ]
    return document("BreadcrumbList", {"itemListElement": items})


def organization_document(name: str, *, url: str, logo: str) -> str:
    """Returns the Organization that sells; `logo` is an address, or empty."""
    found: dict[str, Any] = {"name": name, "url": url}
    if logo:
        found["logo"] = logo
    return document("Organization", found)


def collection_document(name: str, *, url: str, description: str) -> str:
    """Returns the CollectionPage of a category."""
    found = {"name": name, "url": url}
    return document("CollectionPage", found | ({"description": description} if description else {}))


def web_page_document(name: str, *, url: str, description: str, locale: str) -> str:
    """Returns the WebPage of a content page."""
    found = {"name": name, "url": url, "inLanguage": locale}
    return document("WebPage", found | ({"description": description} if description else {}))


def decimal_amount(money: money_pb2.Money) -> str:
    """Returns an amount in major units, with a point and all digits of its currency."""
    digits = exponent(money.currency)
    if not digits:
        return str(money.amount_minor)
    text = f"{money.amount_minor:0{digits + 1}d}"
    return f"{text[:-digits]}.{text[-digits:]}"


def _offers(page: pb.Product, url: str, condition: str) -> dict[str, Any] | list[dict[str, Any]]:
    variants = list(page.variants)
    if len(variants) > MOST_OFFERS:
        prices = sorted(variants, key=lambda each: each.price.amount_minor)
        return {
            "@type": "AggregateOffer",
            "priceCurrency": prices[0].price.currency,
            "lowPrice": decimal_amount(prices[0].price),
            "highPrice": decimal_amount(prices[-1].price),
            "offerCount": len(variants),
            "url": url,
        }
    offers = [_offer(variant, url, condition) for variant in variants]
    return offers[0] if len(offers) == 1 else offers


def _offer(variant: pb.Variant, url: str, condition: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "Offer",
        "sku": variant.sku,
        "price": decimal_amount(variant.price),
        "priceCurrency": variant.price.currency,
        "availability": f"{_CONTEXT}/{_AVAILABILITIES.get(variant.availability, 'OutOfStock')}",
        "itemCondition": f"{_CONTEXT}/{condition.capitalize()}Condition",
        "url": url,
    }
    if variant.HasField("expected_at"):
        found["availabilityStarts"] = variant.expected_at.ToJsonString()
    return found

"""Documents of schema.org have what Google's documentation requires."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.channels.model import Channel, TaxDisplay, View
from catalog.discovery.feeds import feed_items, gtin_of
from catalog.discovery.sitemaps import MOST_ADDRESSES, Bounds
from catalog.seo.heads import product_head, shortened
from catalog.seo.json_ld import MOST_OFFERS
from catalog.seo.links import Links
from catalog.seo.model import Storefront
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1 import line_item_pb2
from sojourn.common.v1.money_pb2 import Money

VIEW = View("default", "en", "EUR")
# Required and recommended properties that a shop has, of Google's pages on product snippets and
# merchant listings, breadcrumbs and organizations.
REQUIRED = {
    "Product": {"name", "image", "offers"},
    "Offer": {"price", "priceCurrency", "availability", "url"},
    "AggregateOffer": {"lowPrice", "priceCurrency"},
    "AggregateRating": {"ratingValue", "reviewCount"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
    "Organization": {"name", "url"},
    "Brand": {"name"},
}
AVAILABILITIES = {
    f"https://schema.org/{name}"
    for name in ("InStock", "LimitedAvailability", "OutOfStock", "BackOrder", "PreOrder")
}


def links(**fields: Any) -> Links:
    channel = Channel(
        code="default",
        name="Northfell",
        is_default=True,
        locales=["en", "de"],
        currencies=["EUR"],
        countries=[],
        tax_display=TaxDisplay.GROSS,
        warehouses=["main"],
        hosts=["shop.example"],
        price_list="default",
    )
    return Links(channel, Storefront(channel="default", **fields))


def a_page(variants: int = 1, **fields: Any) -> pb.Product:
    return pb.Product(
        **{
            "id": "0190a6e2-0000-7000-8000-000000000001",
            "slug": "jacket",
            "title": "Jacket </script><b>",
            "description": "Dry and warm. " * 40,
            "brand": "Northfell",
            "images": [pb.Image(url="/media/jacket.webp", alt="A jacket")],
            "variants": [
                pb.Variant(
                    id=f"0190a6e2-0000-7000-8000-{number:012d}",
                    sku=f"J-{number}",
                    price=Money(amount_minor=19_99 + number, currency="EUR"),
                    availability=line_item_pb2.AVAILABILITY_IN_STOCK,
                    options=[pb.OptionValue(name="Size", value=str(number))],
                )
                for number in range(variants)
            ],
            **fields,
        }
    )


def require_valid(document: Any) -> None:
    """Fails unless each object of a document has what Google requires of its type."""
    if isinstance(document, list):
        for each in document:
            require_valid(each)
    if not isinstance(document, dict):
        return
    kind = document["@type"]
    missing = REQUIRED.get(kind, set()) - {key for key, value in document.items() if value != []}
    assert not missing, f"{kind} lacks {missing}"
    if kind == "Offer":
        assert document["availability"] in AVAILABILITIES
        assert float(document["price"]) > 0
    for value in document.values():
        require_valid(value)


@pytest.mark.parametrize("variants", [1, 3, MOST_OFFERS + 1])
def test_the_documents_of_a_product_are_valid(variants: int) -> None:
    crumbs = [("Clothing", "https://shop.example/en/categories/clothing")]

    head = product_head(a_page(variants), VIEW, links(), crumbs, (4.25, 8))

    documents = [json.loads(each) for each in head.json_ld]
    for document in documents:
        assert document["@context"] == "https://schema.org"
        require_valid(document)
    product, breadcrumbs, organization = documents
    assert product["aggregateRating"]["reviewCount"] == 8
    assert product["image"] == ["https://shop.example/media/jacket.webp"]
    assert [each["position"] for each in breadcrumbs["itemListElement"]] == [1, 2]
    assert organization["name"] == "Northfell"
    assert not any("<" in each for each in head.json_ld)


def test_a_product_without_ratings_claims_none() -> None:
    head = product_head(a_page(), VIEW, links(), [])

    assert "aggregateRating" not in json.loads(head.json_ld[0])


def test_a_description_falls_back_to_the_beginning_of_the_text() -> None:
    head = product_head(a_page(), VIEW, links(), [])

    assert head.description.endswith("…")
    assert len(head.description) <= 160
    assert shortened("<p>Dry</p>") == "Dry"


@pytest.mark.parametrize(
    ("barcode", "gtin"),
    [
        ("4006381333931", "4006381333931"),
        ("400638133393-1", "4006381333931"),
        ("4006381333930", ""),
        ("96385074", "96385074"),
        ("036000291452", "036000291452"),
        ("ABC", ""),
        ("", ""),
    ],
)
def test_a_barcode_is_a_gtin_with_a_right_check_digit(barcode: str, gtin: str) -> None:
    assert gtin_of(barcode) == gtin


def test_the_items_of_a_product_are_its_variants() -> None:
    one = list(feed_items(a_page(), VIEW, links(), ["Jackets"], {}))
    many = list(feed_items(a_page(3), VIEW, links(), ["Jackets"], {}))
    bare = list(feed_items(a_page(images=[]), VIEW, links(), [], {}))

    assert [item.item_group_id for item in one] == [""]
    assert len({item.item_group_id for item in many}) == 1
    assert [item.id for item in many] == ["J-0", "J-1", "J-2"]
    assert many[2].title.endswith(" 2")
    assert many[0].page_url == "https://shop.example/en/products/jacket"
    assert bare == []


@pytest.mark.parametrize("locales", [1, 2, 24, 50])
def test_a_sitemap_file_is_bounded_in_addresses_and_bytes(locales: int) -> None:
    owners = Bounds.of_locales(locales).pages_of_file

    assert 0 < owners * locales <= MOST_ADDRESSES
    assert owners * locales * locales * 640 <= 50 * 1024 * 1024

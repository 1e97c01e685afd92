"""Sitemaps and feeds: valid by their specifications, and streamed."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from gateway.composed.discovery.product_feed import (
    QuotedPart,
    attributes_of,
    feed_tsv,
    feed_xml,
)
from gateway.composed.discovery.sitemaps import robots_text, sitemap_xml
from sojourn.catalog.v1 import catalog_pb2, seo_pb2
from sojourn.catalog.v1 import discovery_pb2 as pb
from sojourn.catalog.v1.page_head_pb2 import AlternatePage
from sojourn.checkout.v1.feed_terms_pb2 import FeedDelivery, FeedItemTerms, FeedTax
from sojourn.common.v1 import line_item_pb2
from sojourn.common.v1.money_pb2 import Money

MILLION = 1_000_000
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
GOOGLE = "{http://base.google.com/ns/1.0}"
# Of every product, by the product data specification (support.google.com/merchants/answer/7052112).
REQUIRED = {"id", "title", "description", "link", "image_link", "availability", "price"}
AVAILABILITIES = {"in_stock", "out_of_stock", "preorder", "backorder"}
CONDITIONS = {"new", "refurbished", "used"}
AMOUNT = re.compile(r"\d+(\.\d+)? [A-Z]{3}")
# Of a tax (support.google.com/merchants/answer/6324454): a percentage, and US states by ISO 3166-2.
RATE = re.compile(r"\d{1,2}(\.\d{1,4})?")
STATE = re.compile(r"[A-Z]{2}")


class Source:
    """A million rows that exist only while they are read."""

    def __init__(self, parts: Iterator[Any]) -> None:
        self._parts = parts
        self.given = 0

    async def read(self) -> AsyncIterator[Any]:
        for part in self._parts:
            self.given += 1
            yield part


def sitemap_parts(rows: int = MILLION, *, size: int = 500) -> Iterator[pb.SitemapPart]:
    for start in range(0, rows, size):
        yield pb.SitemapPart(
            entries=[
                pb.SitemapEntry(
                    alternates=[
                        AlternatePage(locale=locale, url=f"https://shop.example/{locale}/p/{row}")
                        for locale in ("en", "de")
                    ]
                )
                for row in range(start, start + size)
            ]
        )


async def test_a_sitemap_of_a_million_pages_ends_at_its_bound_and_reads_no_more() -> None:
    source = Source(sitemap_parts())

    addresses = largest = 0
    async for chunk in sitemap_xml(source.read()):
        addresses += chunk.count(b"<loc>")
        largest = max(largest, len(chunk))

    assert addresses == 50_000
    # One part more tells that the file is full.
    assert source.given == 50_000 // (2 * 500) + 1
    assert largest < 512 * 1024


async def test_a_sitemap_is_written_as_it_is_read() -> None:
    source = Source(sitemap_parts(2_000))
    written = 0

    async for _ in sitemap_xml(source.read()):
        written += 1
        assert source.given <= written

    assert source.given == 4


async def test_a_sitemap_names_each_page_in_each_language() -> None:
    text = b"".join([chunk async for chunk in sitemap_xml(Source(sitemap_parts(500)).read())])

    root = ET.fromstring(text)
    urls = root.findall(f"{SITEMAP}url")
    assert (root.tag, len(urls)) == (f"{SITEMAP}urlset", 1_000)
    for url in urls:
        here = url.findtext(f"{SITEMAP}loc")
        others = {link.get("hreflang"): link.get("href") for link in url.findall(f"{XHTML}link")}
        assert set(others) == {"en", "de"}
        assert here in others.values()


def test_robots_are_told_of_paths_and_of_the_sitemap() -> None:
    text = robots_text(
        pb.Robots(disallowed_paths=["/cart"], sitemap_url="https://shop.example/sitemap.xml")
    )
    hidden = robots_text(pb.Robots(hidden=True, sitemap_url="https://shop.example/sitemap.xml"))

    assert text == ("User-agent: *\nDisallow: /cart\n\nSitemap: https://shop.example/sitemap.xml\n")
    assert hidden == "User-agent: *\nDisallow: /\n"


def an_item(**fields: Any) -> pb.FeedItem:
    return pb.FeedItem(
        **{
            "id": "JACKET-M",
            "title": "Jacket <M> & more",
            "description": "Dry & warm",
            "page_url": "https://shop.example/en/products/jacket",
            "image_urls": ["https://shop.example/a.webp", "https://shop.example/b.webp"],
            "availability": line_item_pb2.AVAILABILITY_LOW_STOCK,
            "price": Money(amount_minor=19_99, currency="EUR"),
            "brand": "Northfell",
            "gtin": "4006381333931",
            "category_names": ["Clothing", "Jackets"],
            **fields,
        }
    )


def feed_parts(rows: int, *, size: int = 100) -> Iterator[QuotedPart]:
    for start in range(0, rows, size):
        yield quoted(pb.FeedPart(items=[an_item(id=str(n)) for n in range(start, start + size)]))


def quoted(part: pb.FeedPart, *terms: FeedItemTerms) -> QuotedPart:
    return QuotedPart(part, terms or [FeedItemTerms()] * len(part.items))


@pytest.mark.timeout(120)
async def test_a_feed_is_written_as_it_is_read_however_long_it_is() -> None:
    source = Source(feed_parts(20_000))
    written = largest = 0

    async for chunk in feed_xml(source.read(), pb.FeedPart(organization_name="Shop")):
        written += 1
        largest = max(largest, len(chunk))
        assert source.given <= written

    assert source.given == 200
    assert largest < 256 * 1024


async def test_an_item_of_the_feed_has_what_the_specification_requires() -> None:
    part = pb.FeedPart(
        items=[
            an_item(
                compare_at=Money(amount_minor=29_99, currency="EUR"),
                options=[catalog_pb2.OptionValue(name="Size", value="M")],
                item_group_id="0190a6e2-0000-7000-8000-000000000001",
                weight_grams=450,
            )
        ],
        condition=seo_pb2.FEED_CONDITION_USED,
        shipping=[
            seo_pb2.FeedShipping(country="DE", service="Post", currency="EUR", amount_minor=4_90)
        ],
    )
    head = pb.FeedPart(organization_name="Shop & Co", base_url="https://shop.example")

    text = b"".join([chunk async for chunk in feed_xml(Source(iter([quoted(part)])).read(), head)])

    item = ET.fromstring(text).find("channel/item")
    assert item is not None
    found = {each.tag.removeprefix(GOOGLE): each.text or "" for each in item}
    assert found.keys() >= REQUIRED
    assert found["availability"] in AVAILABILITIES
    assert found["condition"] == "used"
    assert found["condition"] in CONDITIONS
    assert (found["price"], found["sale_price"]) == ("29.99 EUR", "19.99 EUR")
    assert all(AMOUNT.fullmatch(found[name]) for name in ("price", "sale_price"))
    assert found["title"] == "Jacket <M> & more"
    assert len(found["title"]) <= 150
    assert len(found["id"]) <= 50
    assert found["product_type"] == "Clothing > Jackets"
    assert (found["gtin"], found["size"]) == ("4006381333931", "M")
    assert found["shipping_weight"] == "450 g"
    shipping = {
        each.tag.removeprefix(GOOGLE): each.text for each in item.findall(f"{GOOGLE}shipping/*")
    }
    assert shipping == {"country": "DE", "service": "Post", "price": "4.90 EUR"}


US_TERMS = FeedItemTerms(
    deliveries=[
        FeedDelivery(
            country="US",
            service="Ground: slow, cheap",
            price=Money(amount_minor=5_00, currency="USD"),
            least_days=2,
            most_days=5,
        )
    ],
    taxes=[
        FeedTax(country="US", region="CA", rate_percent="7.25", on_delivery=True),
        FeedTax(country="US", region="NY", rate_percent="4"),
    ],
)


def values_of(item: ET.Element, name: str) -> list[dict[str, str | None]]:
    return [
        {each.tag.removeprefix(GOOGLE): each.text for each in group}
        for group in item.findall(f"{GOOGLE}{name}")
    ]


async def test_an_item_for_the_united_states_has_tax_and_shipping_by_the_specification() -> None:
    part = pb.FeedPart(items=[an_item(price=Money(amount_minor=19_99, currency="USD"))])
    source = [quoted(part, US_TERMS)]

    text = b"".join([each async for each in feed_xml(Source(iter(source)).read(), part)])
    table = b"".join([each async for each in feed_tsv(Source(iter(source)).read())]).decode()

    item = ET.fromstring(text).find("channel/item")
    assert item is not None
    for tax in values_of(item, "tax"):
        assert tax.keys() == {"country", "region", "rate", "tax_ship"}
        assert tax["country"] == "US"
        assert STATE.fullmatch(tax["region"] or "")
        assert RATE.fullmatch(tax["rate"] or "")
        assert tax["tax_ship"] in ("yes", "no")
    assert [(tax["region"], tax["rate"]) for tax in values_of(item, "tax")] == [
        ("CA", "7.25"),
        ("NY", "4"),
    ]
    assert values_of(item, "shipping") == [
        {
            "country": "US",
            "service": "Ground: slow, cheap",
            "price": "5.00 USD",
            "min_transit_time": "2",
            "max_transit_time": "5",
        }
    ]
    head, line = (each.split("\t") for each in table.splitlines())
    found = dict(zip(head, line, strict=True))
    assert found["tax"] == "US:CA:7.25:yes,US:NY:4:no"
    assert found["shipping"] == "US::Ground slow cheap:5.00 USD"


async def test_shipping_that_staff_set_for_the_feed_counts_before_the_delivery_settings() -> None:
    cost = seo_pb2.FeedShipping(country="US", currency="USD", amount_minor=9_00)
    part = pb.FeedPart(items=[an_item()], shipping=[cost])

    text = b"".join(
        [each async for each in feed_xml(Source(iter([quoted(part, US_TERMS)])).read(), part)]
    )

    item = ET.fromstring(text).find("channel/item")
    assert item is not None
    assert values_of(item, "shipping") == [{"country": "US", "price": "9.00 USD"}]


async def test_a_feed_as_a_table_names_its_columns_and_has_a_line_for_each_item() -> None:
    part = pb.FeedPart(
        items=[
            an_item(
                description="Dry\tand\nwarm",
                image_urls=[f"https://shop.example/{name}.webp" for name in ("a", "b,1", "c")],
            ),
            an_item(id="2", gtin=""),
        ],
        shipping=[
            seo_pb2.FeedShipping(country="DE", service="Post", currency="EUR", amount_minor=4_90),
            seo_pb2.FeedShipping(country="AT", currency="EUR", amount_minor=9_90),
        ],
    )

    text = b"".join(
        [chunk async for chunk in feed_tsv(Source(iter([quoted(part)])).read())]
    ).decode()

    head, *lines = [line.split("\t") for line in text.splitlines()]
    found = [dict(zip(head, line, strict=True)) for line in lines]
    assert set(head) >= REQUIRED
    assert found[0]["description"] == "Dry and warm"
    assert found[0]["additional_image_link"] == (
        "https://shop.example/b%2C1.webp,https://shop.example/c.webp"
    )
    assert found[0]["shipping"] == "DE::Post:4.90 EUR,AT:::9.90 EUR"
    assert [each["identifier_exists"] for each in found] == ["", "no"]


@pytest.mark.parametrize(
    ("availability", "is_dated", "told"),
    [
        (line_item_pb2.AVAILABILITY_IN_STOCK, False, "in_stock"),
        (line_item_pb2.AVAILABILITY_LOW_STOCK, False, "in_stock"),
        (line_item_pb2.AVAILABILITY_OUT_OF_STOCK, False, "out_of_stock"),
        (line_item_pb2.AVAILABILITY_BACKORDER, True, "backorder"),
        (line_item_pb2.AVAILABILITY_BACKORDER, False, "out_of_stock"),
        (line_item_pb2.AVAILABILITY_PREORDER, True, "preorder"),
        (line_item_pb2.AVAILABILITY_PREORDER, False, "out_of_stock"),
    ],
)
def test_a_feed_tells_the_truth_of_what_can_be_had(
    availability: Any, is_dated: bool, told: str
) -> None:
    item = an_item(availability=availability)
    if is_dated:
        item.expected_at.FromJsonString("2027-01-01T00:00:00Z")

    found = dict(attributes_of(item, pb.FeedPart(), "new"))

    assert found["availability"] == told
    assert ("availability_date" in found) is (told in ("preorder", "backorder"))

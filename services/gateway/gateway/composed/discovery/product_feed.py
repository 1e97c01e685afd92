"""A product feed for the Google Merchant Center, as RSS 2.0 or a table, streamed.

https://support.google.com/merchants/answer/7052112, of tab-separated values
https://support.google.com/merchants/answer/160567, of sales taxes of the United States
https://support.google.com/merchants/answer/6324454
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from xml.sax.saxutils import escape

from starlette.responses import Response, StreamingResponse

from chassis.money import exponent
from gateway.composed.discovery.parts import ask_patiently, parts_of, read_first_part
from gateway.composed.discovery.sitemaps import CACHED, XML
from gateway.contracts.rpc import rpc
from gateway.endpoints.exchange import Exchange
from sojourn.catalog.v1 import discovery_pb2 as pb
from sojourn.catalog.v1 import seo_pb2
from sojourn.catalog.v1.discovery_pb2_grpc import DiscoveryServiceServicer
from sojourn.checkout.v1 import feed_terms_pb2
from sojourn.checkout.v1.feed_terms_pb2 import FeedDelivery, FeedItemTerms, FeedTax
from sojourn.checkout.v1.feed_terms_pb2_grpc import FeedTermServiceServicer
from sojourn.common.v1 import line_item_pb2
from sojourn.common.v1.money_pb2 import Money

_READ: Final = rpc(DiscoveryServiceServicer.ReadProductFeed)
_QUOTE: Final = rpc(FeedTermServiceServicer.QuoteFeedItems)
_MOST_QUOTED: Final = 50
_GOOGLE: Final = "http://base.google.com/ns/1.0"
_CONDITIONS: Final = {
    seo_pb2.FEED_CONDITION_REFURBISHED: "refurbished",
    seo_pb2.FEED_CONDITION_USED: "used",
}
# The names that variant attributes of the specification have in English shops.
_OPTIONS: Final = {
    "color": "color",
    "colour": "color",
    "farbe": "color",
    "size": "size",
    "größe": "size",
    "material": "material",
    "pattern": "pattern",
    "muster": "pattern",
}
TSV: Final = "text/tab-separated-values"
# All attributes that an item may have; a table says them in its first line.
_COLUMNS: Final = (
    "id", "item_group_id", "title", "description", "link", "image_link", "additional_image_link",
    "availability", "availability_date", "price", "sale_price", "condition", "brand", "gtin",
    "identifier_exists", "product_type", "shipping_weight", "color", "size", "material", "pattern",
    "shipping", "tax",
)  # fmt: skip
_MOST_OPTION: Final = 100
_MOST_TYPE: Final = 750


@dataclass(frozen=True, slots=True)
class QuotedPart:
    """A part of the feed with the terms of its items, in their order."""

    part: pb.FeedPart
    terms: Sequence[FeedItemTerms]


async def stream_feed(exchange: Exchange[pb.ReadProductFeedRequest]) -> Response:
    """Streams the feed of a channel. Its first part is read before the answer begins."""
    first, parts = await _read(exchange)
    return StreamingResponse(feed_xml(parts, first), media_type=XML, headers=CACHED)


async def stream_table(exchange: Exchange[pb.ReadProductFeedRequest]) -> Response:
    """Streams the feed of a channel as tab-separated values."""
    _, parts = await _read(exchange)
    return StreamingResponse(feed_tsv(parts), media_type=TSV, headers=CACHED)


async def _read(
    exchange: Exchange[pb.ReadProductFeedRequest],
) -> tuple[pb.FeedPart, AsyncIterator[QuotedPart]]:
    """Returns the first part, and all parts with their terms."""
    first = await read_first_part(exchange, _READ)
    quoted_first = await _quoted(exchange, first)

    async def parts() -> AsyncIterator[QuotedPart]:
        async for part in parts_of(exchange, _READ, first, _next_part):
            if part is first:
                yield quoted_first
            else:
                yield await ask_patiently(partial(_quoted, exchange, part))

    return first, parts()


async def _quoted(exchange: Exchange[pb.ReadProductFeedRequest], part: pb.FeedPart) -> QuotedPart:
    """Returns a part with what checkout says of delivery and tax."""
    terms: list[FeedItemTerms] = []
    for start in range(0, len(part.items), _MOST_QUOTED):
        asked = feed_terms_pb2.QuoteFeedItemsRequest(
            channel=part.channel,
            locale=part.locale,
            prices_include_tax=part.prices_include_tax,
            items=[
                feed_terms_pb2.FeedItemToQuote(
                    price=item.price,
                    weight_grams=item.weight_grams,
                    volume_cm3=item.volume_cm3,
                    tax_class=item.tax_class,
                )
                for item in part.items[start : start + _MOST_QUOTED]
            ],
        )
        terms.extend((await exchange.ask(_QUOTE, asked)).terms)
    return QuotedPart(part, terms)


async def feed_tsv(parts: AsyncIterator[QuotedPart]) -> AsyncIterator[bytes]:
    """Yields the feed as a table, one chunk a part, with the names of its columns first."""
    yield ("\t".join(_COLUMNS) + "\n").encode()
    async for quoted in parts:
        pairs = zip(quoted.part.items, quoted.terms, strict=True)
        yield "".join(_line(item, quoted.part, terms) for item, terms in pairs).encode()


def _line(item: pb.FeedItem, part: pb.FeedPart, terms: FeedItemTerms) -> str:
    found: dict[str, str] = {
        "shipping": ",".join(map(_shipping_value, shipping_of(part, terms))),
        "tax": ",".join(map(_tax_value, terms.taxes)),
    }
    condition = _CONDITIONS.get(part.condition, "new")
    for name, value in attributes_of(item, part, condition):
        if name == "additional_image_link":
            # Addresses follow each other after commas, so that one has none of its own.
            address = value.replace(",", "%2C")
            found[name] = f"{found[name]},{address}" if name in found else address
        else:
            found.setdefault(name, value)
    return "\t".join(" ".join(found.get(name, "").split()) for name in _COLUMNS) + "\n"


def shipping_of(part: pb.FeedPart, terms: FeedItemTerms) -> Sequence[FeedDelivery]:
    """Returns what staff set for the feed, else what checkout's settings make of an item."""
    if not part.shipping:
        return terms.deliveries
    return [
        FeedDelivery(
            country=cost.country,
            service=cost.service,
            price=Money(amount_minor=cost.amount_minor, currency=cost.currency),
        )
        for cost in part.shipping
    ]


def _shipping_value(cost: FeedDelivery) -> str:
    """Returns country, region (none), service and price, as a table has them."""
    service = cost.service.replace(":", " ").replace(",", " ")
    return f"{cost.country}::{service}:{amount_of(cost.price)}"


def _tax_value(tax: FeedTax) -> str:
    """Returns country, region, rate and whether delivery is taxed, as a table has them."""
    return f"{tax.country}:{tax.region}:{tax.rate_percent}:{_yes_or_no(tax.on_delivery)}"


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _next_part(asked: pb.ReadProductFeedRequest, part: pb.FeedPart) -> bool:
    asked.part_token = part.next_part_token
    return bool(part.next_part_token)


async def feed_xml(parts: AsyncIterator[QuotedPart], first: pb.FeedPart) -> AsyncIterator[bytes]:
    """Yields the feed, one chunk a part; `first` names the merchant."""
    name, url = escape(first.organization_name), escape(first.base_url)
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="{_GOOGLE}">'
        f"<channel><title>{name}</title><link>{url}</link><description>{name}</description>\n"
    ).encode()
    async for quoted in parts:
        pairs = zip(quoted.part.items, quoted.terms, strict=True)
        yield "".join(_item(item, quoted.part, terms) for item, terms in pairs).encode()
    yield b"</channel></rss>\n"


def attributes_of(item: pb.FeedItem, part: pb.FeedPart, condition: str) -> list[tuple[str, str]]:
    """Returns the attributes of an item in the specification's names, empty ones left out."""
    regular = item.compare_at if item.HasField("compare_at") else item.price
    found = [
        ("id", item.id),
        ("item_group_id", item.item_group_id),
        ("title", item.title),
        ("description", item.description),
        ("link", item.page_url),
        ("image_link", item.image_urls[0]),
        *(("additional_image_link", each) for each in item.image_urls[1:11]),
        ("availability", availability_of(item)),
        ("price", amount_of(regular)),
        ("condition", condition),
        ("brand", item.brand),
        ("gtin", item.gtin),
        ("product_type", " > ".join(item.category_names)[:_MOST_TYPE]),
    ]
    if availability_of(item) in ("preorder", "backorder"):
        found.append(("availability_date", item.expected_at.ToJsonString()))
    if item.HasField("compare_at"):
        found.append(("sale_price", amount_of(item.price)))
    if not item.gtin:
        found.append(("identifier_exists", "no"))
    if item.weight_grams:
        found.append(("shipping_weight", f"{item.weight_grams} g"))
    for option in item.options:
        if name := _OPTIONS.get(option.name.casefold()):
            found.append((name, option.value[:_MOST_OPTION]))
    return [(name, value) for name, value in found if value]


def availability_of(item: pb.FeedItem) -> str:
    """Returns the availability in the specification's words.

    Goods on backorder or preorder need a date there: without one they are out of stock.
    """
    match item.availability:
        case line_item_pb2.AVAILABILITY_IN_STOCK | line_item_pb2.AVAILABILITY_LOW_STOCK:
            return "in_stock"
        case line_item_pb2.AVAILABILITY_PREORDER if item.HasField("expected_at"):
            return "preorder"
        case line_item_pb2.AVAILABILITY_BACKORDER if item.HasField("expected_at"):
            return "backorder"
        case _:
            return "out_of_stock"


def amount_of(money: Money) -> str:
    """Returns an amount as the specification has it, e.g. 15.00 EUR."""
    digits = exponent(money.currency)
    text = f"{money.amount_minor:0{digits + 1}d}"
    number = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"{number} {money.currency}"


def _item(item: pb.FeedItem, part: pb.FeedPart, terms: FeedItemTerms) -> str:
    condition = _CONDITIONS.get(part.condition, "new")
    attributes = "".join(map(_element, attributes_of(item, part, condition)))
    shipping = "".join(map(_shipping, shipping_of(part, terms)))
    return f"<item>{attributes}{shipping}{''.join(map(_tax, terms.taxes))}</item>\n"


def _shipping(cost: FeedDelivery) -> str:
    found = [("country", cost.country), ("service", cost.service), ("price", amount_of(cost.price))]
    if cost.most_days:
        found += [
            ("min_transit_time", str(cost.least_days)),
            ("max_transit_time", str(cost.most_days)),
        ]
    return _group("shipping", found)


def _tax(tax: FeedTax) -> str:
    found = [
        ("country", tax.country),
        ("region", tax.region),
        ("rate", tax.rate_percent),
        ("tax_ship", _yes_or_no(tax.on_delivery)),
    ]
    return _group("tax", found)


def _group(name: str, found: Iterable[tuple[str, str]]) -> str:
    inner = "".join(_element((each, value)) for each, value in found if value)
    return f"<g:{name}>{inner}</g:{name}>"


def _element(attribute: tuple[str, str]) -> str:
    name, value = attribute
    return f"<g:{name}>{escape(_clean(value))}</g:{name}>"


def _clean(text: str) -> str:
    """Returns a text without the control characters that XML does not have."""
    return "".join(c for c in text if c >= " " or c in "\t\n\r")

"""A product feed for the Google Merchant Center, as RSS 2.0 or a table, streamed.

https://support.google.com/merchants/answer/7052112 and, of tab-separated values,
https://support.google.com/merchants/answer/160567
"""

from collections.abc import AsyncIterator
from typing import Final
from xml.sax.saxutils import escape

from starlette.responses import Response, StreamingResponse

from chassis.money import exponent
from gateway.composed.discovery.parts import parts_of, read_first_part
from gateway.composed.discovery.sitemaps import CACHED, XML
from gateway.contracts.rpc import rpc
from gateway.endpoints.exchange import Exchange
from sojourn.catalog.v1 import discovery_pb2 as pb
from sojourn.catalog.v1 import seo_pb2
from sojourn.catalog.v1.discovery_pb2_grpc import DiscoveryServiceServicer
from sojourn.common.v1 import line_item_pb2
from sojourn.common.v1.money_pb2 import Money

_READ: Final = rpc(DiscoveryServiceServicer.ReadProductFeed)
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
    "shipping",
)  # fmt: skip
_MOST_OPTION: Final = 100
_MOST_TYPE: Final = 750


async def stream_feed(exchange: Exchange[pb.ReadProductFeedRequest]) -> Response:
    """Streams the feed of a channel. Its first part is read before the answer begins."""
    first = await read_first_part(exchange, _READ)
    parts = parts_of(exchange, _READ, first, _next_part)
    return StreamingResponse(feed_xml(parts, first), media_type=XML, headers=CACHED)


async def stream_table(exchange: Exchange[pb.ReadProductFeedRequest]) -> Response:
    """Streams the feed of a channel as tab-separated values."""
    first = await read_first_part(exchange, _READ)
    parts = parts_of(exchange, _READ, first, _next_part)
    return StreamingResponse(feed_tsv(parts), media_type=TSV, headers=CACHED)


async def feed_tsv(parts: AsyncIterator[pb.FeedPart]) -> AsyncIterator[bytes]:
    """Yields the feed as a table, one chunk a part, with the names of its columns first."""
    yield ("\t".join(_COLUMNS) + "\n").encode()
    async for part in parts:
        condition = _CONDITIONS.get(part.condition, "new")
        shipping = ",".join(map(_shipping_value, part.shipping))
        yield "".join(_line(item, part, condition, shipping) for item in part.items).encode()


def _line(item: pb.FeedItem, part: pb.FeedPart, condition: str, shipping: str) -> str:
    found: dict[str, str] = {"shipping": shipping}
    for name, value in attributes_of(item, part, condition):
        if name == "additional_image_link":
            # Addresses follow each other after commas, so that one has none of its own.
            address = value.replace(",", "%2C")
            found[name] = f"{found[name]},{address}" if name in found else address
        else:
            found.setdefault(name, value)
    return "\t".join(" ".join(found.get(name, "").split()) for name in _COLUMNS) + "\n"


def _shipping_value(cost: seo_pb2.FeedShipping) -> str:
    """Returns country, region (none), service and price, as a table has them."""
    money = Money(amount_minor=cost.amount_minor, currency=cost.currency)
    service = cost.service.replace(":", " ").replace(",", " ")
    return f"{cost.country}::{service}:{amount_of(money)}"


def _next_part(asked: pb.ReadProductFeedRequest, part: pb.FeedPart) -> bool:
    asked.part_token = part.next_part_token
    return bool(part.next_part_token)


async def feed_xml(parts: AsyncIterator[pb.FeedPart], first: pb.FeedPart) -> AsyncIterator[bytes]:
    """Yields the feed, one chunk a part; `first` names the merchant."""
    name, url = escape(first.organization_name), escape(first.base_url)
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="{_GOOGLE}">'
        f"<channel><title>{name}</title><link>{url}</link><description>{name}</description>\n"
    ).encode()
    async for part in parts:
        condition = _CONDITIONS.get(part.condition, "new")
        yield "".join(_item(item, part, condition) for item in part.items).encode()
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


def _item(item: pb.FeedItem, part: pb.FeedPart, condition: str) -> str:
    attributes = "".join(
        f"<g:{name}>{escape(_clean(value))}</g:{name}>"
        for name, value in attributes_of(item, part, condition)
    )
    shipping = "".join(_shipping(each) for each in part.shipping)
    return f"<item>{attributes}{shipping}</item>\n"


def _shipping(cost: seo_pb2.FeedShipping) -> str:
    service = f"<g:service>{escape(cost.service)}</g:service>" if cost.service else ""
    money = Money(amount_minor=cost.amount_minor, currency=cost.currency)
    return (
        f"<g:shipping><g:country>{cost.country}</g:country>{service}"
        f"<g:price>{amount_of(money)}</g:price></g:shipping>"
    )


def _clean(text: str) -> str:
    """Returns a text without the control characters that XML does not have."""
    return "".join(c for c in text if c >= " " or c in "\t\n\r")

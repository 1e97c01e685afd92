"""Robots' rules, sitemaps and the sitemap index, written as they are read.

https://www.rfc-editor.org/rfc/rfc9309 and https://www.sitemaps.org/protocol.html
"""

from collections.abc import AsyncIterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import Response, StreamingResponse

from gateway.composed.discovery.parts import parts_of, read_first_part
from gateway.contracts.rpc import rpc
from gateway.endpoints.exchange import Exchange
from sojourn.catalog.v1 import discovery_pb2 as pb
from sojourn.catalog.v1.discovery_pb2_grpc import DiscoveryServiceServicer

XML: Final = "application/xml"
TEXT: Final = "text/plain"
MOST_ADDRESSES: Final = 50_000
_READ: Final = rpc(DiscoveryServiceServicer.ReadSitemap)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
# How long a crawler may keep one. An answer has the marks of a visitor: no shared cache keeps it.
CACHED: Final = {
    "Cache-Control": "private, max-age=3600",
    "Vary": "Accept-Language, Sojourn-Channel",
}


async def robots_answer(exchange: Exchange[pb.GetRobotsRequest], reply: pb.Robots) -> Response:
    """Returns robots.txt."""
    return Response(robots_text(reply), media_type=TEXT, headers=CACHED)


def robots_text(robots: pb.Robots) -> str:
    """Returns the rules as robots.txt has them."""
    paths = ["/"] if robots.hidden else list(robots.disallowed_paths)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in paths or [""])]
    if robots.sitemap_url and not robots.hidden:
        lines += ["", f"Sitemap: {robots.sitemap_url}"]
    return "\n".join(lines) + "\n"


async def index_answer(
    exchange: Exchange[pb.ListSitemapsRequest], reply: pb.ListSitemapsResponse
) -> Response:
    """Returns the sitemap index."""
    files = "".join(f"<sitemap><loc>{escape(each.url)}</loc></sitemap>\n" for each in reply.files)
    text = f'{_HEAD}<sitemapindex xmlns="{_SPACE}">\n{files}</sitemapindex>\n'
    return Response(text, media_type=XML, headers=CACHED)


async def stream_sitemap(exchange: Exchange[pb.ReadSitemapRequest]) -> Response:
    """Streams a sitemap file, a part at a time. Its first part is read before the answer begins."""
    first = await read_first_part(exchange, _READ)
    entries = parts_of(exchange, _READ, first, _next_part)
    return StreamingResponse(sitemap_xml(entries), media_type=XML, headers=CACHED)


def _next_part(asked: pb.ReadSitemapRequest, part: pb.SitemapPart) -> bool:
    asked.part_token = part.next_part_token
    return bool(part.next_part_token)


async def sitemap_xml(parts: AsyncIterator[pb.SitemapPart]) -> AsyncIterator[bytes]:
    """Yields a sitemap file, one chunk a part; it ends before its 50,001st address."""
    yield f'{_HEAD}<urlset xmlns="{_SPACE}" xmlns:xhtml="{_XHTML}">\n'.encode()
    left = MOST_ADDRESSES
    async for part in parts:
        chunk: list[str] = []
        for entry in part.entries:
            if len(entry.alternates) > left:
                break
            left -= len(entry.alternates)
            chunk.append(_entry(entry))
        else:
            yield "".join(chunk).encode()
            continue
        yield "".join(chunk).encode()
        break
    yield b"</urlset>\n"


def _entry(entry: pb.SitemapEntry) -> str:
    """Returns a page's address in each language, each with all of them."""
    alternates = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(each.locale)}'
        f" href={quoteattr(each.url)}/>"
        for each in entry.alternates
    )
    changed = ""
    if entry.HasField("changed_at"):
        changed = f"<lastmod>{entry.changed_at.ToJsonString()}</lastmod>"
    return "".join(
        f"<url><loc>{escape(each.url)}</loc>{changed}{alternates}</url>\n"
        for each in entry.alternates
    )

"""The edge of robots, sitemaps and product feeds."""

from typing import Final
from uuid import UUID

from catalog.discovery.feeds import read_feed
from catalog.discovery.sitemaps import Bounds, list_sitemaps, read_sitemap
from catalog.errors import PricesHidden, StorefrontHasNoHost
from catalog.prices.queries import get_price_list
from catalog.seo.links import Links
from catalog.seo.wire import encode_storefront
from catalog.servicers.content.edge import ContentEdge
from chassis.pagination import position_of, token_of
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.server import Call, read
from chassis.rpc.wire import timestamp
from sojourn.catalog.v1 import discovery_pb2 as pb
from sojourn.catalog.v1 import discovery_pb2_grpc as pb_grpc
from sojourn.catalog.v1.page_head_pb2 import AlternatePage

INDEX_PATH: Final = "/sitemap.xml"
_FILE_PATH: Final = "/sitemaps/{name}.xml"
_FIRST: Final = UUID(int=0)
_MOST_DONE: Final = 50_000


class DiscoveryServicer(ContentEdge, pb_grpc.DiscoveryServiceServicer):
    """Robots, sitemaps and feeds. Each answer is a part, so that none grows with the catalogue."""

    @read(public=True)
    async def GetRobots(self, request: pb.GetRobotsRequest, call: Call) -> pb.Robots:
        async with call.read() as read:
            asked = await self._showing(read, request.view)
        links = asked.links
        return pb.Robots(
            hidden=links.storefront.is_hidden,
            disallowed_paths=links.storefront.disallowed_paths,
            sitemap_url=links.absolute(INDEX_PATH) if links.base_url else "",
        )

    @read(public=True)
    async def ListSitemaps(
        self, request: pb.ListSitemapsRequest, call: Call
    ) -> pb.ListSitemapsResponse:
        async with call.read() as read:
            asked = await self._showing(read, request.view)
            links = _with_host(asked.links)
            is_hidden = links.storefront.is_hidden
            names = [] if is_hidden else await list_sitemaps(read, links, _bounds(links))
        return pb.ListSitemapsResponse(
            files=[
                pb.SitemapFile(name=name, url=links.absolute(_FILE_PATH.format(name=name)))
                for name in names
            ]
        )

    @read(public=True)
    async def ReadSitemap(self, request: pb.ReadSitemapRequest, call: Call) -> pb.SitemapPart:
        position = _sitemap_position(request.part_token)
        async with call.read() as read:
            asked = await self._showing(read, request.view)
            links = _with_host(asked.links)
            part = await read_sitemap(
                read, links, asked.context.tree, asked.seo.categories, request.name, position,
                _bounds(links),
            )  # fmt: skip
        return pb.SitemapPart(
            entries=[
                pb.SitemapEntry(
                    alternates=[
                        AlternatePage(locale=locale, url=url) for locale, url in entry.alternates
                    ],
                    changed_at=timestamp(entry.changed_at),
                )
                for entry in part.entries
            ],
            next_part_token=token_of(list(part.next_position)) if part.next_position else "",
        )

    @read(public=True)
    async def ReadProductFeed(self, request: pb.ReadProductFeedRequest, call: Call) -> pb.FeedPart:
        first, offset = _feed_position(request.part_token)
        async with call.read() as read:
            asked = await self._showing(read, request.view)
            links = _with_host(asked.links)
            if links.channel.hides_prices:
                raise PricesHidden("a feed tells everybody the prices", by="feed")
            part = await read_feed(
                read, asked.view, links, asked.context.tree, first=first, offset=offset
            )
            own_list = await get_price_list(read, links.channel.price_list)
        told, goes_on = encode_storefront(links.storefront), part.next_position
        return pb.FeedPart(
            items=part.items,
            next_part_token=token_of([str(goes_on[0]), goes_on[1]]) if goes_on else "",
            organization_name=links.organization,
            base_url=links.base_url,
            condition=told.condition,
            shipping=told.shipping,
            channel=asked.view.channel,
            locale=asked.view.locale,
            prices_include_tax=own_list.tax_included,
        )


def _bounds(links: Links) -> Bounds:
    return Bounds.of_locales(len(links.channel.locales))


def _with_host(links: Links) -> Links:
    if not links.base_url:
        raise StorefrontHasNoHost(channel=links.channel.code)
    return links


def _feed_position(token: str) -> tuple[UUID, int]:
    position = position_of(token, length=2)
    if position is None:
        return _FIRST, 0
    first, offset = _id(position[0]), position[1]
    if type(offset) is not int or not 0 <= offset <= _MOST_DONE:
        raise InvalidPageToken
    return first, offset


def _sitemap_position(token: str) -> tuple[str, int] | None:
    position = position_of(token, length=2)
    if position is None:
        return None
    last, done = str(_id(position[0])), position[1]
    if type(done) is not int or not 0 <= done <= _MOST_DONE:
        raise InvalidPageToken
    return last, done


def _id(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidPageToken from None

"""Short links: touchpoints name them, with the page that they share and their campaign."""

from starlette.responses import Response

from chassis.rpc.documents import enum_name
from gateway.endpoints.answers import answer_of
from gateway.endpoints.exchange import Exchange
from sojourn.catalog.v1 import seo_pb2
from sojourn.catalog.v1 import share_links_pb2 as pb


async def redirect_to_target(
    exchange: Exchange[pb.ResolveShareLinkRequest], reply: pb.ShareLinkTarget
) -> Response:
    """Returns 302 to the page. The touchpoint has the campaign, and the page as properties."""
    exchange.context.facts = {
        **reply.campaign,
        "subject": exchange.message.code,
        "properties": _page(reply.kind, reply.slug),
    }
    return Response(
        status_code=302,
        headers={"Location": reply.url, "Cache-Control": "private, no-store"},
    )


async def name_share(exchange: Exchange[pb.SharePageRequest], reply: pb.PageShare) -> Response:
    """Returns the link. The touchpoint is about its code, as those of its followers are."""
    exchange.context.facts = {
        "subject": reply.code,
        "properties": _page(reply.kind, reply.slug),
    }
    return answer_of(reply)


def _page(kind: seo_pb2.SeoKind.ValueType, slug: str) -> dict[str, str]:
    return {"shared_kind": enum_name(seo_pb2.SeoKind.DESCRIPTOR, kind), "shared_slug": slug}

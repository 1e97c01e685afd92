"""Short links: redirects whose touchpoint has the campaign."""

from starlette.responses import Response

from gateway.endpoints.exchange import Exchange
from sojourn.catalog.v1 import share_links_pb2 as pb


async def redirect_to_target(
    exchange: Exchange[pb.ResolveShareLinkRequest], reply: pb.ShareLinkTarget
) -> Response:
    """Returns 302 to the page, and lets the touchpoint of this request have the campaign."""
    exchange.context.campaign = dict(reply.campaign)
    return Response(
        status_code=302,
        headers={"Location": reply.url, "Cache-Control": "private, no-store"},
    )

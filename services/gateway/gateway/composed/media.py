"""Pictures: uploads as they come, and their bytes as browsers show them."""

from typing import Final

from starlette.responses import Response

from gateway.endpoints.exchange import Exchange
from sojourn.catalog.v1 import media_pb2 as pb

# A picture of an id never changes; one that is deleted is not asked for again.
_CACHED: Final = "public, max-age=31536000, immutable"


async def picture_answer(
    exchange: Exchange[pb.ReadMediaRequest], reply: pb.MediaContent
) -> Response:
    """Returns the bytes of a picture; a browser takes them for nothing but a picture."""
    headers = {
        "Cache-Control": _CACHED,
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(reply.content, media_type=reply.media_type, headers=headers)

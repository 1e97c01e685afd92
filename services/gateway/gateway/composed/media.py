"""Pictures: uploads as they come, and their bytes as browsers show them."""

from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gateway.endpoints.exchange import Exchange
from gateway.http.problems import MalformedJson
from sojourn.catalog.v1 import media_pb2 as pb

# A picture of an id never changes; one that is deleted is not asked for again.
_CACHED: Final = "public, max-age=31536000, immutable"


async def take_picture(exchange: Exchange[pb.UploadMediaRequest]) -> None:
    """Takes the body as it came. Raises MalformedJson where its client left before its end."""
    try:
        exchange.message.content = await exchange.request.body()
    except ClientDisconnect:
        raise MalformedJson("the body ended early") from None


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

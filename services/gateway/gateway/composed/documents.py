"""Files of documents, as browsers save them."""

from typing import TypeVar
from urllib.parse import quote

from google.protobuf.message import Message
from starlette.responses import Response

from gateway.endpoints.answers import NO_STORE
from gateway.endpoints.exchange import Exchange
from sojourn.checkout.v1 import documents_pb2 as pb

Req = TypeVar("Req", bound=Message)


async def document_answer(exchange: Exchange[Req], reply: pb.OrderDocumentFile) -> Response:
    """Returns the bytes of a file, or 304 where the client has them.

    Nobody but the client keeps them: they are a person's.
    """
    etag = f'"{reply.sha256}"'
    headers = {**NO_STORE, "ETag": etag}
    known = exchange.request.headers.get("if-none-match", "")
    if etag in [part.strip().removeprefix("W/") for part in known.split(",")]:
        return Response(status_code=304, headers=headers)
    headers |= {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(reply.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(reply.content, media_type=reply.media_type, headers=headers)

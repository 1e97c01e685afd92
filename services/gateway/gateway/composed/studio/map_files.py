"""Files of journey maps: the format that a client accepts, and the file as it is."""

from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from gateway.endpoints.answers import NO_STORE
from gateway.endpoints.exchange import Exchange
from gateway.endpoints.preconditions import etag_of
from sojourn.journey.v1 import map_documents_pb2 as pb

MEDIA: Final = "application/json, text/csv, text/markdown, image/svg+xml, image/png"
_FORMATS: Final[dict[str, "pb.MapFormat.ValueType"]] = {
    "application/json": pb.MAP_FORMAT_JSON,
    "text/csv": pb.MAP_FORMAT_CSV,
    "text/markdown": pb.MAP_FORMAT_MARKDOWN,
    "image/svg+xml": pb.MAP_FORMAT_SVG,
    "image/png": pb.MAP_FORMAT_PNG,
}
_MOST_RANGES: Final = 20


async def prepare_file(exchange: Exchange[pb.ExportMapRequest]) -> None:
    """Sets the format that the client accepts first, where the query names none."""
    if not exchange.message.format:
        exchange.message.format = accepted_format(exchange.request.headers.get("accept", ""))


def accepted_format(header: str) -> "pb.MapFormat.ValueType":
    """Returns the format of an `Accept` header, as q-values order it; JSON where it names none."""
    found = []
    for order, part in enumerate(header.split(",")[:_MOST_RANGES]):
        name, *parameters = (one.strip().lower() for one in part.split(";"))
        weight = _weight_of(parameters)
        if name in _FORMATS and weight > 0:
            found.append((-weight, order, name))
    return _FORMATS[min(found)[2]] if found else pb.MAP_FORMAT_JSON


def _weight_of(parameters: list[str]) -> float:
    for one in parameters:
        name, _, value = one.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


async def file_answer(exchange: Exchange[pb.ExportMapRequest], reply: pb.MapFile) -> Response:
    """Returns a file, which a browser saves and never shows."""
    headers = {
        **NO_STORE,
        "ETag": etag_of(reply.version),
        "Vary": "Accept",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(reply.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(reply.content, media_type=reply.media_type, headers=headers)

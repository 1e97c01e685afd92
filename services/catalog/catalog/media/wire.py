"""Pictures as messages."""

from typing import Final

from catalog.media.model import MediaFormat, MediaObject
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import media_pb2 as pb

FORMATS: Final = EnumCodec(pb.MediaFormat, MediaFormat, unspecified=MediaFormat.ORIGINAL)


def encode_media(media: MediaObject) -> pb.MediaObject:
    return pb.MediaObject(
        id=str(media.id),
        url=f"/v1/media/{media.id}",
        name=media.name,
        media_type=media.media_type,
        width=media.width,
        height=media.height,
        size_bytes=media.size_bytes,
        widths=media.widths,
        created_at=timestamp(media.created_at),
        version=media.version,
    )

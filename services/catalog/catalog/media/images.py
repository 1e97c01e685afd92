"""Pictures by their content: what they are, and smaller forms of them."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from catalog.errors import InvalidMedia
from catalog.media.model import MOST_BYTES, MOST_PIXELS, MediaFormat

_TYPES: Final = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
_MOST_SIDE: Final = 16_384
_QUALITY: Final = {MediaFormat.WEBP: 80, MediaFormat.AVIF: 60, MediaFormat.JPEG: 82}
MEDIA_TYPES: Final = {
    MediaFormat.WEBP: "image/webp",
    MediaFormat.AVIF: "image/avif",
    MediaFormat.JPEG: "image/jpeg",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """Facts of a picture: its type by content, and its pixels as it is shown."""

    media_type: str
    width: int
    height: int


def read_picture(content: bytes) -> Picture:
    """Returns the facts of a picture, which is decoded whole. Raises InvalidMedia.

    The name and the declared type of a file count for nothing.
    """
    if not 0 < len(content) <= MOST_BYTES:
        raise InvalidMedia("has 1 byte to 8 MiB", path="content", most=MOST_BYTES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=list(_TYPES)) as image:
                _require_pixels(image)
                image.load()
                shown = ImageOps.exif_transpose(image)
                return Picture(_TYPES[image.format or ""], shown.width, shown.height)
    except InvalidMedia:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError) as error:
        raise InvalidMedia(
            "is a whole PNG, JPEG, WebP, GIF or AVIF picture", path="content"
        ) from error
    except Image.DecompressionBombError as error:
        raise InvalidMedia("has too many pixels", path="content", most=MOST_PIXELS) from error


def render(content: bytes, width: int, format: MediaFormat) -> bytes:
    """Returns a picture in a form and a width, its height in proportion; never enlarged.

    What it says of its camera and place is left out.
    """
    with Image.open(io.BytesIO(content), formats=list(_TYPES)) as opened:
        _require_pixels(opened)
        image = ImageOps.exif_transpose(opened)
        has_alpha = "A" in image.mode or "transparency" in image.info
        if format is MediaFormat.JPEG and has_alpha:
            ground = Image.new("RGB", image.size, "white")
            ground.paste(image, mask=image.convert("RGBA").getchannel("A"))
            image = ground
        image = image.convert("RGBA" if has_alpha and format is not MediaFormat.JPEG else "RGB")
        if width and width < image.width:
            height = max(1, round(image.height * width / image.width))
            image = image.resize((width, height), Image.Resampling.LANCZOS)
        made = io.BytesIO()
        image.save(made, format=format.value.upper(), quality=_QUALITY[format])
    return made.getvalue()


def _require_pixels(image: Image.Image) -> None:
    """Refuses a picture by the size that its header says, before it is decoded."""
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > _MOST_SIDE:
        raise InvalidMedia("has too many pixels", path="content", most=MOST_PIXELS)
    if getattr(image, "n_frames", 1) * width * height > MOST_PIXELS:
        raise InvalidMedia("has too many frames", path="content", most=MOST_PIXELS)

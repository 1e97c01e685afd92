"""Pictures of buyers by their content, made into a JPEG that says nothing but what it shows."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from checkout.errors.after_sale import InvalidReturnPicture

MOST_BYTES: Final = 8 * 2**20
MOST_PIXELS: Final = 40_000_000
_MOST_SIDE: Final = 2_048
_QUALITY: Final = 85
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    width: int
    height: int


def normalize_picture(content: bytes) -> Picture:
    """Returns a picture as a JPEG, upright, and without what it says of its camera and place.

    It is decoded whole: the name and the declared type of a file count for nothing. It takes up to
    a second: run it in a thread. Raises InvalidReturnPicture.
    """
    if not 0 < len(content) <= MOST_BYTES:
        raise InvalidReturnPicture(path="content", problem="it has 1 byte to 8 MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=list(_FORMATS)) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise InvalidReturnPicture(
                        path="content", problem="it has more than 40 megapixels"
                    )
                return _as_jpeg(ImageOps.exif_transpose(opened))
    except InvalidReturnPicture:
        raise
    except Image.DecompressionBombError as error:
        raise InvalidReturnPicture(path="content", problem="it has too many pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError) as error:
        raise InvalidReturnPicture(
            path="content", problem="it is no whole JPEG, PNG or WebP picture"
        ) from error


def _as_jpeg(image: Image.Image) -> Picture:
    if "A" in image.mode or "transparency" in image.info:
        ground = Image.new("RGB", image.size, "white")
        layer = image.convert("RGBA")
        ground.paste(layer, mask=layer.getchannel("A"))
        image = ground
    image = image.convert("RGB")
    image.thumbnail((_MOST_SIDE, _MOST_SIDE), Image.Resampling.LANCZOS)
    made = io.BytesIO()
    image.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(made.getvalue(), image.width, image.height)

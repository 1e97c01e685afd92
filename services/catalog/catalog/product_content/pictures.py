"""Pictures of products as requests give them: texts by locale, focal points, variants."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.channels.model import localized
from catalog.product_content.texts import texts_of
from catalog.products.model import Image, ImageDetail
from catalog.products.plain_text import line_of
from catalog.products.refusals import refuse, require_at_most, short_text
from sojourn.catalog.v1 import catalog_pb2 as pb

MOST_IMAGES: Final = 250
_MOST_ALT: Final = 500
_MOST_PER_VARIANT: Final = 20
_IMAGE_URL: Final = re.compile(r"(https?://|/)[^\s\x00-\x1f<>\"]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GivenImage:
    """A picture of a request. The focal point is in per cent from the left and from the top."""

    url: str
    alt: str
    alt_by_locale: Mapping[str, str] = field(default_factory=dict)
    focal_point: tuple[int, int] | None = None


def given_images(messages: Iterable[pb.Image]) -> list[GivenImage]:
    """Returns pictures as an import or a request has them."""
    return [
        GivenImage(
            each.url,
            each.alt,
            dict(each.alt_by_locale),
            (each.focal_point.x, each.focal_point.y) if each.HasField("focal_point") else None,
        )
        for each in messages
    ]


def pictures_of(
    given: Sequence[GivenImage], line: int
) -> tuple[list[Image], dict[str, ImageDetail]]:
    """Returns pictures, and by their URLs what else is known of them. Refuses no place on one."""
    images = images_of([(each.url, each.alt) for each in given], line)
    details: dict[str, ImageDetail] = {}
    for number, each in enumerate(given):
        alt = {
            locale: text
            for locale, given_text in texts_of(
                each.alt_by_locale, line, f"images[{number}].alt_by_locale"
            ).items()
            if (text := line_of(given_text))
        }
        for locale, text in alt.items():
            place = f"images[{number}].alt_by_locale[{locale!r}]"
            require_at_most(_MOST_ALT, len(text), line, place, "characters")
        if each.focal_point and not all(0 <= share <= 100 for share in each.focal_point):
            refuse(line, f"images[{number}].focal_point", "is 0 to 100 per cent each way", most=100)
        if alt or each.focal_point:
            details[each.url] = ImageDetail(alt, each.focal_point)
    return images, details


def images_of(given: Sequence[tuple[str, str]], line: int) -> list[Image]:
    """Returns pictures from their URLs and texts. Refuses what no page can show."""
    require_at_most(MOST_IMAGES, len(given), line, "images", "images")
    for number, (url, _) in enumerate(given):
        if len(url) > 2_000 or not _IMAGE_URL.fullmatch(url):
            refuse(line, f"images[{number}].url", "must be an http, https or root-relative URL")
    return [
        Image(url, short_text(alt, line, f"images[{number}].alt", most=500))
        for number, (url, alt) in enumerate(given)
    ]


def image_urls_of(
    given: Sequence[str], urls: Collection[str], *, line: int, field: str
) -> list[str]:
    """Returns the pictures of a variant, which its product has. Refuses others."""
    require_at_most(min(_MOST_PER_VARIANT, MOST_IMAGES), len(given), line, field, "pictures")
    for number, url in enumerate(given):
        if url not in urls:
            refuse(line, f"{field}[{number}]", "is the URL of a picture of the product")
    return list(dict.fromkeys(given))


def encode_image(
    image: Image, detail: ImageDetail | None, locale: str = "", fallback: str = ""
) -> pb.Image:
    """Returns a picture with its text in a locale; with all texts where none is named."""
    message = pb.Image(url=image.url, alt=image.alt)
    if detail is None:
        return message
    if locale:
        message.alt = localized(detail.alt, locale, fallback) or image.alt
    else:
        message.alt_by_locale.update(detail.alt)
    if detail.focal_point is not None:
        message.focal_point.x, message.focal_point.y = detail.focal_point
    return message

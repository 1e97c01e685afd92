"""Drafts: products of an import, validated and normalized, before they meet the database."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.channels.model import localized
from catalog.listings.facets import RESERVED_NAMES
from catalog.product_content.pictures import given_images, pictures_of
from catalog.product_content.rich_text import rich_of
from catalog.product_content.texts import texts_of
from catalog.products.model import Image, ImageDetail, Option, ProductState
from catalog.products.own_data import given_data
from catalog.products.plain_text import line_of, text_of
from catalog.products.refusals import NO_LINE, refuse, require_at_most, short_text
from catalog.products.variant_drafts import DraftVariant, options_of, variants_of
from catalog.slugs import is_slug, slug_of
from chassis.rpc.wire import EnumCodec
from sojourn.catalog.v1 import catalog_pb2 as pb

# Of a product as it is sent, in bytes: so that a page of products and a batch of offers fit one
# answer.
MOST_BYTES: Final = 1024 * 1024
# Of a description in one language, in characters, markup included.
MOST_DESCRIPTION: Final = 65_536
MOST_SEO_TEXT: Final = 1_000
MOST_ATTRIBUTES: Final = 100
MOST_TAGS: Final = 250
MOST_REFERENCES: Final = 50
STATES: Final = EnumCodec(pb.ProductState, ProductState)
# Part of every digest: raise it where the same input shall make another product.
_DIGEST_FORMAT: Final = b"1"


@dataclass(frozen=True, slots=True)
class Draft:
    """A product to be.

    `line` counts from 1 within the import; `slug` is empty where the input has none.
    """

    line: int
    external_id: str
    digest: bytes
    slug: str
    title: dict[str, str]
    description: dict[str, str]
    brand: str
    category_slug: str
    images: list[Image]
    options: list[Option]
    attributes: dict[str, str]
    tags: list[str]
    seo_title: str
    seo_description: str
    state: ProductState
    is_synthetic: bool
    variants: list[DraftVariant]
    own_data: dict[str, Any] | None = None
    references: list[tuple[str, str]] = field(default_factory=list)
    rich_description: dict[str, str] = field(default_factory=dict)
    image_details: dict[str, ImageDetail] = field(default_factory=dict)

    def slug_in(self, locale: str) -> str:
        """A URL part made from the title, best from the one in `locale`."""
        return slug_of(localized(self.title, locale, locale)) or slug_of(self.external_id)


def identity_of(given: pb.ProductInput) -> str:
    """The external id, as it is stored."""
    return line_of(given.external_id)


def digest_of(given: pb.ProductInput) -> bytes:
    """Returns the values that tell whether a product changed.

    Stock is not one: an import never changes a level that exists.
    """
    same = pb.ProductInput()
    same.CopyFrom(given)
    for variant in same.variants:
        for warehouse in variant.initial_stock:
            variant.initial_stock[warehouse] = 0
    return hashlib.sha256(_DIGEST_FORMAT + same.SerializeToString(deterministic=True)).digest()[:16]


def draft_of(
    given: pb.ProductInput, *, line: int, digest: bytes, needs_prices: bool = True
) -> Draft:
    """The validated draft.

    Raises InvalidImport with the line and the field, or InvalidProduct without a line.
    """
    require_at_most(
        MOST_BYTES,
        given.ByteSize(),
        line,
        _largest_field(given),
        "bytes, the whole product together",
    )
    external_id = identity_of(given)
    if line != NO_LINE and not 0 < len(external_id) <= 255:
        refuse(line, "external_id", "must have 1 to 255 characters", most=255)
    slug = slug_text(given.slug, line, "slug")
    category_slug = slug_text(given.category_slug, line, "category_slug")
    if given.synthetic:
        _refuse_shown(given, line)
    title = titles_of(given.title, line)
    identity = external_id or slug or slug_of(next(iter(title.values())))
    variants = variants_of(given, line, identity, needs_prices=needs_prices)
    images, details = pictures_of(given_images(given.images), line)
    return Draft(
        line=line,
        external_id=external_id,
        digest=digest,
        slug=slug,
        title=title,
        description=descriptions_of(given.description, line),
        brand=short_text(given.brand, line, "brand"),
        category_slug=category_slug,
        images=images,
        image_details=details,
        rich_description=rich_descriptions_of(given.description),
        options=options_of(variants),
        attributes=attributes_of(given.attributes, line),
        tags=tags_of(given.tags, line),
        seo_title=short_text(given.seo_title, line, "seo_title", most=MOST_SEO_TEXT),
        seo_description=short_text(
            given.seo_description, line, "seo_description", most=MOST_SEO_TEXT
        ),
        state=_state_of(given),
        is_synthetic=given.synthetic,
        variants=variants,
        own_data=given_data(given, line, "metadata"),
        references=_references(given, line),
    )


def _state_of(given: pb.ProductInput) -> ProductState:
    if given.state:
        return STATES.decode(given.state)
    return ProductState.SOLD if given.published else ProductState.HIDDEN


def _references(given: pb.ProductInput, line: int) -> list[tuple[str, str]]:
    require_at_most(MOST_REFERENCES, len(given.references), line, "references", "references")
    found = []
    for number, each in enumerate(given.references):
        place = f"references[{number}]"
        pair = (
            short_text(each.source, line, f"{place}.source", most=100),
            short_text(each.external_id, line, f"{place}.external_id"),
        )
        if not all(pair):
            refuse(line, place, "needs a source and an id")
        found.append(pair)
    return list(dict.fromkeys(found))


def slug_text(text: str, line: int, field: str) -> str:
    """Returns a slug, or the empty text. Refuses what is none."""
    if text and not is_slug(text):
        refuse(line, field, "must be lower-case letters, digits and single hyphens")
    return text


def titles_of(given: Mapping[str, str], line: int) -> dict[str, str]:
    """Returns titles by locale, without empty ones. Refuses none, and too long ones."""
    title = {locale: line_of(text) for locale, text in texts_of(given, line, "title").items()}
    if not any(title.values()) or max(map(len, title.values())) > 500:
        refuse(line, "title", "must have 1 to 500 characters in at least one language", most=500)
    return {locale: text for locale, text in title.items() if text}


def descriptions_of(given: Mapping[str, str], line: int) -> dict[str, str]:
    """Returns descriptions as plain text by locale."""
    description = texts_of(given, line, "description")
    for locale, html in description.items():
        require_at_most(MOST_DESCRIPTION, len(html), line, f"description[{locale!r}]", "characters")
    return {locale: text_of(html) for locale, html in description.items()}


def rich_descriptions_of(given: Mapping[str, str]) -> dict[str, str]:
    """Returns the safe HTML of those descriptions that have markup, by locale."""
    return {locale: rich for locale in sorted(given) if (rich := rich_of(given[locale]))}


def tags_of(given: Sequence[str], line: int) -> list[str]:
    """Returns the different tags in their order."""
    require_at_most(MOST_TAGS, len(given), line, "tags", "tags")
    return sorted({tag for each in given if (tag := line_of(each)[:100])})


def _refuse_shown(given: pb.ProductInput, line: int) -> None:
    """A synthetic product is in no category and on no page."""
    for name in ("published", "category_slug", "state"):
        is_shown = name != "state" or given.state != pb.PRODUCT_STATE_HIDDEN
        if getattr(given, name) and is_shown:
            refuse(line, name, "must be empty: a synthetic product is never shown")


def _largest_field(given: pb.ProductInput) -> str:
    """Returns the description in a language if it is the larger part, else the product itself."""
    locale, text = max(given.description.items(), key=lambda each: len(each[1]), default=("", ""))
    return f"description[{locale[:20]!r}]" if 2 * len(text) > MOST_BYTES else "product"


def attributes_of(given: Mapping[str, str], line: int) -> dict[str, str]:
    """Returns facts by name. Refuses names that facets or their tokens need."""
    require_at_most(MOST_ATTRIBUTES, len(given), line, "attributes", "attributes")
    for name in given:
        if not name.strip() or "=" in name or len(name) > 100:
            refuse(
                line,
                f"attributes[{name[:40]!r}]",
                "a name has 1 to 100 characters and no equals sign",
            )
        if name in RESERVED_NAMES:
            refuse(line, f"attributes[{name!r}]", "is the name of a facet that every product has")
    return {
        line_of(name): short_text(given[name], line, f"attributes[{name!r}]")
        for name in sorted(given)
    }

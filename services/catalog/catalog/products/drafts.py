"""Drafts: products of an import, validated and normalized, before they meet the database."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from catalog.channels.model import LOCALE, localized
from catalog.errors import InvalidImport
from catalog.listings.facets import RESERVED_NAMES
from catalog.products.model import (
    PIECE,
    STANDARD_TAX_CLASS,
    TAX_CLASSES,
    Image,
    Option,
    OptionValue,
)
from catalog.products.plain_text import line_of, text_of
from catalog.slugs import is_slug, slug_of
from catalog.stock.model import MOST_ON_HAND
from chassis.money import MOST_MINOR, UnknownCurrency, exponent
from sojourn.catalog.v1 import catalog_pb2 as pb

MOST_VARIANTS: Final = 1_000
MOST_IMAGES: Final = 250
# Of a product as it is sent, in bytes: so that a page of products and a batch of offers fit one
# answer.
MOST_BYTES: Final = 256 * 1024
# Of a description in one language, in characters, markup included.
MOST_DESCRIPTION: Final = 65_536
MOST_SEO_TEXT: Final = 1_000
MOST_LOCALES: Final = 50
MOST_ATTRIBUTES: Final = 100
MOST_TAGS: Final = 250
# Of one variant.
MOST_OPTIONS: Final = 10
MOST_PRICES: Final = 200
MOST_WAREHOUSES: Final = 100
# A hundred tonnes: the mass of a full cart of it fits 64 bits.
MOST_WEIGHT_GRAMS: Final = 10**8
# The most that a cart takes of a variant, in 10^-scale units.
MOST_INCREMENT: Final = 1_000_000
# Part of every digest: raise it where the same input shall make another product.
_DIGEST_FORMAT: Final = b"1"
_IMAGE_URL: Final = re.compile(r"(https?://|/)[^\s\x00-\x1f<>\"]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DraftPrice:
    """`price_list` is empty for the default channel's list."""

    price_list: str
    currency: str
    amount_minor: int
    compare_at_minor: int | None


@dataclass(frozen=True, slots=True)
class DraftVariant:
    """A variant to be.

    `stock` is what to put on hand by warehouse code where nothing is known yet.
    """

    sku: str
    options: list[OptionValue]
    prices: list[DraftPrice]
    stock: dict[str, int]
    weight_grams: int
    tax_class: str
    barcode: str
    unit_code: str
    scale: int
    increment: int


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
    is_published: bool
    is_synthetic: bool
    variants: list[DraftVariant]

    def slug_in(self, locale: str) -> str:
        """A URL part made from the title, best from the one in `locale`."""
        return slug_of(localized(self.title, locale, locale)) or slug_of(self.external_id)


def refuse(line: int, field: str, why: str, *, most: int | None = None) -> NoReturn:
    """Raises InvalidImport that says where and why, and `most` where that is the limit.

    `path` is the field as other refusals name it.
    """
    allowed = {} if most is None else {"most": most}
    raise InvalidImport(
        f"line {line}: {field}: {why}", line=line, field=field, path=field, why=why, **allowed
    )


def require_at_most(most: int, count: int, line: int, field: str, unit: str) -> None:
    """Raises InvalidImport where there are more than `most`."""
    if count > most:
        refuse(line, field, f"must be at most {most} {unit}", most=most)


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


def draft_of(given: pb.ProductInput, *, line: int, digest: bytes) -> Draft:
    """The validated draft. Raises InvalidImport with the line and the field."""
    require_at_most(
        MOST_BYTES,
        given.ByteSize(),
        line,
        _largest_field(given),
        "bytes, the whole product together",
    )
    external_id = identity_of(given)
    if not 0 < len(external_id) <= 255:
        refuse(line, "external_id", "must have 1 to 255 characters", most=255)
    if given.slug and not is_slug(given.slug):
        refuse(line, "slug", "must be lower-case letters, digits and single hyphens")
    if given.category_slug and not is_slug(given.category_slug):
        refuse(line, "category_slug", "must be lower-case letters, digits and single hyphens")
    if given.synthetic:
        _refuse_shown(given, line)
    title = {locale: line_of(text) for locale, text in texts_of(given.title, line, "title").items()}
    if not any(title.values()) or max(map(len, title.values())) > 500:
        refuse(line, "title", "must have 1 to 500 characters in at least one language", most=500)
    description = texts_of(given.description, line, "description")
    for locale, html in description.items():
        require_at_most(MOST_DESCRIPTION, len(html), line, f"description[{locale!r}]", "characters")
    require_at_most(MOST_TAGS, len(given.tags), line, "tags", "tags")
    variants = _variants(given, line, external_id)
    return Draft(
        line=line,
        external_id=external_id,
        digest=digest,
        slug=given.slug,
        title={locale: text for locale, text in title.items() if text},
        description={locale: text_of(html) for locale, html in description.items()},
        brand=_short(given.brand, line, "brand"),
        category_slug=given.category_slug,
        images=_images(given.images, line),
        options=_options(variants),
        attributes=_attributes(given.attributes, line),
        tags=sorted({tag for each in given.tags if (tag := line_of(each)[:100])}),
        seo_title=_short(given.seo_title, line, "seo_title", most=MOST_SEO_TEXT),
        seo_description=_short(given.seo_description, line, "seo_description", most=MOST_SEO_TEXT),
        is_published=given.published,
        is_synthetic=given.synthetic,
        variants=variants,
    )


def _refuse_shown(given: pb.ProductInput, line: int) -> None:
    """A synthetic product is in no category and on no page."""
    for field in ("published", "category_slug"):
        if getattr(given, field):
            refuse(line, field, "must be empty: a synthetic product is never shown")


def texts_of(given: Mapping[str, str], line: int, field: str) -> dict[str, str]:
    """Texts by locale, in the order of locales.

    Raises InvalidImport where a key is no language tag.
    """
    require_at_most(MOST_LOCALES, len(given), line, field, "languages")
    for locale in given:
        if not LOCALE.fullmatch(locale):
            refuse(line, f"{field}[{locale[:20]!r}]", "is not a BCP 47 language tag")
    return {locale: given[locale] for locale in sorted(given)}


def _largest_field(given: pb.ProductInput) -> str:
    """Returns the description in a language if it is the larger part, else the product itself."""
    locale, text = max(given.description.items(), key=lambda each: len(each[1]), default=("", ""))
    return f"description[{locale[:20]!r}]" if 2 * len(text) > MOST_BYTES else "product"


def _short(text: str, line: int, field: str, *, most: int = 255) -> str:
    text = line_of(text)
    if len(text) > most:
        refuse(line, field, f"must have at most {most} characters", most=most)
    return text


def _images(given: Sequence[pb.Image], line: int) -> list[Image]:
    require_at_most(MOST_IMAGES, len(given), line, "images", "images")
    for number, image in enumerate(given):
        if len(image.url) > 2_000 or not _IMAGE_URL.fullmatch(image.url):
            refuse(line, f"images[{number}].url", "must be an http, https or root-relative URL")
    return [
        Image(image.url, _short(image.alt, line, f"images[{number}].alt", most=500))
        for number, image in enumerate(given)
    ]


def _attributes(given: Mapping[str, str], line: int) -> dict[str, str]:
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
        line_of(name): _short(given[name], line, f"attributes[{name!r}]") for name in sorted(given)
    }


def require_sold(draft: Draft, *, line: int, currencies: Collection[str]) -> None:
    """Raises InvalidImport for a price in a currency in which no channel sells."""
    for number, variant in enumerate(draft.variants):
        for position, price in enumerate(variant.prices):
            if price.currency not in currencies:
                refuse(
                    line,
                    f"variants[{number}].prices[{position}].price.currency",
                    f"no channel sells in {price.currency}",
                )


def _variants(given: pb.ProductInput, line: int, external_id: str) -> list[DraftVariant]:
    if not 0 < len(given.variants) <= MOST_VARIANTS:
        refuse(line, "variants", f"must be 1 to {MOST_VARIANTS}", most=MOST_VARIANTS)
    variants = [
        _variant(each, line, f"variants[{number}]", external_id)
        for number, each in enumerate(given.variants)
    ]
    names = [name for name, _ in variants[0].options]
    seen: set[tuple[str, ...]] = set()
    skus: set[str] = set()
    for number, variant in enumerate(variants):
        if [name for name, _ in variant.options] != names:
            refuse(
                line,
                f"variants[{number}].options",
                "must have the same names, in the same order, as the first variant's",
            )
        values = tuple(value for _, value in variant.options)
        if values in seen:
            refuse(line, f"variants[{number}].options", "another variant has the same values")
        if variant.sku in skus:
            refuse(line, f"variants[{number}].sku", "another variant has the same SKU")
        seen.add(values)
        skus.add(variant.sku)
    return variants


def _variant(given: pb.VariantInput, line: int, field: str, external_id: str) -> DraftVariant:
    require_at_most(MOST_OPTIONS, len(given.options), line, f"{field}.options", "options")
    options = [
        OptionValue(
            _short(each.name, line, f"{field}.options.name"),
            _short(each.value, line, f"{field}.options.value"),
        )
        for each in given.options
    ]
    if any(
        not name or not value or "=" in name or name in RESERVED_NAMES for name, value in options
    ):
        refuse(
            line,
            f"{field}.options",
            "a name is not empty, no facet's of every product, and has no equals sign; a value is "
            "not empty",
        )
    if not 0 <= given.weight_grams <= MOST_WEIGHT_GRAMS:
        refuse(
            line,
            f"{field}.weight_grams",
            f"must be 0 to {MOST_WEIGHT_GRAMS}",
            most=MOST_WEIGHT_GRAMS,
        )
    if not 0 <= given.scale <= 6:
        refuse(line, f"{field}.scale", "must be 0 to 6", most=6)
    if not 0 <= given.increment <= MOST_INCREMENT:
        refuse(line, f"{field}.increment", f"must be 0 to {MOST_INCREMENT}", most=MOST_INCREMENT)
    require_at_most(
        MOST_WAREHOUSES, len(given.initial_stock), line, f"{field}.initial_stock", "warehouses"
    )
    for warehouse, count in given.initial_stock.items():
        if not 0 <= count <= MOST_ON_HAND:
            refuse(
                line,
                f"{field}.initial_stock[{warehouse[:40]!r}]",
                f"must be 0 to {MOST_ON_HAND}",
                most=MOST_ON_HAND,
            )
    return DraftVariant(
        sku=_short(given.sku, line, f"{field}.sku") or _made_sku(external_id, options),
        options=options,
        prices=_prices(given.prices, line, f"{field}.prices"),
        stock=dict(given.initial_stock),
        weight_grams=given.weight_grams,
        tax_class=_tax_class(given.tax_class, line, f"{field}.tax_class"),
        barcode=_short(given.barcode, line, f"{field}.barcode"),
        unit_code=_short(given.unit_code, line, f"{field}.unit_code") or PIECE,
        scale=given.scale,
        increment=given.increment or 1,
    )


def _tax_class(given: str, line: int, field: str) -> str:
    found = given.strip() or STANDARD_TAX_CLASS
    if found not in TAX_CLASSES:
        refuse(line, field, f"must be one of {', '.join(TAX_CLASSES)}")
    return found


def _made_sku(external_id: str, options: Iterable[OptionValue]) -> str:
    return "-".join([external_id, *(slug_of(value) or value for _, value in options)])[:255]


def _prices(given: Sequence[pb.PriceInput], line: int, field: str) -> list[DraftPrice]:
    if not given:
        refuse(line, field, "must have at least one price")
    require_at_most(MOST_PRICES, len(given), line, field, "prices")
    found: dict[tuple[str, str], DraftPrice] = {}
    for number, each in enumerate(given):
        where = f"{field}[{number}]"
        try:
            exponent(each.price.currency)
        except UnknownCurrency:
            refuse(line, f"{where}.price.currency", "is not an active ISO 4217 code")
        if not 0 <= each.price.amount_minor <= MOST_MINOR:
            refuse(
                line, f"{where}.price.amount_minor", f"must be 0 to {MOST_MINOR}", most=MOST_MINOR
            )
        before = each.compare_at.amount_minor if each.HasField("compare_at") else None
        if before is not None and (
            each.compare_at.currency != each.price.currency or before <= each.price.amount_minor
        ):
            refuse(line, f"{where}.compare_at", "must be above the price, in its currency")
        if before is not None and before > MOST_MINOR:
            refuse(
                line,
                f"{where}.compare_at.amount_minor",
                f"must be at most {MOST_MINOR}",
                most=MOST_MINOR,
            )
        if (each.price_list, each.price.currency) in found:
            refuse(line, where, "another price has the same list and currency")
        found[each.price_list, each.price.currency] = DraftPrice(
            each.price_list, each.price.currency, each.price.amount_minor, before
        )
    return list(found.values())


def _options(variants: Sequence[DraftVariant]) -> list[Option]:
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options:
            values.setdefault(name, {})[value] = None
    return [Option(name, list(found)) for name, found in values.items()]

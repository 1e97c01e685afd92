"""Drafts of pages: what staff write of one, made safe, with what it names found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select

from catalog.categories.model import Category
from catalog.channels.model import LOCALE
from catalog.content_pages.model import PageContent, PageFormat, Section, SectionKind
from catalog.content_pages.safe_html import safe_html
from catalog.errors import InvalidPage
from catalog.products.model import Product
from catalog.products.plain_text import line_of
from catalog.slugs import is_slug
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

# Of all texts in all languages together, in UTF-8.
MOST_BYTES: Final = 256 * 1024
_IDS: Final = prepare(
    select(Product.slug, Product.id).where(
        one_of(Product.slug, "slugs"), col(Product.deleted_at).is_(None)
    )
)
_CATEGORY_IDS: Final = prepare(
    select(Category.slug, Category.id).where(one_of(Category.slug, "slugs"))
)


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """A part of a page as staff name it; `section` has all but the ids."""

    section: Section
    product_slugs: Sequence[str] = ()
    category_slug: str = ""


@dataclass(frozen=True, slots=True)
class ContentDraft:
    """The content of a page as staff name it.

    `product_slugs` or `sections` of None leave what is there.
    """

    title: Mapping[str, str]
    body: Mapping[str, str]
    product_slugs: Sequence[str] | None
    sections: Sequence[SectionDraft] | None
    format: PageFormat = PageFormat.MARKDOWN
    campaign: str = ""

    @classmethod
    def of_changes(cls, content: PageContent, values: Mapping[str, Any]) -> "ContentDraft":
        """Returns content with changes by the names of fields; texts merge by language."""
        title, body = dict(content.title), dict(content.body)
        if "title" in values:
            title = title | texts_of(values["title"], is_line=True) if values["title"] else {}
        if "body" in values:
            body = body | texts_of(values["body"]) if values["body"] else {}
        return cls(
            title=title,
            body=body,
            product_slugs=values.get("product_slugs"),
            sections=values.get("sections"),
            format=values.get("format", content.format),
            campaign=values.get("campaign", content.campaign),
        )


@dataclass(slots=True)
class _Named:
    products: dict[str, UUID] = field(default_factory=dict)
    categories: dict[str, UUID] = field(default_factory=dict)


def texts_of(given: Mapping[str, str], *, is_line: bool = False) -> dict[str, str]:
    """Returns texts by language. Raises InvalidPage for a wrong language tag."""
    found: dict[str, str] = {}
    for locale in sorted(given):
        if not LOCALE.fullmatch(locale):
            raise InvalidPage("texts are by BCP 47 language tag", locale=locale[:20])
        found[locale] = line_of(given[locale]) if is_line else given[locale].replace("\x00", "")
    return found


async def resolve_content(
    read: Read, draft: ContentDraft, *, root: str = "page.", old: PageContent | None = None
) -> PageContent:
    """Returns safe content with the ids of what it names; `old` has what the draft leaves.

    Raises InvalidPage with the place below `root`.
    """
    named = await _find(read, draft)
    title = {locale: text for locale, text in sorted(draft.title.items()) if text}
    body = {locale: text for locale, text in sorted(draft.body.items()) if text}
    if draft.format is PageFormat.HTML:
        body = {locale: safe_html(text) for locale, text in body.items()}
    product_ids = old.product_ids if old else []
    if draft.product_slugs is not None:
        product_ids = _product_ids(named, draft.product_slugs, f"{root}product_slugs")
    sections = old.sections if old else []
    if draft.sections is not None:
        sections = [
            _section(named, each, f"{root}sections[{number}]")
            for number, each in enumerate(draft.sections)
        ]
    return PageContent(
        title=title,
        body=body,
        product_ids=product_ids,
        format=draft.format,
        sections=sections,
        campaign=line_of(draft.campaign),
    )


def require_content(content: PageContent, *, root: str = "page.") -> None:
    """Raises InvalidPage for content without a title or with too many bytes."""
    if not content.title:
        raise InvalidPage("needs a slug and a title", path=f"{root}title")
    texts = [*content.title.values(), *content.body.values()]
    for section in content.sections:
        texts += [*section.title.values(), *section.html.values(), *section.image_alt.values()]
    if sum(len(text.encode()) for text in texts) > MOST_BYTES:
        raise InvalidPage(
            f"a page has at most {MOST_BYTES} bytes", path=f"{root}body", most=MOST_BYTES
        )


async def _find(read: Read, draft: ContentDraft) -> _Named:
    sections = draft.sections or ()
    products = {*(draft.product_slugs or ()), *(s for each in sections for s in each.product_slugs)}
    categories = {each.category_slug for each in sections if each.category_slug}
    named = _Named()
    if slugs := sorted(slug for slug in products if is_slug(slug)):
        named.products = dict(await read.all(_IDS, slugs=slugs))
    if slugs := sorted(slug for slug in categories if is_slug(slug)):
        named.categories = dict(await read.all(_CATEGORY_IDS, slugs=slugs))
    return named


def _product_ids(named: _Named, slugs: Sequence[str], path: str) -> list[UUID]:
    for number, slug in enumerate(slugs):
        if slug not in named.products:
            raise InvalidPage(
                "it shows an unknown product", path=f"{path}[{number}]", product_slug=slug[:80]
            )
    return [named.products[slug] for slug in dict.fromkeys(slugs)]


def _section(named: _Named, draft: SectionDraft, path: str) -> Section:
    given = draft.section
    section = replace(
        given,
        title={key: text for key, text in texts_of(given.title, is_line=True).items() if text},
        html={key: safe_html(text) for key, text in texts_of(given.html).items() if text},
        image_alt=texts_of(given.image_alt, is_line=True),
        product_ids=_product_ids(named, draft.product_slugs, f"{path}.product_slugs"),
    )
    match section.kind:
        case SectionKind.TEXT:
            _require(bool(section.html), f"{path}.html", "a text has HTML")
        case SectionKind.IMAGE:
            _require(bool(section.image_url), f"{path}.image_url", "an image has a picture")
        case SectionKind.PRODUCTS:
            _require(bool(section.product_ids), f"{path}.product_slugs", "names products")
        case SectionKind.CATEGORY:
            category_id = named.categories.get(draft.category_slug)
            _require(category_id is not None, f"{path}.category_slug", "no category has this slug")
            section = replace(section, category_id=category_id)
        case SectionKind.BLOCK:
            _require(is_slug(section.block), f"{path}.block", "is a slug")
    return section


def _require(is_there: bool, path: str, said: str) -> None:
    if not is_there:
        raise InvalidPage(said, path=path)

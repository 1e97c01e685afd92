"""Heads of pages: canonical address, languages, texts with their fallbacks, structured data."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from catalog.categories.model import Category, CategoryTree
from catalog.channels.model import View
from catalog.products.plain_text import line_of, text_of
from catalog.seo.json_ld import (
    breadcrumb_document,
    collection_document,
    organization_document,
    product_document,
    web_page_document,
)
from catalog.seo.links import Links, slug_in
from catalog.seo.model import SeoKind, SeoSetting, SeoText
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.page_head_pb2 import OpenGraph, PageHead

# Search engines show about so much of a description.
MOST_DESCRIPTION: Final = 160
_PRODUCT: Final = "product"
_WEBSITE: Final = "website"


def product_head(
    page: pb.Product,
    view: View,
    links: Links,
    crumbs: Sequence[tuple[str, str]],
    rating: tuple[float, int] | None = None,
) -> PageHead:
    """Returns the head of a product's page from what is stored of it.

    `crumbs` are (name, address) of its categories from the root.
    """
    stored = page.head
    slugs = {each.locale: each.url for each in stored.alternates if each.locale}
    usual = next((each.url for each in stored.alternates if not each.locale), page.slug)
    text = SeoText(
        title=stored.title or page.seo_title,
        description=stored.description or page.seo_description,
        og_title=stored.open_graph.title,
        og_description=stored.open_graph.description,
        og_image=stored.open_graph.image or (page.images[0].url if page.images else ""),
    )
    is_hidden = page.HasField("head") and not stored.indexed
    head = _head(
        SeoKind.PRODUCT, links, view, text, page.title, page.description, usual, slugs, is_hidden
    )
    url = head.canonical
    head.json_ld.append(
        product_document(
            page,
            url=url,
            description=shortened(page.description, most=5_000) or head.description,
            images=[links.absolute(image.url) for image in page.images],
            condition=links.storefront.condition.value,
            has_prices=not links.channel.hides_prices,
            rating=rating,
        )
    )
    head.json_ld.append(breadcrumb_document([*crumbs, (page.title, url)]))
    _add_organization(head, links)
    return head


def category_head(
    category: Category,
    tree: CategoryTree,
    view: View,
    links: Links,
    settings: Mapping[UUID, SeoSetting],
) -> PageHead:
    """Returns the head of a category's page."""
    setting = settings.get(category.id)
    text = setting.text_in(view.locale) if setting else SeoText()
    name = category.name_in(view.locale, links.channel.locales[0])
    head = _head(
        SeoKind.CATEGORY,
        links,
        view,
        text,
        name,
        "",
        category.slug,
        setting.slugs if setting else {},
        setting is not None and setting.is_hidden,
    )
    head.json_ld.append(collection_document(name, url=head.canonical, description=head.description))
    crumbs = category_crumbs(tree.way_to(category.id), view, links, settings)
    head.json_ld.append(breadcrumb_document(crumbs))
    _add_organization(head, links)
    return head


def page_head(
    page: pb.ContentPage, view: View, links: Links, usual: str, setting: SeoSetting | None
) -> PageHead:
    """Returns the head of a content page."""
    text = setting.text_in(view.locale) if setting else SeoText()
    head = _head(
        SeoKind.PAGE,
        links,
        view,
        text,
        page.title,
        page.body,
        usual,
        setting.slugs if setting else {},
        setting is not None and setting.is_hidden,
    )
    head.json_ld.append(
        web_page_document(
            page.title, url=head.canonical, description=head.description, locale=view.locale
        )
    )
    head.json_ld.append(breadcrumb_document([(page.title, head.canonical)]))
    _add_organization(head, links)
    return head


def category_crumbs(
    way: Sequence[Category], view: View, links: Links, settings: Mapping[UUID, SeoSetting]
) -> list[tuple[str, str]]:
    """Returns (name, address) of categories."""
    found: list[tuple[str, str]] = []
    for category in way:
        setting = settings.get(category.id)
        slug = slug_in(setting.slugs if setting else {}, view.locale, category.slug)
        name = category.name_in(view.locale, links.channel.locales[0])
        found.append((name, links.page(SeoKind.CATEGORY, slug, view.locale)))
    return found


def shortened(text: str, *, most: int = MOST_DESCRIPTION) -> str:
    """Returns the beginning of a text or of HTML as one line, cut between words."""
    line = line_of(text_of(text[: 4 * most]))
    if len(line) <= most:
        return line
    return line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def _head(
    kind: SeoKind, links: Links, view: View, text: SeoText, name: str, body: str, usual: str,
    slugs: Mapping[str, str], is_hidden: bool,
) -> PageHead:  # fmt: skip
    canonical = links.page(kind, slug_in(slugs, view.locale, usual), view.locale)
    title = text.title or name
    description = text.description or shortened(body)
    return PageHead(
        canonical=canonical,
        alternates=links.alternates(kind, usual, slugs),
        title=title,
        description=description,
        open_graph=OpenGraph(
            title=text.og_title or title,
            description=text.og_description or description,
            image=links.absolute(text.og_image) if text.og_image else "",
            url=canonical,
            type=_PRODUCT if kind is SeoKind.PRODUCT else _WEBSITE,
            site_name=links.organization,
            locale=view.locale.replace("-", "_"),
        ),
        indexed=not is_hidden and not links.storefront.is_hidden,
    )


def _add_organization(head: PageHead, links: Links) -> None:
    url = links.base_url or "/"
    head.json_ld.append(
        organization_document(links.organization, url=url, logo=links.storefront.logo_url)
    )

"""Content pages as shoppers see them: with products, categories and blocks that they name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog.channels.model import View, localized
from catalog.content_pages.model import (
    Page,
    PageContent,
    PageFormat,
    Section,
    SectionKind,
    live_blocks,
)
from catalog.content_pages.queries import product_ids_of
from catalog.content_pages.wire import FORMATS, encode_content_page, encode_section
from catalog.listings import model as listings
from catalog.listings.facets import Filters
from catalog.listings.model import Sort
from catalog.listings.wire import encode_cards
from catalog.reservations.actions import CatalogContext
from catalog.seo.directory import SeoContext
from catalog.seo.heads import page_head
from catalog.seo.links import slug_in
from catalog.seo.model import SeoKind, SeoSetting
from chassis.data.tx import Read
from sojourn.catalog.v1 import catalog_pb2 as pb

_USUAL_LIMIT: Final = 12


@dataclass(frozen=True, slots=True)
class Showing:
    """Channel, language and currency in which a page is shown."""

    context: CatalogContext
    seo: SeoContext
    view: View

    @property
    def fallback(self) -> str:
        return self.context.channels.by_code[self.view.channel].locales[0]


async def show_page(
    read: Read, showing: Showing, page: Page, content: PageContent | None = None
) -> pb.ContentPage:
    """Returns a page with its head; `content` in place of what is published."""
    setting = await read.get(SeoSetting, SeoKind.PAGE, page.id)
    shown = await show_content(read, showing, page, content or page.content)
    text = setting.text_in(showing.view.locale) if setting else None
    shown.slug = (text.slug if text else "") or page.slug
    links = showing.seo.links(showing.context, showing.view.channel)
    shown.head.CopyFrom(page_head(shown, showing.view, links, page.slug, setting))
    return shown


async def show_content(
    read: Read, showing: Showing, page: Page, content: PageContent
) -> pb.ContentPage:
    """Returns content with the products, categories and blocks that it names."""
    view, fallback = showing.view, showing.fallback
    newest = await _newest(read, showing, content.sections)
    ids = {*product_ids_of([content]), *(id for found in newest.values() for id in found)}
    cards = await listings.cards_of(read, view, sorted(ids))
    named = [each.block for each in content.sections if each.kind is SectionKind.BLOCK]
    blocks = await live_blocks(read, view.channel, named)
    shown = encode_content_page(page, content, view, fallback, cards)
    for number, section in enumerate(content.sections):
        message = encode_section(section, view, fallback, cards)
        if section.kind is SectionKind.BLOCK:
            block = blocks.get(section.block)
            if block is None:
                continue
            _add_block(message, block, view, fallback)
        if section.kind is SectionKind.CATEGORY:
            category = showing.context.tree.by_id.get(section.category_id or UUID(int=0))
            if category is None:
                continue
            found = showing.seo.categories.get(category.id)
            slugs = found.slugs if found else {}
            message.category.slug = slug_in(slugs, view.locale, category.slug)
            message.category.name = category.name_in(view.locale, fallback)
            message.products.extend(encode_cards(newest.get(number, ()), cards))
        shown.sections.append(message)
    return shown


async def _newest(
    read: Read, showing: Showing, sections: Sequence[Section]
) -> Mapping[int, list[UUID]]:
    """Returns the newest products of categories, by the numbers of their sections."""
    found: dict[int, list[UUID]] = {}
    tree = showing.context.tree
    for number, section in enumerate(sections):
        if section.kind is not SectionKind.CATEGORY or section.category_id not in tree.by_id:
            continue
        branch = tree.below(tree.by_id[section.category_id])
        entries = await listings.entries(
            read,
            showing.view,
            category_ids=[each.id for each in branch],
            sort=Sort.NEWEST,
            filters=Filters(),
            after=None,
            size=section.limit or _USUAL_LIMIT,
        )
        found[number] = [entry.product_id for entry in entries]
    return found


def _add_block(message: pb.PageSection, block: Page, view: View, fallback: str) -> None:
    """Adds the text of a block; what is Markdown stays it."""
    message.html = localized(block.body, view.locale, fallback)
    message.title = message.title or localized(block.title, view.locale, fallback)
    message.format = FORMATS.encode(PageFormat(block.format))

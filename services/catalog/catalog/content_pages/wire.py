"""Content pages as messages, and back."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from google.protobuf.message import Message

from catalog.categories.model import CategoryTree
from catalog.channels.model import View, localized
from catalog.content_pages.actions import FIELDS
from catalog.content_pages.drafts import ContentDraft, SectionDraft, texts_of
from catalog.content_pages.model import (
    Page,
    PageContent,
    PageFormat,
    PageKind,
    PageVersion,
    Section,
    SectionKind,
)
from catalog.errors import InvalidPage
from catalog.listings.wire import encode_cards
from catalog.products.own_data import document_of, struct_of
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import catalog_pb2 as catalog_pb
from sojourn.catalog.v1 import content_pb2 as pb

KINDS: Final = EnumCodec(catalog_pb.PageKind, PageKind, unspecified=PageKind.PAGE)
FORMATS: Final = EnumCodec(catalog_pb.PageFormat, PageFormat, unspecified=PageFormat.MARKDOWN)
_SECTIONS: Final = EnumCodec(catalog_pb.PageSectionKind, SectionKind)


def draft_of(given: pb.PageInput) -> ContentDraft:
    """Returns the content of a page to make. Raises InvalidPage."""
    return ContentDraft(
        title=texts_of(given.title, is_line=True),
        body=texts_of(given.body),
        product_slugs=list(given.product_slugs),
        sections=_sections_of(given.sections),
        format=FORMATS.decode(given.format),
        campaign=given.campaign,
    )


def values_of(request: pb.UpdatePageRequest) -> dict[str, Any]:
    """Returns the fields that change, by name. Raises InvalidPage for one that is none."""
    given = request.page
    found: dict[str, Any] = {}
    for name in request.update_mask:
        match name:
            case "title" | "body":
                found[name] = dict(getattr(given, name))
            case "format":
                found[name] = FORMATS.decode(given.format)
            case "sections":
                found[name] = _sections_of(given.sections)
            case "product_slugs":
                found[name] = list(given.product_slugs)
            case "slug" | "campaign":
                found[name] = getattr(given, name)
            case "metadata":
                found[name] = document_of(given.metadata)
            case _:
                raise InvalidPage(f"a field is one of {', '.join(FIELDS)}", path="update_mask")
    return found


def time_of(request: Message, name: str) -> datetime | None:
    """Returns the time in a field, or None where it is not set."""
    if not request.HasField(name):
        return None
    found: datetime = getattr(request, name).ToDatetime(UTC)
    return found


def encode_staff_page(
    page: Page, content: PageContent, slugs: Mapping[UUID, str], tree: CategoryTree, now: datetime
) -> pb.StaffPage:
    """Returns a page with the content of its newest version."""
    return pb.StaffPage(
        id=str(page.id),
        slug=page.slug,
        kind=KINDS.encode(page.kind),
        channel=page.channel,
        title=content.title,
        body=content.body,
        format=FORMATS.encode(content.format),
        sections=[_encode_section(each, slugs, tree) for each in content.sections],
        product_slugs=[slugs[id] for id in content.product_ids if id in slugs],
        campaign=content.campaign,
        number=max(page.number, 1),
        published_number=(page.published_number or 1) if page.is_published else 0,
        publish_from=timestamp(page.publish_from),
        publish_until=timestamp(page.publish_until),
        live=page.is_live(now),
        version=page.version,
        updated_at=timestamp(page.updated_at),
        metadata=struct_of(page.own_data),
    )


def encode_version(version: PageVersion) -> pb.PageVersion:
    return pb.PageVersion(
        number=version.number,
        created_at=timestamp(version.created_at),
        actor_id=str(version.actor_id),
        title=version.content.title,
        body=version.content.body,
        format=FORMATS.encode(version.content.format),
        rolled_back_to=version.rolled_back_to,
    )


def encode_content_page(
    page: Page,
    content: PageContent,
    view: View,
    fallback: str,
    cards: Mapping[UUID, bytes],
) -> catalog_pb.ContentPage:
    """Returns content as shoppers see it, without its sections."""
    return catalog_pb.ContentPage(
        slug=page.slug,
        title=localized(content.title, view.locale, fallback),
        body=localized(content.body, view.locale, fallback),
        products=encode_cards(content.product_ids, cards),
        version=page.version,
        locale=view.locale,
        kind=KINDS.encode(page.kind),
        format=FORMATS.encode(content.format),
        campaign=content.campaign,
    )


def encode_section(
    section: Section, view: View, fallback: str, cards: Mapping[UUID, bytes]
) -> catalog_pb.PageSection:
    """Returns a part as shoppers see it; its category and its block are yet to be added."""
    found = catalog_pb.PageSection(
        kind=_SECTIONS.encode(section.kind),
        title=localized(section.title, view.locale, fallback),
        html=localized(section.html, view.locale, fallback),
        link_url=section.link_url,
        products=encode_cards(section.product_ids, cards),
        block=section.block,
        format=catalog_pb.PAGE_FORMAT_HTML,
    )
    if section.image_url:
        found.image.url = section.image_url
        found.image.alt = localized(section.image_alt, view.locale, fallback)
    return found


def _sections_of(given: Iterable[pb.StaffPageSection]) -> list[SectionDraft]:
    return [
        SectionDraft(
            Section(
                kind=_SECTIONS.decode(each.kind),
                title=dict(each.title),
                html=dict(each.html),
                image_url=each.image_url,
                image_alt=dict(each.image_alt),
                link_url=each.link_url,
                limit=each.limit,
                block=each.block,
            ),
            list(each.product_slugs),
            each.category_slug,
        )
        for each in given
    ]


def _encode_section(
    section: Section, slugs: Mapping[UUID, str], tree: CategoryTree
) -> pb.StaffPageSection:
    category = tree.by_id.get(section.category_id) if section.category_id else None
    return pb.StaffPageSection(
        kind=_SECTIONS.encode(section.kind),
        title=section.title,
        html=section.html,
        image_url=section.image_url,
        image_alt=section.image_alt,
        link_url=section.link_url,
        product_slugs=[slugs[id] for id in section.product_ids if id in slugs],
        category_slug=category.slug if category else "",
        limit=section.limit,
        block=section.block,
    )

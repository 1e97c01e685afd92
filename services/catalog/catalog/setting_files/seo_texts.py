"""Records of texts for search engines, URL parts by language, and URL parts of before."""

from typing import Any, Final, LiteralString
from uuid import UUID

from catalog.errors import InvalidSeoSetting
from catalog.seo.actions import update_seo_setting
from catalog.seo.model import SeoKind, SeoSetting, SeoText, SlugName
from catalog.seo.queries import usual_slug_holder
from catalog.seo.slug_names import add_former_names, names_of
from catalog.seo.wire import KINDS, encode_seo_setting, values_of
from catalog.setting_files.model import (
    Placed,
    Position,
    SettingKind,
    copy_fields,
)
from catalog.stock.changed_levels import CatalogContext
from chassis.data.tx import Read, Tx
from sojourn.catalog.v1 import seo_pb2
from sojourn.catalog.v1 import setting_records_pb2 as pb

_HAS_SOME: Final = (
    " (EXISTS (SELECT FROM seo_setting s WHERE s.kind = %(kind)s AND s.owner_id = o.id)"
    " OR EXISTS (SELECT FROM slug_name n WHERE n.kind = %(kind)s AND n.owner_id = o.id))"
)
# Owners after a position (channel, slug): id, channel, slug.
_OWNERS: Final[dict[SeoKind, LiteralString]] = {
    SeoKind.CATEGORY: "SELECT o.id, '', o.slug FROM category o WHERE o.slug > %(slug)s AND"
    + _HAS_SOME
    + " ORDER BY o.slug LIMIT %(size)s",
    SeoKind.PAGE: "SELECT o.id, o.channel, o.slug FROM page o"
    " WHERE (o.channel, o.slug) > (%(channel)s, %(slug)s) AND"
    + _HAS_SOME
    + " ORDER BY o.channel, o.slug LIMIT %(size)s",
    SeoKind.PRODUCT: "SELECT o.id, '', o.slug FROM product o WHERE o.slug > %(slug)s"
    " AND o.deleted_at IS NULL AND NOT o.is_synthetic AND"
    + _HAS_SOME
    + " ORDER BY o.slug LIMIT %(size)s",
}


async def _seo_texts(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns categories, then pages, then products."""
    kind, channel, slug = after or (SeoKind.CATEGORY.value, "", "")
    found: list[Placed] = []
    for each in _OWNERS:
        if each.value < kind or len(found) == size:
            continue
        place = (channel, slug) if each.value == kind else ("", "")
        found += await _of_kind(read, each, place, size - len(found))
    return found


async def _of_kind(read: Read, kind: SeoKind, after: tuple[str, str], size: int) -> list[Placed]:
    values = {"kind": kind.value, "channel": after[0], "slug": after[1], "size": size}
    found = []
    for owner_id, channel, slug in await read.fetch(_OWNERS[kind], values):
        setting = await read.get(SeoSetting, kind, owner_id)
        names = await names_of(read, kind, owner_id)
        record = pb.SeoRecord(kind=KINDS.encode(kind), channel=channel, slug=slug)
        if setting is not None:
            copy_fields(encode_seo_setting(setting, slug), record)
        record.former_slugs.extend(
            pb.FormerSlugRecord(locale=locale, slug=former)
            for locale, former in sorted(_former(names, slug))
        )
        found.append(Placed((kind.value, channel, slug), record))
    return found


def _former(names: list[SlugName], slug: str) -> set[tuple[str, str]]:
    return {(name.locale, name.slug) for name in names if not name.is_current and name.slug != slug}


async def _owner(read: Read, context: CatalogContext, record: Any) -> tuple[UUID | None, str]:
    """Returns the owner that a record names, and its channel where it is a page."""
    kind = KINDS.decode(record.kind)
    channel = context.channels.channel(record.channel).code if kind is SeoKind.PAGE else ""
    return await usual_slug_holder(read, kind, channel, record.slug), channel


async def _seo_state(read: Read, context: CatalogContext, record: Any) -> object:
    owner_id, _ = await _owner(read, context, record)
    if owner_id is None:
        return None
    kind = KINDS.decode(record.kind)
    former = _former(await names_of(read, kind, owner_id), record.slug)
    setting = await read.get(SeoSetting, kind, owner_id)
    return (setting, former) if setting or former else None


async def _store_seo(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    owner_id, channel = await _owner(tx, context, record)
    kind = KINDS.decode(record.kind)
    if owner_id is None:
        raise InvalidSeoSetting(f"no {kind.value} has this slug", path="slug")
    before = await tx.get(SeoSetting, kind, owner_id)
    if before is not None or record.texts or record.hidden:
        request = seo_pb2.UpdateSeoSettingRequest(
            update_mask=["texts", "hidden"], texts=record.texts, hidden=record.hidden
        )
        values = values_of(request)
        if values["texts"] and before is not None:
            # A change merges languages: those that the record has not go.
            values["texts"] = {**dict.fromkeys(before.texts, SeoText()), **values["texts"]}
        await update_seo_setting(tx, context, kind, owner_id, values, actor_id=actor_id)
    former = [(each.locale, each.slug) for each in record.former_slugs]
    await add_former_names(tx, kind, owner_id, former, channel=channel)


SEO_TEXTS: Final = SettingKind(
    pb.SeoRecord,
    lambda record: ("slug", str(record.kind), record.channel, record.slug),
    _seo_texts,
    _seo_state,
    _store_seo,
    position_length=3,
)

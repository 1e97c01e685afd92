"""Staff's changes of texts for search engines, of URL parts by language, and of storefronts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from catalog import events
from catalog.categories.model import lock_tree
from catalog.channels.model import LOCALE, Channels
from catalog.content_pages.model import Page
from catalog.errors import InvalidSeoSetting, InvalidStorefront, SlugTaken
from catalog.listings.publish import announce, publish
from catalog.products import model as products
from catalog.products.plain_text import line_of, text_of
from catalog.products.store_drafts import lock_catalogue
from catalog.reservations.actions import CatalogContext
from catalog.seo.model import SeoKind, SeoSetting, SeoText, Storefront, raise_seo_version
from catalog.seo.queries import get_storefront, usual_slug, usual_slug_holder
from catalog.seo.slug_names import set_localized_slugs
from catalog.slugs import is_slug
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch

FIELDS: Final = ("texts", "hidden")
STOREFRONT_FIELDS: Final = (
    "base_url", "product_path", "category_path", "page_path", "organization_name", "logo_url",
    "is_hidden", "disallowed_paths", "condition", "shipping",
)  # fmt: skip


async def update_seo_setting(
    tx: Tx,
    context: CatalogContext,
    kind: SeoKind,
    owner_id: UUID,
    values: Mapping[str, Any],
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> SeoSetting:
    """Changes texts of a product, category or page; what is the same keeps its version.

    Raises SeoOwnerNotFound, InvalidSeoSetting, SlugTaken, VersionMismatch.
    """
    await _lock_owner(tx, kind, owner_id)
    slug, channel = await usual_slug(tx, kind, owner_id)
    before = await tx.lock(SeoSetting, kind, owner_id)
    _require_version(before, expected_version)
    texts = dict(before.texts) if before else {}
    if "texts" in values:
        texts = _merged(texts, values["texts"]) if values["texts"] else {}
    hidden = values.get("hidden", before.is_hidden if before else False)
    if before is not None and (texts, hidden) == (before.texts, before.is_hidden):
        return before
    after = SeoSetting(
        kind=kind,
        owner_id=owner_id,
        texts=texts,
        is_hidden=hidden,
        version=before.version if before else 1,
        updated_at=tx.now,
    )
    if after.slugs != (before.slugs if before else {}):
        await _set_slugs(tx, after, slug, channel)
    if before is None:
        await tx.insert(after)
    else:
        await tx.update(after)
    await _show(tx, context, kind, owner_id)
    await tx.emit(events.seo_setting_changed(kind, owner_id, after.version), key=owner_id)
    record_audit(
        tx,
        actor_id,
        "update_seo_setting",
        f"{kind}:{owner_id}",
        before=_told(before) if before else None,
        after=_told(after),
    )
    return after


async def delete_seo_setting(
    tx: Tx,
    context: CatalogContext,
    kind: SeoKind,
    owner_id: UUID,
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> None:
    """Deletes texts of an owner; its URL parts by language lead to the usual one.

    One that has none is passed over. Raises SeoOwnerNotFound, VersionMismatch.
    """
    await _lock_owner(tx, kind, owner_id)
    _, channel = await usual_slug(tx, kind, owner_id)
    before = await tx.lock(SeoSetting, kind, owner_id)
    _require_version(before, expected_version)
    if before is None:
        return
    await set_localized_slugs(tx, kind, owner_id, {}, channel=channel)
    await tx.delete(before)
    await _show(tx, context, kind, owner_id)
    await tx.emit(events.seo_setting_changed(kind, owner_id, 0), key=owner_id)
    record_audit(
        tx,
        actor_id,
        "delete_seo_setting",
        f"{kind}:{owner_id}",
        before=_told(before),
        after=None,
    )


async def update_storefront(
    tx: Tx,
    channels: Channels,
    code: str,
    values: Mapping[str, Any],
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> Storefront:
    """Changes the storefront of a channel; an empty value stands for the usual one.

    Raises UnknownChannel, InvalidStorefront, VersionMismatch.
    """
    # One writer of storefronts at a time: the first one of a channel has no row to lock.
    await raise_seo_version(tx)
    before = await get_storefront(tx, channels, code)
    if expected_version not in (0, before.version):
        raise VersionMismatch("the storefront changed meanwhile", version=before.version)
    after = before.copy_row(**values)
    after.require_valid()
    after.organization_name = line_of(after.organization_name)
    if len({each.lower() for each in after.disallowed_paths}) < len(after.disallowed_paths):
        raise InvalidStorefront("names a path once", path="storefront.disallowed_paths")
    if after == before and before.version:
        return before
    if before.version:
        await tx.update(after)
    else:
        after.version = 1
        await tx.insert(after)
    event = events.storefront_changed(after.channel, after.version)
    await tx.emit(event, key=f"storefront:{after.channel}")
    changed = [name for name in STOREFRONT_FIELDS if getattr(before, name) != getattr(after, name)]
    record_audit(
        tx,
        actor_id,
        "update_storefront",
        f"storefront:{after.channel}",
        before=_told_fields(before, changed) if before.version else None,
        after=_told_fields(after, changed),
    )
    return after


async def _lock_owner(tx: Tx, kind: SeoKind, owner_id: UUID) -> None:
    """Keeps other writers of slugs of this kind, and of this owner, waiting."""
    match kind:
        case SeoKind.PRODUCT:
            await lock_catalogue(tx)
            await products.lock_products(tx, [owner_id])
        case SeoKind.CATEGORY:
            await lock_tree(tx)
        case SeoKind.PAGE:
            await tx.lock(Page, owner_id)


async def _set_slugs(tx: Tx, setting: SeoSetting, usual: str, channel: str) -> None:
    for locale, slug in setting.slugs.items():
        path = f"texts.{locale}.slug"
        if not is_slug(slug):
            said = "must be lower-case letters, digits and single hyphens"
            raise InvalidSeoSetting(said, path=path)
        holder = await usual_slug_holder(tx, setting.kind, channel, slug)
        if holder not in (None, setting.owner_id):
            raise SlugTaken("another one has this slug", path=path, id=holder)
    # The usual one needs no row of its own.
    own = {locale: slug for locale, slug in setting.slugs.items() if slug != usual}
    await set_localized_slugs(tx, setting.kind, setting.owner_id, own, channel=channel)


async def _show(tx: Tx, context: CatalogContext, kind: SeoKind, owner_id: UUID) -> None:
    match kind:
        case SeoKind.PRODUCT:
            await products.raise_versions(tx, [owner_id])
            published = await publish(tx, context.channels, [owner_id])
            await announce(tx, context.tree, published)
        case SeoKind.CATEGORY:
            await raise_seo_version(tx)
        case SeoKind.PAGE:
            pass


def _merged(texts: Mapping[str, SeoText], given: Mapping[str, SeoText]) -> dict[str, SeoText]:
    found = dict(texts)
    for locale, text in given.items():
        if not LOCALE.fullmatch(locale):
            raise InvalidSeoSetting("is not a BCP 47 language tag", path=f"texts[{locale[:20]!r}]")
        clean = SeoText(
            slug=text.slug,
            title=line_of(text.title),
            description=line_of(text_of(text.description)),
            og_title=line_of(text.og_title),
            og_description=line_of(text_of(text.og_description)),
            og_image=text.og_image,
        )
        found[locale] = clean
    return {locale: found[locale] for locale in sorted(found) if not found[locale].is_empty}


def _require_version(before: SeoSetting | None, expected_version: int) -> None:
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the texts changed meanwhile", version=version)


def _told(setting: SeoSetting) -> dict[str, Any]:
    return {
        "slugs": setting.slugs,
        "languages": sorted(setting.texts),
        "hidden": setting.is_hidden,
        "version": setting.version,
    }


def _told_fields(storefront: Storefront, names: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"version": storefront.version}
    for name in names:
        value = getattr(storefront, name)
        told[name] = len(value) if isinstance(value, list) else value
    return told

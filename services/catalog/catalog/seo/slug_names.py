"""Names in the addresses of pages: those by language, and those that pages had before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlmodel import col, select

from catalog.errors import SlugTaken
from catalog.seo.model import SeoKind, SeoSetting, SlugName, raise_seo_version
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx

_CURRENT: Final = prepare(
    select(SlugName).where(
        col(SlugName.kind) == bindparam("kind"),
        col(SlugName.channel) == bindparam("channel"),
        one_of(SlugName.slug, "slugs"),
        col(SlugName.is_current),
    )
)
_OF_OWNER: Final = prepare(
    select(SlugName)
    .where(col(SlugName.kind) == bindparam("kind"), col(SlugName.owner_id) == bindparam("owner_id"))
    .order_by(col(SlugName.since), col(SlugName.locale), col(SlugName.slug))
)
_FORGET: Final = prepare(
    delete(SlugName).where(
        col(SlugName.kind) == bindparam("kind"), col(SlugName.owner_id) == bindparam("owner_id")
    )
)
_FORGET_TEXTS: Final = prepare(
    delete(SeoSetting).where(
        col(SeoSetting.kind) == bindparam("kind"), col(SeoSetting.owner_id) == bindparam("owner_id")
    )
)
_OWNERS: Final = (
    "SELECT owner_id FROM slug_name WHERE kind = %(kind)s AND channel = %(channel)s"
    " AND slug = %(slug)s"
    " ORDER BY is_current DESC, locale = %(locale)s DESC, since DESC, owner_id DESC LIMIT 1"
)
# A product's page is found by its own id: the name may be the one of another language.
_PRODUCT_NOW: Final = (
    "SELECT t.slug FROM listing_text t WHERE t.channel = %(channel)s AND t.locale = %(locale)s"
    " AND t.slug <> %(slug)s AND t.product_id = COALESCE("
    "(SELECT id FROM product WHERE slug = %(slug)s),"
    " (SELECT owner_id FROM slug_name WHERE kind = 'product' AND channel = '' AND slug = %(slug)s"
    " ORDER BY is_current DESC, locale = %(locale)s DESC, since DESC, owner_id DESC LIMIT 1))"
)


async def product_slug_now(read: Read, channel: str, locale: str, slug: str) -> str | None:
    """Returns where a product is now whose URL part was, or in another language is, `slug`."""
    values = {"channel": channel, "locale": locale, "slug": slug}
    found = await read.fetch_one(_PRODUCT_NOW, values)
    return str(found[0]) if found else None


async def owner_of_name(
    read: Read, kind: SeoKind, channel: str, locale: str, slug: str
) -> UUID | None:
    """Returns the category or page that a name leads to; one of the locale comes first."""
    values = {"kind": kind.value, "channel": channel, "locale": locale, "slug": slug}
    found = await read.fetch_one(_OWNERS, values)
    return found[0] if found else None


async def names_of(read: Read, kind: SeoKind, owner_id: UUID) -> list[SlugName]:
    """Returns all names of an owner but its usual one, the oldest first."""
    return await read.all(_OF_OWNER, kind=kind, owner_id=owner_id)


async def current_holders(
    read: Read, kind: SeoKind, slugs: Iterable[str], *, channel: str = ""
) -> dict[str, UUID]:
    """Returns owners by the names that are theirs now in some language."""
    asked = sorted({slug for slug in slugs if slug})
    if not asked:
        return {}
    rows: list[SlugName] = await read.all(_CURRENT, kind=kind, channel=channel, slugs=asked)
    return {row.slug: row.owner_id for row in rows}


async def require_free_name(
    read: Read, kind: SeoKind, slug: str, owner_id: UUID | None, *, channel: str = ""
) -> None:
    """Raises SlugTaken where another page has this URL part in some language."""
    holder = (await current_holders(read, kind, [slug], channel=channel)).get(slug)
    if holder not in (None, owner_id):
        raise SlugTaken("another one has this slug in a language", path="slug", id=holder)


async def record_former_slugs(
    tx: Tx, kind: SeoKind, former: Sequence[tuple[UUID, str]], *, channel: str = ""
) -> None:
    """Lets usual URL parts that owners had lead to them, in place of earlier owners."""
    rows = {
        slug: SlugName(
            kind=kind,
            channel=channel,
            locale="",
            slug=slug,
            owner_id=owner_id,
            is_current=False,
            since=tx.now,
        )
        for owner_id, slug in former
    }
    await tx.upsert_many(SlugName, list(rows.values()))


async def add_former_names(
    tx: Tx, kind: SeoKind, owner_id: UUID, names: Iterable[tuple[str, str]], *, channel: str = ""
) -> None:
    """Lets names (locale, slug) that an owner had lead to it; those that are known stay."""
    rows = [
        SlugName(
            kind=kind,
            channel=channel,
            locale=locale,
            slug=slug,
            owner_id=owner_id,
            is_current=False,
            since=tx.now,
        )
        for locale, slug in sorted(set(names))
    ]
    await tx.upsert_many(SlugName, rows, update=())


async def set_localized_slugs(
    tx: Tx, kind: SeoKind, owner_id: UUID, slugs: Mapping[str, str], *, channel: str = ""
) -> None:
    """Makes URL parts by language those of an owner; those that it had lead to them from now on.

    Raises SlugTaken where another owner has one of them now in that language.
    """
    for locale, slug in slugs.items():
        rows: list[SlugName] = await tx.all(_CURRENT, kind=kind, channel=channel, slugs=[slug])
        for row in rows:
            is_alike = row.locale.split("-")[0] == locale.split("-")[0]
            if row.owner_id != owner_id and is_alike:
                raise SlugTaken(
                    "another one has this slug", path=f"texts.{locale}.slug", id=row.owner_id
                )
    before = [row for row in await names_of(tx, kind, owner_id) if row.is_current]
    kept = {(locale, slug) for locale, slug in slugs.items()}
    former = [
        row.copy_row(is_current=False, since=tx.now)
        for row in before
        if (row.locale, row.slug) not in kept
    ]
    await tx.upsert_many(SlugName, former)
    current = [
        SlugName(
            kind=kind,
            channel=channel,
            locale=locale,
            slug=slug,
            owner_id=owner_id,
            is_current=True,
            since=tx.now,
        )
        for locale, slug in sorted(kept - {(row.locale, row.slug) for row in before})
    ]
    await tx.upsert_many(SlugName, current)


async def forget_names(tx: Tx, kind: SeoKind, owner_id: UUID) -> None:
    """Deletes the names of an owner that is gone, and its texts for search engines."""
    await tx.execute(_FORGET, kind=kind, owner_id=owner_id)
    await tx.execute(_FORGET_TEXTS, kind=kind, owner_id=owner_id)
    if kind is SeoKind.CATEGORY:
        await raise_seo_version(tx)

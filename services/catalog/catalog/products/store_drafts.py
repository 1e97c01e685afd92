"""Storing of drafts: products with their variants, prices and first stock.

Imports and staff store the same way. The number of statements does not depend on the number of
drafts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import BigInteger, func, literal, not_, or_, update
from sqlmodel import col, select

from catalog.bundles.prices import reprice_bundles
from catalog.categories.import_categories import add_at_root
from catalog.categories.model import CategoryTree, tree
from catalog.channels.model import Channels
from catalog.errors import InvalidImport, ReferenceTaken, SkuTaken, SlugTaken
from catalog.listings.publish import announce, publish
from catalog.products import model as products
from catalog.products.drafts import Draft
from catalog.products.model import (
    Option,
    Product,
    ProductExternalId,
    ProductState,
    Variant,
)
from catalog.products.refusals import NO_LINE, refuse
from catalog.products.store_offers import (
    Placed,
    cost_columns,
    emit_cost,
    store_prices,
    store_stock,
)
from catalog.products.variant_drafts import DraftVariant
from catalog.seo.model import SeoKind
from catalog.seo.slug_names import current_holders, record_former_slugs
from catalog.slugs import distinct
from chassis.data.rows import columns_of
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7

# One writer of slugs and SKUs at a time: two that met the same one would otherwise block or refuse
# each other.
_LOCK: Final = 0x43_41_49_4D
_TAKE_LOCK: Final = prepare(select(func.pg_advisory_xact_lock(literal(_LOCK, BigInteger()))))
_SLUG_HOLDERS: Final = prepare(
    select(Product.slug, Product.id).where(one_of(Product.slug, "slugs"))
)
_SKU_HOLDERS: Final = prepare(
    select(Variant).where(or_(one_of(Variant.sku, "skus"), one_of(Variant.imported_sku, "skus")))
)
_EDITED: Final = prepare(select(Product).where(one_of(Product.id, "product_ids")))
_OWN: Final = prepare(
    select(Variant).where(
        one_of(Variant.product_id, "product_ids"), col(Variant.is_own), col(Variant.is_active)
    )
)
_WRITTEN_OVER: Final = tuple(
    name for name in columns_of(Product) if name not in ("id", "created_at")
)
# Columns by the names that fields have in requests, where these differ.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "state": ("is_published", "is_sellable"),
    "category_slug": ("category_id",),
    "metadata": ("own_data",),
    "description": ("description", "rich_description"),
    "images": ("images", "image_details"),
    "active": ("is_active",),
    "unit_cost": ("cost_minor", "cost_currency"),
}
_RETIRE: Final = prepare(
    update(Variant)
    .where(
        one_of(Variant.product_id, "product_ids"),
        col(Variant.is_active),
        not_(col(Variant.is_own)),
        not_(one_of(Variant.id, "kept")),
    )
    .values(is_active=False)
)


@dataclass(frozen=True, slots=True)
class Known:
    """A product that the source named before."""

    product_id: UUID
    digest: bytes
    slug: str


async def lock_catalogue(tx: Tx) -> None:
    """Keeps other writers of slugs and SKUs waiting until the end of the transaction."""
    await tx.one(_TAKE_LOCK)


async def store_drafts(
    tx: Tx,
    channels: Channels,
    source: str,
    drafts: Sequence[Draft],
    known: Mapping[str, Known],
    ids: Mapping[str, UUID],
) -> None:
    """Writes drafts in place of what is there, and publishes them.

    `ids` has the product of each draft by its external id. Call it with the catalogue locked.
    Raises InvalidImport, or InvalidProduct for drafts without a line.
    """
    changed = sorted(ids[draft.external_id] for draft in drafts)
    updated = [
        known[draft.external_id].product_id for draft in drafts if draft.external_id in known
    ]
    held = await _variants_of(tx, drafts, ids)
    placed = [
        Placed(variant, draft.line, f"variants[{number}]", ids[draft.external_id], row.id)
        for draft in drafts
        for number, variant in enumerate(draft.variants)
        for row in [held[variant.sku]]
    ]
    # Stock before products: the order in which reservations lock them.
    await store_stock(tx, placed)
    versions = await products.lock_products(tx, changed)
    before = {row.id: row for row in await tx.all(_EDITED, product_ids=updated)} if updated else {}
    categories = await _categories(tx, channels, drafts)
    slugs = await _slugs(tx, channels.default.locales[0], source, drafts, known, ids)
    own = await _own_variants(tx, updated)
    try:
        rows = [
            _product(tx, draft, ids[draft.external_id], versions, slugs, categories)
            for draft in drafts
        ]
        rows = [
            _kept(row, draft, before.get(row.id), own.get(row.id, []))
            for row, draft in zip(rows, drafts, strict=True)
        ]
        await tx.upsert_many(Product, rows, update=_WRITTEN_OVER)
        await record_former_slugs(
            tx,
            SeoKind.PRODUCT,
            [
                (row.id, old.slug)
                for row in rows
                if (old := before.get(row.id)) and old.slug != row.slug
            ],
        )
        await _store_references(tx, source, drafts, ids)
        sold = [
            _variant(variant, position, ids[draft.external_id], held[variant.sku])
            for draft in drafts
            for position, variant in enumerate(draft.variants)
        ]
        await tx.upsert_many(Variant, sold)
        costs = {row.id: row.unit_cost for row in held.values()}
        for row in sold:
            await emit_cost(tx, row, before=costs.get(row.id))
    except psycopg.errors.UniqueViolation as error:
        raise InvalidImport(
            "products exchange slugs or SKUs; import them one after the other", line=0, field="slug"
        ) from error
    await store_prices(tx, channels, placed, replaced=updated)
    if updated:
        await tx.execute(_RETIRE, product_ids=updated, kept=[each.variant_id for each in placed])
    bundled = await reprice_bundles(tx, [each.variant_id for each in placed])
    if followed := [each for each in bundled if each not in ids.values()]:
        await products.lock_products(tx, followed)
        await products.raise_versions(tx, followed)
    await products.tell_indexes(tx, changed)
    published = await publish(tx, channels, sorted({*changed, *followed}))
    await announce(tx, categories, published)


async def _own_variants(tx: Tx, product_ids: Sequence[UUID]) -> dict[UUID, list[Variant]]:
    found: dict[UUID, list[Variant]] = {}
    for variant in await tx.all(_OWN, product_ids=list(product_ids)) if product_ids else ():
        found.setdefault(variant.product_id, []).append(variant)
    return found


def _kept(row: Product, draft: Draft, before: Product | None, own: Sequence[Variant]) -> Product:
    """Returns a row with what staff changed of the one before it."""
    if before is None:
        return row
    kept: dict[str, Any] = {
        column: getattr(before, column)
        for name in before.edited_fields
        for column in COLUMNS.get(name, (name,))
        if column in _WRITTEN_OVER
    }
    if row.is_synthetic:
        kept.pop("is_published", None)
    own_data = draft.own_data if draft.own_data is not None else before.own_data
    changed = {"own_data": own_data, "edited_fields": before.edited_fields, **kept}
    if own:
        options = {option.name: list(option.values) for option in row.options}
        for name, value in (pair for variant in own for pair in variant.options):
            if value not in options.setdefault(name, []):
                options[name].append(value)
        changed.setdefault("options", [Option(*each) for each in options.items()])
    return row.copy_row(**changed)


async def _store_references(
    tx: Tx, source: str, drafts: Sequence[Draft], ids: Mapping[str, UUID]
) -> None:
    wanted: dict[tuple[str, str], tuple[UUID, int]] = {}
    for draft in drafts:
        own = [(source, draft.external_id)] if draft.line != NO_LINE else []
        for pair in [*own, *draft.references]:
            product_id = ids[draft.external_id]
            if wanted.setdefault(pair, (product_id, draft.line))[0] != product_id:
                refuse(draft.line, "references", "another product has the same one")
    holders = await products.holders_of(tx, wanted)
    for pair, (product_id, line) in wanted.items():
        if holders.get(pair, product_id) != product_id:
            if line == NO_LINE:
                raise ReferenceTaken(
                    "another product has this id", path="references", product_id=holders[pair]
                )
            refuse(line, "references", "another product has the same one")
    rows = [
        ProductExternalId(source=source, external_id=external_id, product_id=product_id)
        for (source, external_id), (product_id, _) in wanted.items()
        if (source, external_id) not in holders
    ]
    await tx.upsert_many(ProductExternalId, rows)


async def _categories(tx: Tx, channels: Channels, drafts: Sequence[Draft]) -> CategoryTree:
    known = await tree(tx)
    missing = {
        draft.category_slug for draft in drafts if draft.category_slug
    } - known.by_slug.keys()
    if not missing:
        return known
    return await add_at_root(tx, sorted(missing), locale=channels.default.locales[0])


async def _slugs(
    tx: Tx,
    locale: str,
    source: str,
    drafts: Sequence[Draft],
    known: Mapping[str, Known],
    ids: Mapping[str, UUID],
) -> dict[UUID, str]:
    """Returns slugs by product: the given one, else the present one, else one from the title."""
    kept = {external_id: before.slug for external_id, before in known.items()}
    proposed = [
        draft.slug or kept.get(draft.external_id) or draft.slug_in(locale) for draft in drafts
    ]
    holders = await current_holders(tx, SeoKind.PRODUCT, proposed)
    holders |= dict(await tx.all(_SLUG_HOLDERS, slugs=proposed))
    slugs: dict[UUID, str] = {}
    for draft, slug in zip(drafts, proposed, strict=True):
        product_id = ids[draft.external_id]
        # A title without a letter that an address may have is called by a mark of its product.
        slug = slug or distinct("", f"{source}/{draft.external_id}/{product_id}")
        if holders.get(slug, product_id) != product_id:
            if draft.slug and draft.line == NO_LINE:
                raise SlugTaken("another product has this slug", path="slug", id=holders[slug])
            if draft.slug:
                refuse(draft.line, "slug", "another product has it")
            is_imported = draft.line != NO_LINE
            slug = distinct(
                slug, f"{source}/{draft.external_id}" if is_imported else str(product_id)
            )
        holders[slug] = product_id
        slugs[product_id] = slug
    return slugs


async def _variants_of(
    tx: Tx, drafts: Sequence[Draft], ids: Mapping[str, UUID]
) -> dict[str, Variant]:
    """Returns variants by the SKU that drafts name, empty ones for new.

    A SKU stays with its product.
    """
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    there: dict[str, Variant] = {}
    for row in await tx.all(_SKU_HOLDERS, skus=skus):
        there.setdefault(row.sku, row)
    for row in list(there.values()):
        # The SKU that staff gave a variant is none that an import knows.
        if row.imported_sku is not None:
            there[row.imported_sku] = row
    found: dict[str, Variant] = {}
    taken: set[UUID] = set()
    for draft in drafts:
        product_id = ids[draft.external_id]
        for number, variant in enumerate(draft.variants):
            row = there.get(variant.sku) or _new_variant(product_id)
            if variant.sku in found or row.product_id != product_id or row.id in taken:
                place = f"variants[{number}].sku"
                if draft.line == NO_LINE:
                    raise SkuTaken(
                        "another product has this SKU", path=place, product_id=row.product_id
                    )
                refuse(draft.line, place, "another product has it")
            taken.add(row.id)
            found[variant.sku] = row
    return found


def _new_variant(product_id: UUID) -> Variant:
    return Variant(
        id=uuid7(), product_id=product_id, sku="", options=[], position=0, weight_grams=0
    )


def _product(
    tx: Tx,
    draft: Draft,
    product_id: UUID,
    versions: Mapping[UUID, int],
    slugs: Mapping[UUID, str],
    categories: CategoryTree,
) -> Product:
    return Product(
        id=product_id,
        slug=slugs[product_id],
        category_id=categories.by_slug[draft.category_slug].id if draft.category_slug else None,
        brand=draft.brand,
        title=draft.title,
        description=draft.description,
        images=draft.images,
        options=draft.options,
        attributes=draft.attributes,
        tags=draft.tags,
        seo_title=draft.seo_title,
        seo_description=draft.seo_description,
        is_published=draft.state is not ProductState.HIDDEN,
        is_sellable=draft.state is not ProductState.UNAVAILABLE,
        own_data=draft.own_data or {},
        is_synthetic=draft.is_synthetic,
        rich_description=draft.rich_description,
        image_details=draft.image_details,
        content_digest=draft.digest,
        version=versions.get(product_id, 0) + 1,
        created_at=tx.now,
        updated_at=tx.now,
    )


def _variant(draft: DraftVariant, position: int, product_id: UUID, before: Variant) -> Variant:
    row = Variant(
        id=before.id,
        product_id=product_id,
        sku=draft.sku,
        options=draft.options,
        position=position,
        weight_grams=draft.weight_grams,
        volume_cm3=draft.volume_cm3,
        tax_class=draft.tax_class,
        barcode=draft.barcode,
        unit_code=draft.unit_code,
        scale=draft.scale,
        increment=draft.increment,
        is_active=draft.is_active,
        image_urls=draft.image_urls,
        imported_sku=before.imported_sku,
        edited_fields=before.edited_fields,
        is_bundle=before.is_bundle,
        kind=before.kind,
        own_data=before.own_data if draft.own_data is None else draft.own_data,
        **cost_columns(draft.unit_cost or before.unit_cost),
    )
    kept = {
        column: getattr(before, column)
        for name in before.edited_fields
        for column in COLUMNS.get(name, (name,))
    }
    return row.copy_row(**kept) if kept else row

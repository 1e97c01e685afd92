"""Products: create, change and delete them."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import psycopg

from catalog import events
from catalog.attributes.model import checked_attributes, definitions_of
from catalog.errors import (
    InvalidProduct,
    ProductNotFound,
    ReferenceTaken,
    SlugTaken,
)
from catalog.listings.publish import announce, publish
from catalog.products import model as products
from catalog.products.changes import (
    IMPORTED_FIELDS,
    OptionChange,
    ProductChanges,
    change_options,
    change_product,
)
from catalog.products.drafts import Draft
from catalog.products.model import Option, OptionValue, Product, ProductExternalId
from catalog.products.queries import lock_product, references_of, variants_of
from catalog.products.refusals import NO_LINE, refuse
from catalog.products.store_drafts import lock_catalogue, store_drafts
from catalog.products.variant_drafts import require_sold
from catalog.reservations.actions import CatalogContext
from catalog.seo.model import SeoKind
from catalog.seo.slug_names import forget_names, record_former_slugs, require_free_name
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

# Long texts have no place in an audit row: their languages tell enough.
_SHORT: Final = 200
_LONG: Final = frozenset({"description", "images", "options"})


async def create_product(
    tx: Tx, context: CatalogContext, draft: Draft, *, actor_id: UUID | None = None
) -> UUID:
    """Creates a product with its variants, prices and first stock, and publishes it.

    Returns its id. Raises InvalidProduct, SlugTaken, SkuTaken, ReferenceTaken.
    """
    if draft.external_id:
        refuse(NO_LINE, "external_id", "must be empty: `references` name ids in other systems")
    require_category(context, draft.category_slug)
    currencies = {each for channel in context.channels.all for each in channel.currencies}
    require_sold(draft.variants, line=NO_LINE, currencies=currencies)
    await lock_catalogue(tx)
    definitions = await definitions_of(tx, draft.attributes)
    attributes = checked_attributes(definitions, draft.attributes, line=NO_LINE)
    draft = replace(draft, attributes=attributes)
    product_id = uuid7()
    await store_drafts(tx, context.channels, "", [draft], {}, {"": product_id})
    after = {"slug": draft.slug, "state": draft.state.value, "variants": len(draft.variants)}
    record_audit(tx, actor_id, "create_product", subject_of(product_id), after=after)
    return product_id


async def update_product(
    tx: Tx,
    context: CatalogContext,
    product_id: UUID,
    changes: ProductChanges,
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> None:
    """Changes fields of a product, and publishes it.

    What is the same already keeps its version. Raises ProductNotFound, InvalidProduct, SlugTaken,
    ReferenceTaken, VersionMismatch.
    """
    if "slug" in changes or "references" in changes:
        await lock_catalogue(tx)
    before = await lock_product(tx, product_id)
    require_version(before, expected_version)
    after = change_product(before, changes)
    if "attributes" in changes:
        definitions = await definitions_of(tx, after.attributes)
        after.attributes = checked_attributes(definitions, after.attributes, line=NO_LINE)
    if "category_slug" in changes:
        category_slug = changes.values["category_slug"]
        require_category(context, category_slug)
        found = context.tree.by_slug[category_slug].id if category_slug else None
        after.category_id = found
    if "options" in changes:
        after.options = await _set_options(tx, before, changes.values["options"])
    has_references = await _set_references(tx, product_id, changes)
    if after.slug != before.slug:
        await _require_free_slug(tx, after)
        await record_former_slugs(tx, SeoKind.PRODUCT, [(product_id, before.slug)])
    edited = {name for name in changes.values if name in IMPORTED_FIELDS}
    changed = _differences(before, after)
    if changed and "edited_fields" not in changes:
        after.edited_fields = sorted({*before.edited_fields, *edited})
    elif "edited_fields" in changes and set(before.edited_fields) - set(after.edited_fields):
        # The next import of the same input sets what it may set again.
        after.content_digest = b""
    if not changed and not has_references and after == before:
        return
    await save_product(tx, context, after)
    record_audit(
        tx,
        actor_id,
        "update_product",
        subject_of(product_id),
        before={name: _told(name, old) for name, (old, _) in changed.items()},
        after={
            **{name: _told(name, new) for name, (_, new) in changed.items()},
            "version": after.version,
        },
    )


async def delete_product(
    tx: Tx,
    context: CatalogContext,
    product_id: UUID,
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> None:
    """Deletes a product: it is gone from every read, and what it was called is free.

    Its rows stay for orders and reservations that refer to them. A repeat changes nothing. Raises
    ProductNotFound, VersionMismatch.
    """
    product = await tx.lock(Product, product_id)
    if product is None:
        raise ProductNotFound(product_id=product_id)
    if product.deleted_at is not None:
        return
    require_version(product, expected_version)
    slug = product.slug
    product.slug, product.is_published, product.is_synthetic = f"deleted-{product_id}", False, False
    product.deleted_at = product.updated_at = tx.now
    await tx.update(product)
    await tx.run(_ARCHIVE_VARIANTS, {"product_id": product_id, "now": tx.now})
    await tx.run("DELETE FROM product_external_id WHERE product_id = %s", [product_id])
    await forget_names(tx, SeoKind.PRODUCT, product_id)
    await products.tell_indexes(tx, [product_id])
    published = await publish(tx, context.channels, [product_id])
    # Caches know the product by the slug that it had.
    await announce(tx, context.tree, [each.copy_row(slug=slug) for each in published])
    await tx.emit(events.product_deleted(product_id, slug), key=product_id)
    record_audit(
        tx,
        actor_id,
        "delete_product",
        subject_of(product_id),
        before={"slug": slug, "title": dict(product.title), "version": product.version - 1},
        after=None,
    )


async def save_product(tx: Tx, context: CatalogContext, product: Product) -> None:
    """Writes a locked product under its next version, and publishes it with its variants.

    Raises InvalidProduct where its category is gone meanwhile.
    """
    product.updated_at = tx.now
    try:
        await tx.update(product)
    except psycopg.errors.ForeignKeyViolation:
        raise InvalidProduct("the category is gone", path="category_slug") from None
    await products.tell_indexes(tx, [product.id])
    published = await publish(tx, context.channels, [product.id])
    await announce(tx, context.tree, published)


def require_version(product: Product, expected_version: int) -> None:
    """Raises VersionMismatch unless the caller saw this version, or says none."""
    if expected_version not in (0, product.version):
        raise VersionMismatch("the product changed meanwhile", version=product.version)


def require_category(context: CatalogContext, slug: str) -> None:
    """Raises InvalidProduct unless the category exists."""
    if slug and slug not in context.tree.by_slug:
        refuse(NO_LINE, "category_slug", "no category has this slug")


def subject_of(product_id: UUID) -> str:
    """Returns the name of a product in audit rows."""
    return f"product:{product_id}"


async def _set_options(tx: Tx, product: Product, given: list[OptionChange]) -> list[Option]:
    variants = await variants_of(tx, product.id)
    options, names = change_options(product, variants, given)
    order = list(names)
    for variant in variants:
        by_name = dict(variant.options)
        if by_name.keys() != names.keys():
            continue
        renamed = [OptionValue(names[name], by_name[name]) for name in order]
        if renamed != variant.options:
            variant.options = renamed
            variant.edited_fields = sorted({*variant.edited_fields, "options"})
            await tx.update(variant)
    return options


async def _set_references(tx: Tx, product_id: UUID, changes: ProductChanges) -> bool:
    """Replaces the ids in other systems. Returns whether they are others now."""
    if "references" not in changes:
        return False
    wanted = set(changes.values["references"])
    present = set(await references_of(tx, product_id))
    if wanted == present:
        return False
    for pair, holder in (await products.holders_of(tx, wanted)).items():
        if holder != product_id:
            at = changes.values["references"].index(pair)
            raise ReferenceTaken(
                "another product has this id", path=f"references[{at}]", product_id=holder
            )
    await tx.run("DELETE FROM product_external_id WHERE product_id = %s", [product_id])
    await tx.upsert_many(
        ProductExternalId,
        [
            ProductExternalId(source=source, external_id=external_id, product_id=product_id)
            for source, external_id in sorted(wanted)
        ],
    )
    return True


async def _require_free_slug(tx: Tx, product: Product) -> None:
    holder = await products.product_of_slug(tx, product.slug)
    if holder not in (None, product.id):
        raise SlugTaken("another product has this slug", path="slug", id=holder)
    await require_free_name(tx, SeoKind.PRODUCT, product.slug, product.id)


def _differences(before: Product, after: Product) -> dict[str, tuple[Any, Any]]:
    return {
        name: (getattr(before, name), getattr(after, name))
        for name in products.EDITABLE
        if getattr(before, name) != getattr(after, name)
    }


def _told(name: str, value: Any) -> Any:
    """Returns a value as an audit row holds it."""
    if name in _LONG:
        return sorted(value) if isinstance(value, dict) else len(value)
    if isinstance(value, str):
        return value[:_SHORT]
    return str(value) if isinstance(value, UUID) else value


_ARCHIVE_VARIANTS: Final = (
    "UPDATE variant SET is_active = FALSE, deleted_at = %(now)s, imported_sku = NULL,"
    " sku = 'deleted-' || id WHERE product_id = %(product_id)s AND deleted_at IS NULL"
)

"""Variants of a product, which share its version: add, change, order and delete them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from catalog.errors import LastVariant, SkuTaken, VariantNotFound
from catalog.product_content.pictures import image_urls_of
from catalog.products import model as products
from catalog.products.actions import require_version, save_product, subject_of
from catalog.products.changes import IMPORTED_FIELDS_OF_VARIANT
from catalog.products.model import Option, Product, Variant
from catalog.products.own_data import merge_patch, require_bounded, require_bounded_together
from catalog.products.queries import lock_product, variants_of
from catalog.products.refusals import NO_LINE, refuse, short_text
from catalog.products.store_drafts import lock_catalogue
from catalog.products.store_offers import (
    Placed,
    cost_columns,
    emit_cost,
    store_prices,
    store_stock,
)
from catalog.products.variant_drafts import (
    MOST_VARIANTS,
    DraftVariant,
    require_sold,
    tax_class_of,
    unit_cost_of,
)
from catalog.reservations.actions import CatalogContext
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7

# Columns by the names that fields have in requests, where these differ.
_COLUMNS: Final = {"active": "is_active", "metadata": "own_data"}


@dataclass(frozen=True, slots=True)
class Place:
    """The product of a variant, and the version of it that the caller saw; 0 for any."""

    product_id: UUID
    expected_version: int = 0


async def add_variant(
    tx: Tx,
    context: CatalogContext,
    place: Place,
    draft: DraftVariant,
    *,
    actor_id: UUID | None = None,
) -> tuple[Product, Variant]:
    """Adds a variant at the end of a product, with its prices and first stock.

    Imports do not retire it. Raises ProductNotFound, InvalidProduct, SkuTaken, VersionMismatch.
    """
    currencies = {each for channel in context.channels.all for each in channel.currencies}
    require_sold([draft], line=NO_LINE, currencies=currencies)
    await lock_catalogue(tx)
    variant = Variant(
        id=uuid7(),
        product_id=place.product_id,
        sku=draft.sku,
        options=draft.options,
        position=0,
        weight_grams=draft.weight_grams,
        volume_cm3=draft.volume_cm3,
        tax_class=draft.tax_class,
        barcode=draft.barcode,
        unit_code=draft.unit_code,
        scale=draft.scale,
        increment=draft.increment,
        is_active=draft.is_active,
        image_urls=draft.image_urls,
        is_own=True,
        own_data=draft.own_data or {},
        **cost_columns(draft.unit_cost),
    )
    await _require_free_sku(tx, variant, "variant.sku")
    # Stock before the product: the order in which reservations lock them.
    placed = [Placed(draft, NO_LINE, "variant", place.product_id, variant.id)]
    await store_stock(tx, placed)
    product, siblings = await _lock(tx, place)
    if len(siblings) >= MOST_VARIANTS:
        refuse(NO_LINE, "variant", f"a product has at most {MOST_VARIANTS}", most=MOST_VARIANTS)
    _require_pictures(product, draft.image_urls, "variant.image_urls")
    _require_bounded_data([*siblings, variant], "variant.metadata")
    variant.position = max((each.position for each in siblings), default=-1) + 1
    _require_distinct(variant, siblings, "variant.options")
    await _insert(tx, variant)
    await emit_cost(tx, variant, before=None)
    await store_prices(tx, context.channels, placed)
    product.options = _options(product, [*siblings, variant])
    await save_product(tx, context, product)
    _audit(tx, actor_id, "add_variant", product, after={"variant": variant.sku})
    return product, variant


async def update_variant(
    tx: Tx,
    context: CatalogContext,
    place: Place,
    variant_id: UUID,
    values: Mapping[str, Any],
    *,
    actor_id: UUID | None = None,
) -> tuple[Product, Variant]:
    """Changes fields of a variant, by the names that requests give them.

    What is the same already keeps its version. Raises ProductNotFound, VariantNotFound,
    InvalidProduct, SkuTaken, VersionMismatch.
    """
    if "sku" in values:
        await lock_catalogue(tx)
    product, variants = await _lock(tx, place)
    before = _variant_in(variants, variant_id)
    after = before.copy_row(**_columns(before, values))
    if "image_urls" in values:
        _require_pictures(product, after.image_urls, "image_urls")
    if after == before:
        return product, before
    others = [each for each in variants if each.id != variant_id]
    if "metadata" in values:
        _require_bounded_data([*others, after], "metadata")
    if "options" in values or (after.is_active and not before.is_active):
        _require_distinct(after, others, "options")
    if after.sku != before.sku:
        await _require_free_sku(tx, after, "sku")
        if not after.is_own and after.imported_sku is None:
            after.imported_sku = before.sku
    edited = {name for name in values if name in IMPORTED_FIELDS_OF_VARIANT}
    after.edited_fields = sorted({*before.edited_fields, *edited})
    await tx.update(after)
    await emit_cost(tx, after, before=before.unit_cost)
    product.options = _options(product, [*others, after])
    await save_product(tx, context, product)
    changed = [name for name in values if _of(before, name) != _of(after, name)]
    _audit(
        tx,
        actor_id,
        "update_variant",
        product,
        before={"variant": before.sku, **{name: _of(before, name) for name in changed}},
        after={"variant": after.sku, **{name: _of(after, name) for name in changed}},
    )
    return product, after


async def reorder_variants(
    tx: Tx,
    context: CatalogContext,
    place: Place,
    variant_ids: Sequence[UUID],
    *,
    actor_id: UUID | None = None,
) -> None:
    """Puts variants in an order; those that it does not name follow in the order that they had.

    Raises ProductNotFound, VariantNotFound, VersionMismatch.
    """
    product, variants = await _lock(tx, place)
    first = [_variant_in(variants, variant_id) for variant_id in variant_ids]
    named = set(variant_ids)
    order = [*first, *(each for each in variants if each.id not in named)]
    if [each.id for each in order] == [each.id for each in variants]:
        return
    moved = []
    for position, variant in enumerate(order):
        if variant.position != position:
            moved.append(variant.copy_row(position=position))
    await tx.upsert_many(Variant, moved, update=["position"])
    await save_product(tx, context, product)
    _audit(tx, actor_id, "reorder_variants", product, after={"variants": len(order)})


async def delete_variant(
    tx: Tx,
    context: CatalogContext,
    place: Place,
    variant_id: UUID,
    *,
    actor_id: UUID | None = None,
) -> None:
    """Deletes a variant, whose SKU is free then. Its row stays for orders that refer to it.

    A repeat changes nothing. Raises ProductNotFound, VariantNotFound, LastVariant, VersionMismatch.
    """
    gone = await tx.get(Variant, variant_id)
    if gone is not None and gone.product_id == place.product_id and gone.deleted_at is not None:
        return
    product, variants = await _lock(tx, place)
    variant = _variant_in(variants, variant_id)
    if len(variants) == 1:
        raise LastVariant(product_id=product.id)
    sku = variant.sku
    archived = variant.copy_row(
        sku=f"deleted-{variant.id}", imported_sku=None, is_active=False, deleted_at=tx.now
    )
    await tx.update(archived)
    product.options = _options(product, [each for each in variants if each.id != variant_id])
    await save_product(tx, context, product)
    _audit(tx, actor_id, "delete_variant", product, before={"variant": sku}, after=None)


async def _lock(tx: Tx, place: Place) -> tuple[Product, list[Variant]]:
    product = await lock_product(tx, place.product_id)
    require_version(product, place.expected_version)
    return product, await variants_of(tx, place.product_id)


def _variant_in(variants: Sequence[Variant], variant_id: UUID) -> Variant:
    for variant in variants:
        if variant.id == variant_id:
            return variant
    raise VariantNotFound(variant_id=variant_id)


def _columns(variant: Variant, values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        match name:
            case "sku":
                found[name] = short_text(value, NO_LINE, name) or refuse(
                    NO_LINE, name, "must not be empty"
                )
            case "barcode":
                found[name] = short_text(value, NO_LINE, name)
            case "unit_code":
                found[name] = short_text(value, NO_LINE, name) or products.PIECE
            case "tax_class":
                found[name] = tax_class_of(value, NO_LINE, name)
            case "increment":
                found[name] = value or 1
            case "unit_cost":
                found |= cost_columns(unit_cost_of(value, NO_LINE, name))
            case "metadata":
                data = merge_patch(variant.own_data, value) if value else {}
                require_bounded(data, NO_LINE, name)
                found["own_data"] = data
            case "options" | "weight_grams" | "volume_cm3" | "scale" | "active" | "image_urls":
                found[_COLUMNS.get(name, name)] = value
    return found


def _of(variant: Variant, name: str) -> Any:
    value = getattr(variant, _COLUMNS.get(name, name))
    if name == "unit_cost":
        return value and list(value)
    return [list(each) for each in value] if name == "options" else value


def _require_distinct(variant: Variant, siblings: Sequence[Variant], field: str) -> None:
    """Refuses options of other names than the siblings', and values that one of them has."""
    active = [each for each in siblings if each.is_active]
    names = [name for name, _ in variant.options]
    for sibling in active:
        expected = [name for name, _ in sibling.options]
        if names != expected:
            refuse(NO_LINE, field, f"must be {', '.join(expected) or 'none'}, as its siblings'")
        if variant.is_active and sibling.options == variant.options:
            refuse(NO_LINE, field, "another variant has the same values")
    if active and not names:
        refuse(NO_LINE, field, "give the variant that is there an option first")


def _options(product: Product, variants: Sequence[Variant]) -> list[Option]:
    """Returns the product's options with the values of its variants, in the order that they had."""
    used: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options:
            used.setdefault(name, {})[value] = None
    before = {option.name: option.values for option in product.options}
    order = [name for name in before if name in used] + [n for n in used if n not in before]
    return [
        Option(
            name,
            list(
                dict.fromkeys([*(v for v in before.get(name, ()) if v in used[name]), *used[name]])
            ),
        )
        for name in order
    ]


def _require_pictures(product: Product, given: Sequence[str], field: str) -> None:
    urls = {image.url for image in product.images}
    image_urls_of(given, urls, line=NO_LINE, field=field)


def _require_bounded_data(variants: Sequence[Variant], field: str) -> None:
    require_bounded_together((each.own_data for each in variants), NO_LINE, field)


async def _require_free_sku(tx: Tx, variant: Variant, field: str) -> None:
    holder = await products.variant_of_sku(tx, variant.sku)
    if holder is not None and holder.id != variant.id:
        raise SkuTaken("another variant has this SKU", path=field, product_id=holder.product_id)


async def _insert(tx: Tx, variant: Variant) -> None:
    try:
        await tx.insert(variant)
    except psycopg.errors.UniqueViolation:
        raise SkuTaken("another variant has this SKU", path="variant.sku") from None


def _audit(
    tx: Tx,
    actor_id: UUID | None,
    action: str,
    product: Product,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None,
) -> None:
    record_audit(tx, actor_id, action, subject_of(product.id), before=before, after=after)

"""Staff's changes of bundles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import update
from sqlmodel import col, select

from catalog.bundles.model import (
    Bundle,
    BundlePart,
    BundlePricing,
    Part,
    bundles_with,
    parts_of,
)
from catalog.bundles.prices import reprice_bundles
from catalog.errors import BundleNotFound, InvalidBundle, UnknownSku
from catalog.listings.publish import publish_changed
from catalog.products.model import Variant
from catalog.products.store_drafts import lock_catalogue
from catalog.stock.changed_levels import CatalogContext
from catalog.stock.queries import variant_of
from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.line_item import ItemKind
from chassis.rpc.errors import VersionMismatch

_VARIANTS: Final = prepare(
    select(Variant).where(one_of(Variant.sku, "skus"), col(Variant.deleted_at).is_(None))
)


@dataclass(frozen=True, slots=True)
class BundleDraft:
    """A bundle to be: parts as (SKU, steps) in their order."""

    sku: str
    parts: Sequence[tuple[str, int]]
    pricing: BundlePricing
    discount_basis_points: int


@dataclass(frozen=True, slots=True)
class KeptBundle:
    """A bundle with its SKU and its parts."""

    bundle: Bundle
    sku: str
    parts: list[Part]


async def get_bundle(read: Read, sku: str) -> KeptBundle:
    """Returns the bundle of a SKU. Raises VariantNotFound, BundleNotFound."""
    variant = await variant_of(read, sku)
    bundle = await read.get(Bundle, variant.id)
    if bundle is None:
        raise BundleNotFound(sku=sku[:80])
    return KeptBundle(bundle, sku, (await parts_of(read, [variant.id])).get(variant.id, []))


async def put_bundle(
    tx: Tx,
    context: CatalogContext,
    draft: BundleDraft,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> KeptBundle:
    """Makes a variant a bundle, or replaces its parts, and publishes its product.

    One that is the same already keeps its version. Raises VariantNotFound, UnknownSku,
    InvalidBundle, VersionMismatch.
    """
    # One change of bundles at a time: none becomes a part of another one meanwhile.
    await lock_catalogue(tx)
    variant = await variant_of(tx, draft.sku)
    rows, kind = await _require_parts(tx, variant, draft)
    before = await tx.lock(Bundle, variant.id)
    _require_version(before, expected_version)
    bundle = Bundle(
        variant_id=variant.id,
        pricing=draft.pricing,
        discount_basis_points=draft.discount_basis_points,
        version=before.version if before else 1,
        updated_at=before.updated_at if before else tx.now,
    )
    known = (await parts_of(tx, [variant.id])).get(variant.id, [])
    is_same = [(each.part_id, each.quantity) for each in known] == [
        (row.part_id, row.quantity) for row in rows
    ]
    if bundle == before and is_same:
        return KeptBundle(bundle, draft.sku, known)
    bundle.updated_at = tx.now
    if before is None:
        await tx.insert(bundle)
    else:
        await tx.update(bundle)
    await tx.run("DELETE FROM bundle_part WHERE bundle_id = %s", [variant.id])
    await tx.insert(*rows)
    await _mark(tx, variant.id, is_bundle=True, kind=kind)
    await reprice_bundles(tx, [variant.id])
    await publish_changed(tx, context.channels, context.tree, [variant.product_id])
    parts: list[JsonValue] = [{"sku": sku, "quantity": quantity} for sku, quantity in draft.parts]
    record_audit(
        tx,
        actor_id,
        "put_bundle",
        f"sku:{draft.sku}",
        before={"parts": [each.sku for each in known], "version": before.version}
        if before
        else None,
        after={
            "parts": parts,
            "pricing": draft.pricing.value,
            "discount_basis_points": draft.discount_basis_points,
        },
    )
    return KeptBundle(bundle, draft.sku, (await parts_of(tx, [variant.id]))[variant.id])


async def delete_bundle(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> None:
    """Gives a variant a stock of its own again.

    Raises VariantNotFound, BundleNotFound, VersionMismatch.
    """
    await lock_catalogue(tx)
    variant = await variant_of(tx, sku)
    before = await tx.lock(Bundle, variant.id)
    if before is None:
        raise BundleNotFound(sku=sku[:80])
    _require_version(before, expected_version)
    await tx.run("DELETE FROM bundle_part WHERE bundle_id = %s", [variant.id])
    await tx.delete(before)
    await _mark(tx, variant.id, is_bundle=False, kind=ItemKind.PHYSICAL)
    await publish_changed(tx, context.channels, context.tree, [variant.product_id])
    record_audit(
        tx, actor_id, "delete_bundle", f"sku:{sku}", before={"version": before.version}, after=None
    )


async def _require_parts(
    tx: Tx, variant: Variant, draft: BundleDraft
) -> tuple[list[BundlePart], ItemKind]:
    """Returns the parts, and what the bundle is: digital if all of them are."""
    if variant.scale or variant.increment != 1:
        raise InvalidBundle("is sold by the piece", path="sku")
    if variant.kind is not ItemKind.PHYSICAL and not variant.is_bundle:
        raise InvalidBundle("is no digital good and no gift card itself", path="sku")
    if draft.discount_basis_points and draft.pricing is not BundlePricing.SUM:
        raise InvalidBundle("is of a sum", path="discount_basis_points")
    if await bundles_with(tx, [variant.id]):
        raise InvalidBundle("is a part of a bundle", path="sku")
    skus = [sku for sku, _ in draft.parts]
    found: Mapping[str, Variant] = {
        each.sku: each
        for each in await tx.all(_VARIANTS, skus=[sku for sku in skus if sku.isprintable()])
    }
    rows = []
    for number, (sku, quantity) in enumerate(draft.parts):
        path = f"parts[{number}].sku"
        if sku not in found:
            raise UnknownSku(path=path, sku=sku[:80])
        part = found[sku]
        if part.id == variant.id or part.is_bundle:
            raise InvalidBundle("is no bundle itself", path=path)
        if part.kind is ItemKind.GIFT_CARD:
            raise InvalidBundle("is no gift card", path=path)
        if sku in skus[:number]:
            raise InvalidBundle("is there once", path=path)
        if quantity % part.increment:
            raise InvalidBundle(
                f"is a multiple of {part.increment}", path=f"parts[{number}].quantity"
            )
        rows.append(
            BundlePart(bundle_id=variant.id, part_id=part.id, quantity=quantity, position=number)
        )
    is_digital = all(found[sku].kind is ItemKind.DIGITAL for sku in skus)
    return rows, ItemKind.DIGITAL if is_digital else ItemKind.PHYSICAL


async def _mark(tx: Tx, variant_id: UUID, *, is_bundle: bool, kind: ItemKind) -> None:
    await tx.execute(
        update(Variant).where(col(Variant.id) == variant_id).values(is_bundle=is_bundle, kind=kind)
    )


def _require_version(before: Bundle | None, expected_version: int) -> None:
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the bundle changed meanwhile", version=version)

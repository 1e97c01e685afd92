"""Staff's changes of digital goods and their licence keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from catalog.bundles.model import bundles_with
from catalog.digital_goods.model import (
    ENDLESS,
    DigitalGood,
    LicenceKey,
    LicenceKeyStatus,
)
from catalog.digital_goods.pool import change_pool, revoke_keys, set_pool
from catalog.digital_goods.queries import KeptGood, deliveries_of, kept_good
from catalog.digital_goods.unsent import find_obstacle
from catalog.errors import (
    DigitalGoodInUse,
    DigitalGoodNotFound,
    DigitalGoodsNotDelivered,
    InvalidDigitalGood,
    InvalidLicenceKey,
    LicenceKeyAssigned,
    LicenceKeyNotFound,
)
from catalog.listings.publish import publish_changed
from catalog.products.model import Variant
from catalog.products.store_drafts import lock_catalogue
from catalog.stock import model as stock
from catalog.stock.changed_levels import CatalogContext
from catalog.stock.ledger import Entry, StockReason
from catalog.stock.model import DIGITAL
from catalog.stock.queries import variant_of
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.line_item import ItemKind
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

_IMPORT: Final = (
    "INSERT INTO licence_key (id, variant_id, value, status, created_at)"
    " SELECT a.id, %(variant_id)s, a.value, 'free', %(now)s"
    " FROM unnest(%(ids)s::uuid[], %(values)s::text[]) AS a (id, value)"
    " ON CONFLICT (variant_id, value) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class DigitalGoodDraft:
    """Settings of a digital good to be."""

    sku: str
    needs_keys: bool
    download_limit: int
    download_days: int
    low_keys_at_most: int


async def put_digital_good(
    tx: Tx,
    context: CatalogContext,
    draft: DigitalGoodDraft,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> KeptGood:
    """Makes a variant a digital good, or changes how it is sold.

    One that is the same already keeps its version. Raises VariantNotFound, InvalidDigitalGood,
    BelowReserved, VersionMismatch.
    """
    await lock_catalogue(tx)
    variant = await variant_of(tx, draft.sku)
    before = await tx.lock(DigitalGood, variant.id)
    _require_version(before, expected_version)
    if before is None:
        await _require_possible(tx, variant)
    good = DigitalGood(
        variant_id=variant.id,
        needs_keys=draft.needs_keys,
        download_limit=draft.download_limit,
        download_days=draft.download_days,
        low_keys_at_most=draft.low_keys_at_most,
        version=before.version if before else 1,
        updated_at=before.updated_at if before else tx.now,
    )
    if good == before:
        return await kept_good(tx, good, draft.sku)
    good.updated_at = tx.now
    if before is None:
        await tx.insert(good)
    else:
        await tx.update(good)
    kept = await kept_good(tx, good, draft.sku)
    await set_pool(
        tx,
        context,
        variant.id,
        kept.keys.get(LicenceKeyStatus.FREE, 0) if draft.needs_keys else ENDLESS,
        low_stock_at_most=(draft.low_keys_at_most or None) if draft.needs_keys else None,
        entry=Entry(actor_id=actor_id),
    )
    if variant.kind is not ItemKind.DIGITAL:
        await set_kind(tx, context, variant, ItemKind.DIGITAL)
    record_audit(
        tx, actor_id, "put_digital_good", f"sku:{draft.sku}",
        before=_facts(before) if before else None, after=_facts(good),
    )  # fmt: skip
    return kept


async def delete_digital_good(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> None:
    """Makes a digital good a thing again; buyers keep what they have.

    Raises VariantNotFound, DigitalGoodNotFound, DigitalGoodInUse, BelowReserved, VersionMismatch.
    """
    await lock_catalogue(tx)
    variant = await variant_of(tx, sku)
    before = await tx.lock(DigitalGood, variant.id)
    if before is None:
        raise DigitalGoodNotFound(sku=sku[:80])
    _require_version(before, expected_version)
    if await bundles_with(tx, [variant.id]):
        raise DigitalGoodInUse("take it out of its bundles first", sku=sku[:80])
    kept = await kept_good(tx, before, sku)
    if kept.keys.get(LicenceKeyStatus.FREE, 0):
        raise DigitalGoodInUse("revoke its free keys first", sku=sku[:80])
    await set_pool(
        tx, context, variant.id, 0, low_stock_at_most=None, entry=Entry(actor_id=actor_id)
    )
    await tx.delete(before)
    await set_kind(tx, context, variant, ItemKind.PHYSICAL)
    record_audit(
        tx, actor_id, "delete_digital_good", f"sku:{sku}", before=_facts(before), after=None
    )


async def import_licence_keys(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    keys: Sequence[str],
    *,
    actor_id: UUID | None = None,
) -> int:
    """Adds keys to the pool of a SKU; those that it has or had are passed over.

    Returns how many are new. Raises VariantNotFound, DigitalGoodNotFound, InvalidLicenceKey.
    """
    variant = await variant_of(tx, sku)
    good = await tx.lock(DigitalGood, variant.id)
    if good is None:
        raise DigitalGoodNotFound(sku=sku[:80])
    values = [key.strip() for key in keys]
    for number, value in enumerate(values):
        if not value or not value.isprintable():
            raise InvalidLicenceKey("has printable characters", path=f"keys[{number}]")
    values = list(dict.fromkeys(values))
    imported = await tx.run(
        _IMPORT,
        {
            "ids": [uuid7() for _ in values],
            "values": values,
            "variant_id": variant.id,
            "now": tx.now,
        },
    )
    if not imported:
        return 0
    if good.needs_keys:
        entry = Entry(actor_id=actor_id, note="licence keys")
        await change_pool(
            tx, context, variant.id, imported, reason=StockReason.RECEIPT, entry=entry
        )
    record_audit(tx, actor_id, "import_licence_keys", f"sku:{sku}", after={"imported": imported})
    return imported


async def revoke_licence_key(
    tx: Tx, context: CatalogContext, id: UUID, *, actor_id: UUID | None = None
) -> LicenceKey:
    """Takes a key out of sale, or back from its buyer, for good. A repeat changes nothing.

    Raises LicenceKeyNotFound, LicenceKeyAssigned, BelowReserved.
    """
    known = await tx.get(LicenceKey, id)
    if known is None:
        raise LicenceKeyNotFound(id=str(id))
    # Locks go good, level, key, as in an import and a confirmation.
    good = await tx.lock(DigitalGood, known.variant_id)
    levels = await stock.lock_levels(tx, [known.variant_id])
    key = await tx.lock(LicenceKey, id)
    assert key is not None, "keys are not deleted"
    if key.status is LicenceKeyStatus.REVOKED:
        return key
    if key.status is LicenceKeyStatus.ASSIGNED:
        raise LicenceKeyAssigned("its order is being placed: try again", order_id=key.order_id)
    before = key.status
    key.status, key.revoked_at = LicenceKeyStatus.REVOKED, tx.now
    await tx.update(key)
    is_counted = any(level.warehouse == DIGITAL for level in levels)
    if before is LicenceKeyStatus.FREE and good is not None and good.needs_keys and is_counted:
        entry = Entry(actor_id=actor_id, note="licence key revoked")
        await change_pool(tx, context, known.variant_id, -1, reason=StockReason.LOSS, entry=entry)
    record_audit(
        tx, actor_id, "revoke_licence_key", f"licence_key:{id}",
        before={"status": before}, after={"status": key.status},
    )  # fmt: skip
    return key


async def revoke_digital_goods(
    tx: Tx, order_id: UUID, sku: str = "", *, actor_id: UUID | None = None
) -> None:
    """Takes back what an order brought, or of it a SKU alone. A repeat changes nothing.

    Raises DigitalGoodsNotDelivered.
    """
    found = [each for each in await deliveries_of(tx, order_id) if sku in ("", each.sku)]
    if not found:
        raise DigitalGoodsNotDelivered(order_id=order_id)
    if await take_back(tx, order_id, [each.variant_id for each in found]):
        record_audit(tx, actor_id, "revoke_digital_goods", f"order:{order_id}", after={"sku": sku})


async def take_back(tx: Tx, order_id: UUID, variant_ids: Sequence[UUID]) -> bool:
    """Revokes keys and downloads of variants of an order. Returns whether some were not."""
    taken = await tx.run(
        "UPDATE digital_delivery SET revoked_at = %s"
        " WHERE order_id = %s AND variant_id = ANY(%s) AND revoked_at IS NULL",
        [tx.now, order_id, list(variant_ids)],
    )
    revoked = await revoke_keys(tx, order_id, variant_ids)
    return bool(taken or revoked)


async def set_kind(tx: Tx, context: CatalogContext, variant: Variant, kind: ItemKind) -> None:
    """Says what a variant is, and publishes its product: carts ask for its offers again."""
    await tx.execute(update(Variant).where(col(Variant.id) == variant.id).values(kind=kind))
    await publish_changed(tx, context.channels, context.tree, [variant.product_id])


async def _require_possible(tx: Tx, variant: Variant) -> None:
    """Raises InvalidDigitalGood for a variant that has a stock or is sold otherwise."""
    if variant.kind is ItemKind.GIFT_CARD:
        raise InvalidDigitalGood("is a gift card", path="sku")
    if obstacle := await find_obstacle(tx, variant):
        raise InvalidDigitalGood(obstacle, path="sku")


def _require_version(before: DigitalGood | None, expected_version: int) -> None:
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the digital good changed meanwhile", version=version)


def _facts(good: DigitalGood) -> dict[str, str | int | bool | None]:
    return {
        "needs_keys": good.needs_keys,
        "download_limit": good.download_limit,
        "download_days": good.download_days,
        "low_keys_at_most": good.low_keys_at_most,
    }

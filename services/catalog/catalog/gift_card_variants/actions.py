"""Staff's changes of variants that are gift cards."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from catalog.digital_goods.actions import set_kind
from catalog.digital_goods.model import ENDLESS
from catalog.digital_goods.pool import set_pool
from catalog.digital_goods.unsent import find_obstacle
from catalog.errors import GiftCardVariantNotFound, InvalidGiftCardVariant
from catalog.gift_card_variants.model import GiftCardVariant
from catalog.gift_card_variants.queries import get_gift_card_variant
from catalog.products.store_drafts import lock_catalogue
from catalog.stock.changed_levels import CatalogContext
from catalog.stock.ledger import Entry
from catalog.stock.queries import variant_of
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.line_item import ItemKind
from chassis.money import CURRENCIES, require_bounded
from chassis.rpc.errors import VersionMismatch


@dataclass(frozen=True, slots=True)
class GiftCardVariantDraft:
    """A gift card to be. Where a currency has no face value, a card is worth its price."""

    sku: str
    face_values: Mapping[str, int]


async def put_gift_card_variant(
    tx: Tx,
    context: CatalogContext,
    draft: GiftCardVariantDraft,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> GiftCardVariant:
    """Makes a variant a gift card, or changes what its cards are worth. It never sells out.

    One that is the same already keeps its version. Raises VariantNotFound, InvalidGiftCardVariant,
    VersionMismatch.
    """
    _require_values(draft.face_values)
    await lock_catalogue(tx)
    variant = await variant_of(tx, draft.sku)
    before = await tx.lock(GiftCardVariant, variant.id)
    _require_version(before, expected_version)
    if before is None:
        if variant.kind is ItemKind.DIGITAL:
            raise InvalidGiftCardVariant("is a digital good", path="sku")
        if obstacle := await find_obstacle(tx, variant):
            raise InvalidGiftCardVariant(obstacle, path="sku")
    wanted = GiftCardVariant(
        variant_id=variant.id,
        face_values=dict(sorted(draft.face_values.items())),
        version=before.version if before else 1,
        updated_at=before.updated_at if before else tx.now,
    )
    if wanted == before:
        return before
    wanted.updated_at = tx.now
    if before is None:
        await tx.insert(wanted)
        entry = Entry(actor_id=actor_id)
        await set_pool(tx, context, variant.id, ENDLESS, low_stock_at_most=None, entry=entry)
    else:
        await tx.update(wanted)
    await set_kind(tx, context, variant, ItemKind.GIFT_CARD)
    record_audit(
        tx, actor_id, "put_gift_card_variant", f"sku:{draft.sku}",
        before=_facts(before) if before else None, after=_facts(wanted),
    )  # fmt: skip
    return wanted


async def delete_gift_card_variant(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> None:
    """Makes a gift card a thing again; cards that were sold stay good.

    Raises VariantNotFound, GiftCardVariantNotFound, VersionMismatch.
    """
    await lock_catalogue(tx)
    variant = await variant_of(tx, sku)
    await get_gift_card_variant(tx, sku)
    before = await tx.lock(GiftCardVariant, variant.id)
    if before is None:
        raise GiftCardVariantNotFound(sku=sku[:80])
    _require_version(before, expected_version)
    await set_pool(
        tx, context, variant.id, 0, low_stock_at_most=None, entry=Entry(actor_id=actor_id)
    )
    await tx.delete(before)
    await set_kind(tx, context, variant, ItemKind.PHYSICAL)
    record_audit(
        tx, actor_id, "delete_gift_card_variant", f"sku:{sku}", before=_facts(before), after=None
    )


def _require_values(values: Mapping[str, int]) -> None:
    """Raises InvalidGiftCardVariant, AmountTooLarge."""
    for currency, amount in values.items():
        path = f"face_values.{currency}"
        if currency not in CURRENCIES:
            raise InvalidGiftCardVariant("no active ISO 4217 code", path=path)
        if amount <= 0:
            raise InvalidGiftCardVariant("is above 0", path=path)
        require_bounded(amount, path=path)


def _require_version(before: GiftCardVariant | None, expected_version: int) -> None:
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the gift card changed meanwhile", version=version)


def _facts(variant: GiftCardVariant) -> dict[str, JsonValue]:
    return {"face_values": dict(variant.face_values)}

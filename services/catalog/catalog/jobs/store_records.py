"""Storing of records of an import: what is the same already is not touched.

Refusals carry the place of their record: its `line`, or a `path` that begins with `records[n]`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select

from catalog.categories.import_categories import import_categories
from catalog.categories.model import tree
from catalog.errors import UnknownSku
from catalog.jobs.model import Counts, DataKind
from catalog.jobs.read_file import Record
from catalog.prices.actions import PriceChange, set_prices
from catalog.prices.model import Price, PriceTier
from catalog.products.import_products import import_products
from catalog.products.model import Variant
from catalog.setting_files.kinds import SETTING_KINDS, store_settings
from catalog.stock.actions import Adjustment, adjust_stock
from catalog.stock.ledger import Entry, StockMovement, StockReason
from catalog.stock.set_levels import LevelCount, set_levels
from catalog.warehouses.model import default_warehouse
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.money import Money
from chassis.rpc.documents import enum_name
from sojourn.catalog.v1 import stock_admin_pb2

_VARIANTS: Final = prepare(
    select(Variant.sku, Variant.id).where(
        one_of(Variant.sku, "skus"), col(Variant.deleted_at).is_(None)
    )
)
_PRICES: Final = prepare(select(Price).where(one_of(Price.variant_id, "variant_ids")))
_TIERS: Final = prepare(
    select(PriceTier)
    .where(one_of(PriceTier.variant_id, "variant_ids"))
    .order_by(col(PriceTier.min_quantity))
)
_MOVED: Final = prepare(
    select(StockMovement.variant_id, StockMovement.warehouse, StockMovement.reference).where(
        one_of(StockMovement.reference, "references"), one_of(StockMovement.variant_id, "ids")
    )
)
_REASONS: Final = stock_admin_pb2.StockReason.DESCRIPTOR


@dataclass(frozen=True, slots=True)
class StoringContext:
    """Facts of an import that its records do not carry.

    `reference` is that of changes of stock that name none: the same for the same file.
    """

    context: Any
    source: str
    reference: str
    actor_id: UUID | None
    needs_prices: bool


def reference_of(content: bytes) -> str:
    """Returns a reference for the changes of stock of a file: the same for the same file."""
    return f"file:{hashlib.sha256(content).hexdigest()[:24]}"


def chunks_of(records: Sequence[Record], kind: DataKind) -> list[list[Record]]:
    """Returns records in portions that are stored in a transaction each."""
    chunks: list[list[Record]] = []
    most = SETTING_KINDS[kind].most_stored if kind in SETTING_KINDS else _MOST[kind]
    weight = 0
    for record in records:
        own = len(record.message.variants) if kind is DataKind.PRODUCTS else 1
        is_other = chunks and _group_of(record, kind) != _group_of(chunks[-1][-1], kind)
        if not chunks or is_other or weight + own > most:
            chunks.append([])
            weight = 0
        chunks[-1].append(record)
        weight += own
    return chunks


# Records of a transaction; of products, their variants.
_MOST: Final = {
    DataKind.PRODUCTS: 200,
    DataKind.CATEGORIES: 5_000,
    DataKind.PRICES: 200,
    DataKind.STOCK: 200,
}


def _group_of(record: Record, kind: DataKind) -> object:
    if kind is DataKind.PRICES:
        return record.message.price_list
    return kind is DataKind.STOCK and (
        record.message.HasField("quantity"),
        record.message.reference,
    )


async def store_records(
    tx: Tx, kind: DataKind, records: Sequence[Record], given: StoringContext
) -> Counts:
    """Stores records of one kind, all or none. Raises DomainError with the place of a record."""
    match kind:
        case DataKind.PRODUCTS:
            return await _store_products(tx, records, given)
        case DataKind.CATEGORIES:
            return await _store_categories(tx, records, given)
        case DataKind.PRICES:
            return await _store_prices(tx, records, given)
        case DataKind.STOCK if records[0].message.HasField("quantity"):
            return await _store_changes(tx, records, given)
        case DataKind.STOCK:
            return await _store_levels(tx, records, given)
        case _:
            messages = [record.message for record in records]
            setting = SETTING_KINDS[kind]
            return await store_settings(tx, given.context, setting, messages, given.actor_id)


async def _store_products(tx: Tx, records: Sequence[Record], given: StoringContext) -> Counts:
    outcome = await import_products(
        tx,
        given.context.channels,
        given.source,
        [record.message for record in records],
        actor_id=given.actor_id,
        lines=[record.line for record in records],
        needs_prices=given.needs_prices,
    )
    return Counts(outcome.created, outcome.updated, outcome.unchanged)


async def _store_categories(tx: Tx, records: Sequence[Record], given: StoringContext) -> Counts:
    known = await tree(tx)
    changed = []
    for record in records:
        wanted, there = record.message, known.by_slug.get(record.message.slug)
        parent = known.by_id.get(there.parent_id) if there and there.parent_id else None
        if there is None or (dict(wanted.name), wanted.parent_slug, wanted.position) != (
            there.name,
            parent.slug if parent else "",
            there.position,
        ):
            changed.append(record)
    if not changed:
        return Counts(unchanged=len(records))
    outcome = await import_categories(
        tx,
        [record.message for record in changed],
        actor_id=given.actor_id,
        lines=[record.line for record in changed],
    )
    return Counts(
        outcome.created, outcome.updated, len(records) - outcome.created - outcome.updated
    )


async def _store_prices(tx: Tx, records: Sequence[Record], given: StoringContext) -> Counts:
    code = records[0].message.price_list or given.context.channels.default.price_list
    ids = await _variant_ids(tx, records)
    prices = {
        (price.variant_id, price.currency): price
        for price in await tx.all(_PRICES, variant_ids=list(ids.values()))
        if price.price_list == code
    }
    tiers: dict[tuple[UUID, str], list[tuple[int, int]]] = {}
    for tier in await tx.all(_TIERS, variant_ids=list(ids.values())):
        if tier.price_list == code:
            pair = (tier.min_quantity, tier.amount_minor)
            tiers.setdefault((tier.variant_id, tier.currency), []).append(pair)
    counts, changes = Counts(), []
    for number, record in enumerate(records):
        change = _price_change(record.message, f"records[{number}]")
        key = (ids[change.sku], change.price.currency)
        there = prices.get(key)
        before = change.compare_at.amount_minor if change.compare_at else None
        wanted_tiers = sorted((least, price.amount_minor) for least, price in change.tiers)
        if there is None:
            counts.created += 1
        elif (there.amount_minor, there.compare_at_minor, tiers.get(key, [])) == (
            change.price.amount_minor,
            before,
            wanted_tiers,
        ):
            counts.unchanged += 1
            continue
        else:
            counts.updated += 1
        changes.append(change)
    if changes:
        await set_prices(tx, given.context, code, changes, actor_id=given.actor_id)
    return counts


def _price_change(message: Any, path: str) -> PriceChange:
    currency = message.price.currency
    return PriceChange(
        sku=message.sku,
        price=Money.from_proto(message.price),
        compare_at=Money.from_proto(message.compare_at) if message.HasField("compare_at") else None,
        tiers=[(tier.min_quantity, Money(tier.amount_minor, currency)) for tier in message.tiers],
        is_removed=False,
        path=path,
    )


async def _store_levels(tx: Tx, records: Sequence[Record], given: StoringContext) -> Counts:
    counts = [
        LevelCount(
            sku=record.message.sku,
            warehouse=record.message.warehouse,
            on_hand=_set(record.message, "on_hand"),
            safety_stock=_set(record.message, "safety_stock"),
            low_stock_at_most=_set(record.message, "low_stock_at_most"),
            path=f"records[{number}]",
        )
        for number, record in enumerate(records)
    ]
    entry = Entry(reference=given.reference, actor_id=given.actor_id)
    outcome = await set_levels(tx, given.context, counts, entry)
    return Counts(outcome.created, outcome.updated, outcome.unchanged)


async def _store_changes(tx: Tx, records: Sequence[Record], given: StoringContext) -> Counts:
    """Adds to levels and takes from them; a change that its reference had before is none."""
    reference = records[0].message.reference or given.reference
    ids = await _variant_ids(tx, records)
    default = (await default_warehouse(tx)).code
    moved: set[tuple[UUID, str, str]] = set(
        await tx.all(_MOVED, references=[reference], ids=list(ids.values()))
    )
    adjustments = [
        Adjustment(
            sku=record.message.sku,
            warehouse=record.message.warehouse,
            quantity=record.message.quantity,
            reason=StockReason(enum_name(_REASONS, record.message.reason)),
            path=f"records[{number}]",
        )
        for number, record in enumerate(records)
        if (ids[record.message.sku], record.message.warehouse or default, reference) not in moved
    ]
    if adjustments:
        entry = Entry(reference=reference, actor_id=given.actor_id)
        await adjust_stock(tx, given.context, adjustments, entry)
    return Counts(updated=len(adjustments), unchanged=len(records) - len(adjustments))


async def _variant_ids(read: Read, records: Sequence[Record]) -> Mapping[str, UUID]:
    """Returns variants by SKU. Raises UnknownSku with the place of the first that none has."""
    found = dict(await read.all(_VARIANTS, skus=[record.message.sku for record in records]))
    for number, record in enumerate(records):
        if record.message.sku not in found:
            raise UnknownSku(
                "is no SKU of a variant", path=f"records[{number}].sku", sku=record.message.sku[:80]
            )
    return found


def _set(message: Any, name: str) -> int | None:
    return getattr(message, name) if message.HasField(name) else None

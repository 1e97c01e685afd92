"""Reads of digital goods."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from catalog.digital_goods.model import (
    DigitalDelivery,
    DigitalDownload,
    DigitalFile,
    DigitalGood,
    LicenceKey,
    LicenceKeyStatus,
)
from catalog.errors import DigitalGoodNotFound
from catalog.products.model import Variant
from catalog.stock.queries import variant_of
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.line_item import ItemKind

_SPECIAL: Final = prepare(
    select_columns(col(Variant.id), col(Variant.is_bundle), col(DigitalGood.needs_keys))
    .outerjoin(DigitalGood, col(DigitalGood.variant_id) == col(Variant.id))
    .where(
        one_of(Variant.id, "variant_ids"),
        or_(col(Variant.is_bundle), col(Variant.kind) != ItemKind.PHYSICAL),
    )
)
_FILES: Final = prepare(
    select(DigitalFile)
    .where(one_of(DigitalFile.variant_id, "variant_ids"), col(DigitalFile.deleted_at).is_(None))
    .order_by(col(DigitalFile.name), col(DigitalFile.id))
)
_COUNTS: Final = prepare(
    select_columns(col(LicenceKey.status), func.count())
    .where(col(LicenceKey.variant_id) == bindparam("variant_id"))
    .group_by(col(LicenceKey.status))
)
_DELIVERIES: Final = prepare(
    select(DigitalDelivery)
    .where(col(DigitalDelivery.order_id) == bindparam("order_id"))
    .order_by(col(DigitalDelivery.sku))
)
_KEYS_OF_ORDER: Final = prepare(
    select(LicenceKey)
    .where(col(LicenceKey.order_id) == bindparam("order_id"))
    .order_by(col(LicenceKey.id))
)
_DOWNLOADS: Final = prepare(
    select_columns(col(DigitalDownload.file_id), col(DigitalDownload.downloads)).where(
        col(DigitalDownload.order_id) == bindparam("order_id")
    )
)
_GOODS: Final = prepare(select(DigitalGood).where(one_of(DigitalGood.variant_id, "variant_ids")))


@dataclass(frozen=True, slots=True)
class SpecialVariants:
    """Variants that no warehouse has: bundles, endless ones, and those that need licence keys."""

    bundles: list[UUID]
    endless: set[UUID]
    keyed: set[UUID]

    def with_those(self, parts: "SpecialVariants") -> "SpecialVariants":
        """Returns these, with what the parts of bundles among them are."""
        return SpecialVariants(self.bundles, self.endless | parts.endless, self.keyed | parts.keyed)


@dataclass(frozen=True, slots=True)
class KeptGood:
    """A digital good with its SKU, its files, and its keys counted by state."""

    good: DigitalGood
    sku: str
    files: list[DigitalFile]
    keys: dict[LicenceKeyStatus, int]


@dataclass(frozen=True, slots=True)
class DeliveredGood:
    """A variant that an order brought, with its keys, files, and downloads by file."""

    delivery: DigitalDelivery
    keys: list[LicenceKey]
    files: list[DigitalFile]
    download_limit: int
    downloads: dict[UUID, int]

    def downloads_left(self, file: DigitalFile) -> int | None:
        """Returns how often a file can still be downloaded; None without a limit."""
        if not self.download_limit:
            return None
        return max(self.download_limit - self.downloads.get(file.id, 0), 0)


async def special_among(read: Read, variant_ids: Iterable[UUID]) -> SpecialVariants:
    """Returns the variants that no warehouse has."""
    found = await read.all(_SPECIAL, variant_ids=list(variant_ids))
    return SpecialVariants(
        [id for id, is_bundle, _ in found if is_bundle],
        {id for id, is_bundle, needs_keys in found if not is_bundle and not needs_keys},
        {id for id, is_bundle, needs_keys in found if not is_bundle and needs_keys},
    )


async def get_digital_good(read: Read, sku: str) -> KeptGood:
    """Returns the digital good of a SKU. Raises VariantNotFound, DigitalGoodNotFound."""
    variant = await variant_of(read, sku)
    good = await read.get(DigitalGood, variant.id)
    if good is None:
        raise DigitalGoodNotFound(sku=sku[:80])
    return await kept_good(read, good, sku)


async def kept_good(read: Read, good: DigitalGood, sku: str) -> KeptGood:
    """Returns a digital good with its files and keys."""
    files = await read.all(_FILES, variant_ids=[good.variant_id])
    counts = await read.all(_COUNTS, variant_id=good.variant_id)
    return KeptGood(good, sku, files, {LicenceKeyStatus(status): n for status, n in counts})


async def list_licence_keys(
    read: Read, sku: str, *, status: LicenceKeyStatus | None, before: UUID, size: int
) -> list[LicenceKey]:
    """Returns keys of a SKU before an id, newest first.

    Raises VariantNotFound, DigitalGoodNotFound.
    """
    variant = await variant_of(read, sku)
    if await read.get(DigitalGood, variant.id) is None:
        raise DigitalGoodNotFound(sku=sku[:80])
    query = (
        select(LicenceKey)
        .where(col(LicenceKey.variant_id) == variant.id, col(LicenceKey.id) < before)
        .order_by(col(LicenceKey.id).desc())
        .limit(size)
    )
    if status is not None:
        query = query.where(col(LicenceKey.status) == status)
    return await read.all(query)


async def list_delivered_goods(read: Read, order_id: UUID) -> list[DeliveredGood]:
    """Returns what an order brought; of what was taken back, no keys and no files."""
    deliveries = await read.all(_DELIVERIES, order_id=order_id)
    if not deliveries:
        return []
    variant_ids = [each.variant_id for each in deliveries]
    keys = await read.all(_KEYS_OF_ORDER, order_id=order_id)
    files = await read.all(_FILES, variant_ids=variant_ids)
    goods = {each.variant_id: each for each in await read.all(_GOODS, variant_ids=variant_ids)}
    downloads: dict[UUID, int] = dict(await read.all(_DOWNLOADS, order_id=order_id))
    return [
        DeliveredGood(
            each,
            [
                key
                for key in keys
                if key.variant_id == each.variant_id and key.status is LicenceKeyStatus.DELIVERED
            ]
            if each.revoked_at is None
            else [],
            [file for file in files if file.variant_id == each.variant_id and file.is_complete]
            if each.revoked_at is None
            else [],
            goods[each.variant_id].download_limit if each.variant_id in goods else 0,
            downloads,
        )
        for each in deliveries
    ]


async def deliveries_of(read: Read, order_id: UUID) -> list[DigitalDelivery]:
    """Returns what an order brought, without keys and files."""
    return await read.all(_DELIVERIES, order_id=order_id)

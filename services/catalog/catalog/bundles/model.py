"""Bundles and their parts, and how often a bundle can be had."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from catalog.channels.model import Channel, Channels
from catalog.products.model import Product, Variant
from catalog.stock.availability import availability_of
from catalog.stock.model import Available, available_in
from chassis.data.rows import Field, Row, code, column, counter, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.line_item import Availability, ItemKind

WHOLE_BASIS_POINTS: Final = 10_000


class BundlePricing(StrEnum):
    OWN = "own"
    SUM = "sum"


class Bundle(Row, table=True):
    """A variant that is sold as a set of others. `discount_basis_points` are taken off the sum."""

    __tablename__ = "bundle"
    __table_args__ = (
        states("pricing", BundlePricing),
        CheckConstraint("discount_basis_points BETWEEN 0 AND 9999"),
    )

    variant_id: UUID = Field(primary_key=True, foreign_key="variant.id")
    pricing: BundlePricing = code(BundlePricing)
    discount_basis_points: int
    version: int = counter(default=1)
    updated_at: datetime


class BundlePart(Row, table=True):
    """A quantity of a variant that is in one bundle, in steps of 10^-scale units."""

    __tablename__ = "bundle_part"
    __table_args__ = (CheckConstraint("quantity > 0"),)

    bundle_id: UUID = Field(primary_key=True, foreign_key="variant.id")
    part_id: UUID = Field(primary_key=True, foreign_key="variant.id", index=True)
    quantity: int = counter()
    position: int = column(Integer)


class Part(NamedTuple):
    """A part of a bundle with what its variant says; `is_sold` is false once that is retired."""

    bundle_id: UUID
    part_id: UUID
    quantity: int
    sku: str
    scale: int
    is_sold: bool
    product_slug: str
    kind: ItemKind


_part: Final = (
    select_columns(
        col(BundlePart.bundle_id),
        col(BundlePart.part_id),
        col(BundlePart.quantity),
        col(Variant.sku),
        col(Variant.scale),
        col(Variant.is_active),
        col(Product.slug),
        col(Variant.kind),
    )
    .join(Variant, col(Variant.id) == col(BundlePart.part_id))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .order_by(col(BundlePart.bundle_id), col(BundlePart.position))
)
_OF_BUNDLES: Final = prepare(_part.where(one_of(BundlePart.bundle_id, "bundle_ids")))
_WITH_PARTS: Final = prepare(
    _part.where(
        col(BundlePart.bundle_id).in_(
            select(BundlePart.bundle_id).where(one_of(BundlePart.part_id, "part_ids"))
        )
    )
)


async def parts_of(read: Read, bundle_ids: Sequence[UUID]) -> dict[UUID, list[Part]]:
    """Returns the parts of bundles; of none without a query."""
    if not bundle_ids:
        return {}
    return _by_bundle(await read.all(_OF_BUNDLES, bundle_ids=list(bundle_ids)))


async def bundles_with(read: Read, part_ids: Iterable[UUID]) -> dict[UUID, list[Part]]:
    """Returns all parts of the bundles that hold one of some variants."""
    return _by_bundle(await read.all(_WITH_PARTS, part_ids=sorted(part_ids)))


def _by_bundle(
    records: Iterable[tuple[UUID, UUID, int, str, int, bool, str, ItemKind]],
) -> dict[UUID, list[Part]]:
    found: dict[UUID, list[Part]] = {}
    for record in records:
        part = Part(*record)
        found.setdefault(part.bundle_id, []).append(part)
    return found


def expand(wanted: Mapping[UUID, int], bundles: Mapping[UUID, Sequence[Part]]) -> dict[UUID, int]:
    """Returns what to reserve for lines: the parts of bundles in place of these."""
    found: dict[UUID, int] = {}
    for variant_id, quantity in wanted.items():
        if variant_id not in bundles:
            found[variant_id] = found.get(variant_id, 0) + quantity
            continue
        for part in bundles[variant_id]:
            found[part.part_id] = found.get(part.part_id, 0) + quantity * part.quantity
    return dict(sorted(found.items()))


def available_bundles(channel: Channel, parts: Sequence[Part], counts: Iterable[Available]) -> int:
    """Returns how many bundles the warehouses of a channel hold: as many as the scarcest part."""
    there = available_in(channel, counts)
    return min(
        (
            there.get(part.part_id, (0, 0))[0] // part.quantity if part.is_sold else 0
            for part in parts
        ),
        default=0,
    )


def bundle_classes(
    channels: Channels, bundles: Mapping[UUID, Sequence[Part]], counts: Sequence[Available]
) -> dict[tuple[str, UUID], Availability]:
    """The availability class of each bundle in each channel, from the counts of the parts."""
    return {
        (channel.code, bundle_id): availability_of(available_bundles(channel, parts, counts))
        for channel in channels.all
        for bundle_id, parts in bundles.items()
    }

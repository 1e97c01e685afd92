"""Digital goods in the bundles of orders: which an order has, and which go back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from catalog.bundles.model import Part
from catalog.channels.model import localized
from catalog.digital_goods.actions import take_back
from catalog.digital_goods.model import ReservedDigitalPart
from catalog.digital_goods.pool import revoke_surplus
from catalog.products.model import Product, Variant
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.line_item import ItemKind
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import ITEM_KINDS
from sojourn.checkout.v1 import checkout_pb2
from sojourn.common.v1 import line_item_pb2

_OF_ORDER: Final = prepare(
    select(ReservedDigitalPart).where(col(ReservedDigitalPart.order_id) == bindparam("order_id"))
)
_SHOWN: Final = prepare(
    select_columns(col(Variant.id), col(Variant.sku), col(Variant.options), col(Product.title))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .where(one_of(Variant.id, "variant_ids"))
    .order_by(col(Variant.sku))
)


def digital_among(bundles: Mapping[UUID, Sequence[Part]]) -> set[UUID]:
    """Returns the parts of bundles that are digital goods."""
    return {
        part.part_id
        for parts in bundles.values()
        for part in parts
        if part.kind is ItemKind.DIGITAL
    }


async def keep_digital_parts(
    tx: Tx, order_id: UUID, bundles: Mapping[UUID, Sequence[Part]], digital: Collection[UUID]
) -> None:
    """Notes which digital goods the bundles of an order hold."""
    rows = [
        ReservedDigitalPart(
            order_id=order_id,
            bundle_id=bundle_id,
            variant_id=part.part_id,
            quantity=part.quantity,
        )
        for bundle_id, parts in bundles.items()
        for part in parts
        if part.part_id in digital
    ]
    if rows:
        await tx.insert(*rows)


async def digital_items_of(read: Read, order: checkout_pb2.Order) -> list[line_item_pb2.LineItem]:
    """Returns the digital goods that an order is for: lines of it, and parts of its bundles.

    A bundle that is cancelled or returned brings none.
    """
    lines = [
        line.item for line in order.lines if ITEM_KINDS.decode(line.item.kind) is ItemKind.DIGITAL
    ]
    bundled = await _parts_of(read, order)
    if not bundled:
        return lines
    kept, bundles = _kept(order), {str(each.bundle_id) for each in bundled}
    found = {item.variant_id: item for item in lines if item.variant_id not in bundles}
    parts = {each.variant_id for each in bundled if kept.get(each.bundle_id, 0)}
    for item in await _items_of(read, parts, order.locale):
        found.setdefault(item.variant_id, item)
    return list(found.values())


async def take_back_parts(tx: Tx, order: checkout_pb2.Order) -> None:
    """Takes back the digital goods of bundles that an order has no more.

    Of a good with licence keys, those beyond what the order still has. A repeat changes nothing.
    """
    bundled = await _parts_of(tx, order)
    if not bundled:
        return
    kept, order_id = _kept(order), parse_id(order.id, "order_id")
    left = {each.variant_id: kept.get(each.variant_id, 0) for each in bundled}
    for each in bundled:
        left[each.variant_id] += kept.get(each.bundle_id, 0) * each.quantity
    await take_back(tx, order_id, [id for id, quantity in sorted(left.items()) if not quantity])
    for variant_id, quantity in sorted(left.items()):
        await revoke_surplus(tx, order_id, variant_id, kept=quantity)


async def _parts_of(read: Read, order: checkout_pb2.Order) -> list[ReservedDigitalPart]:
    return await read.all(_OF_ORDER, order_id=parse_id(order.id, "order_id"))


def _kept(order: checkout_pb2.Order) -> dict[UUID, int]:
    """Returns what is neither cancelled nor returned of each line, by variant."""
    return {
        parse_id(line.item.variant_id, "variant_id"): line.item.quantity.steps
        - line.cancelled.steps
        - line.returned.steps
        for line in order.lines
    }


async def _items_of(
    read: Read, variant_ids: Iterable[UUID], locale: str
) -> list[line_item_pb2.LineItem]:
    return [
        line_item_pb2.LineItem(
            variant_id=str(id),
            sku=sku,
            title=localized(title, locale, locale),
            options=", ".join(f"{name}: {value}" for name, value in options),
        )
        for id, sku, options, title in await read.all(_SHOWN, variant_ids=sorted(variant_ids))
    ]

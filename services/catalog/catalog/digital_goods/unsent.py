"""What keeps a variant from being sold without a warehouse."""

from typing import Final

from sqlmodel import select

from catalog.bundles.model import BundlePart
from catalog.products.model import Variant
from catalog.stock import model as stock
from catalog.stock.model import DIGITAL
from catalog.stock.policies import PolicyKind, policies_of
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

_HOLDERS: Final = prepare(
    select(BundlePart.bundle_id).where(one_of(BundlePart.part_id, "part_ids")).limit(1)
)


async def find_obstacle(read: Read, variant: Variant) -> str | None:
    """Returns what is wrong with a variant that has a stock or is sold otherwise; None if nothing.

    The sentence goes on from its name.
    """
    if variant.scale or variant.increment != 1:
        return "is sold by the piece"
    if variant.is_bundle or await read.one(_HOLDERS, part_ids=[variant.id]) is not None:
        return "is no bundle and no part of one"
    levels = await stock.levels_of(read, [variant.id])
    if any(level.on_hand for level in levels if level.warehouse != DIGITAL):
        return "has no stock in a warehouse"
    policy = (await policies_of(read, [variant.id])).get(variant.id)
    if policy is not None and policy.kind is not PolicyKind.NONE:
        return "is not sold before it is there"
    return None

"""Obstacles to selling a variant without a warehouse."""

from catalog.bundles.model import bundles_with
from catalog.products.model import Variant
from catalog.stock import model as stock
from catalog.stock.model import DIGITAL
from catalog.stock.policies import PolicyKind, policies_of
from chassis.data.tx import Read


async def find_obstacle(read: Read, variant: Variant) -> str | None:
    """Returns why a variant that has a stock or is sold otherwise is none of these.

    Returns None if nothing is wrong. The sentence goes on from its name.
    """
    if variant.scale or variant.increment != 1:
        return "is sold by the piece"
    if variant.is_bundle or await bundles_with(read, [variant.id]):
        return "is no bundle and no part of one"
    levels = await stock.levels_of(read, [variant.id])
    if any(level.on_hand for level in levels if level.warehouse != DIGITAL):
        return "has no stock in a warehouse"
    policy = (await policies_of(read, [variant.id])).get(variant.id)
    if policy is not None and policy.kind is not PolicyKind.NONE:
        return "is not sold before it is there"
    return None

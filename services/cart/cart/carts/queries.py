"""Reads of carts. One statement reads a cart with the rules that price it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from cart.carts.model import Cart
from cart.errors import CartNotFound
from cart.promotions.model import NO_RULES, PricingRules
from cart.promotions.queries import ORDERS_PLACED, PROMOTIONS
from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx

_LOOP: Final = Loop("carts")
# As the partial index says it.
_USABLE: Final = text("cart.status IN ('open', 'abandoned')")
_WITH_RULES: Final = select(Cart, ORDERS_PLACED, PROMOTIONS).where(
    Cart.owner_id == bindparam("owner_id")
)
_BY_ID: Final = prepare(_WITH_RULES.where(Cart.id == bindparam("cart_id")))
_CURRENT: Final = prepare(
    _WITH_RULES.where(Cart.channel == bindparam("channel"), _USABLE)
    .order_by(col(Cart.updated_at).desc(), col(Cart.id).desc())
    .limit(1)
)


async def get_cart(read: Read, cart_id: UUID, owner_id: UUID) -> tuple[Cart, PricingRules]:
    """Returns an owner's cart and its rules. Raises CartNotFound, also for a stranger's cart."""
    return _with_rules(await read.one(_BY_ID, cart_id=cart_id, owner_id=owner_id))


async def get_current_cart(read: Read, owner_id: UUID, channel: str) -> tuple[Cart, PricingRules]:
    """Returns the usable cart of a channel that its owner changed last. Raises CartNotFound."""
    return _with_rules(await read.one(_CURRENT, owner_id=owner_id, channel=channel))


async def find_current_cart(
    read: Read, owner_id: UUID, channel: str
) -> tuple[Cart, PricingRules] | None:
    """Returns the usable cart of a channel that its owner changed last; None without one."""
    record = await read.one(_CURRENT, owner_id=owner_id, channel=channel)
    return None if record is None else _with_rules(record)


async def list_usable_carts(read: Read, owner_ids: Iterable[UUID]) -> list[Cart]:
    """Returns the usable carts of several owners, last changed first.

    Leaves out a cart that cannot be read.
    """
    query = select(Cart).where(one_of(Cart.owner_id, owner_ids), _USABLE).order_by(col(Cart.id))
    return _last_changed_first(await find_readable(read, Cart, query, loop=_LOOP))


async def lock_usable_carts(tx: Tx, owner_ids: Iterable[UUID]) -> list[Cart]:
    """Locks the same carts in the order of their ids, and returns them last changed first."""
    query = (
        select(Cart)
        .where(one_of(Cart.owner_id, owner_ids), _USABLE)
        .order_by(col(Cart.id))
        .with_for_update()
    )
    return _last_changed_first(await find_readable(tx, Cart, query, loop=_LOOP))


def rules_for(
    cart: Cart, orders_placed: int, promotions: Sequence[Mapping[str, Any]] | None
) -> PricingRules:
    """Returns the rules that the database gave for a cart.

    A synthetic shopper has none: they would use up what is for others.
    """
    return NO_RULES if cart.is_synthetic else PricingRules.load(orders_placed, promotions)


def _with_rules(record: tuple[Cart, int, Any] | None) -> tuple[Cart, PricingRules]:
    if record is None:
        raise CartNotFound
    cart, orders_placed, promotions = record
    return cart, rules_for(cart, orders_placed, promotions)


def _last_changed_first(found: list[Cart]) -> list[Cart]:
    return sorted(found, key=lambda cart: (cart.updated_at, cart.id), reverse=True)

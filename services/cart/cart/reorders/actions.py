"""Use case of a reorder: puts the lines of an order into a cart."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from cart.carts.actions import emit_lines_added
from cart.carts.model import Cart, ChangeContext, PricedCart
from cart.carts.store import insert_cart, lock_cart, store_change
from cart.reorders.model import OrderedLines, ReorderedLine, add_ordered_lines, lines_of
from chassis.data.tx import Tx


@dataclass(frozen=True, slots=True)
class ReorderInCart:
    """A wish to order again: the order, the lines that are named, and the cart.

    `cart_id` is that of an existing cart; None for `new_cart`, which is inserted if something is
    added to it.
    """

    order: OrderedLines
    line_ids: Collection[UUID]
    cart_id: UUID | None
    new_cart: Cart | None = None


async def reorder(
    tx: Tx, wish: ReorderInCart, owner_id: UUID, context: ChangeContext
) -> tuple[PricedCart | None, list[ReorderedLine]]:
    """Adds the lines of an order to a cart; emits CartLineAdded for each line that grew.

    Returns the cart, and what became of the order's lines. The cart is None if nothing was added
    to it: it is as it was. Raises LoginRequired, OrderLineNotFound, CartNotFound, CartNotOpen.
    """
    if wish.new_cart is not None:
        cart = wish.new_cart
    else:
        assert wish.cart_id is not None
        cart = await lock_cart(tx, wish.cart_id, owner_id, context)
    reordered = add_ordered_lines(cart, wish.order, wish.line_ids, context.offers)
    grown = lines_of(reordered)
    if not grown:
        return None, reordered
    if wish.new_cart is not None:
        priced = await insert_cart(tx, cart, context)
    else:
        priced = await store_change(tx, cart, context)
    await emit_lines_added(tx, cart, grown)
    return priced, reordered

"""Making carts and changing their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cart import carts
from cart.carts import Basket, Cart, Line, Terms
from cart.errors import CartTotalTooLarge, OutOfStock
from cart.offers import MOST_QUANTITY, Offers
from chassis.data.tx import Tx
from chassis.money import MOST_MINOR
from chassis.rpc import wire
from sojourn.cart.v1 import events_pb2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A variant to add, and how much of it."""

    variant_id: UUID
    quantity: int


async def create(tx: Tx, cart: Cart, wanted: Sequence[Wanted], terms: Terms) -> Basket:
    """Makes a cart with lines. Raises as `add`."""
    added = [cart.add(each.variant_id, each.quantity, terms.offers) for each in wanted]
    _require_bounded(cart, terms.offers)
    basket = await carts.create(tx, cart, terms)
    await _tell(tx, cart, added)
    return basket


async def add(tx: Tx, cart: Cart, wanted: Wanted, terms: Terms) -> Basket:
    """Adds a quantity of a variant.

    Raises UnknownVariant, InvalidQuantity, OutOfStock, TooManyLines, CartTotalTooLarge, CartNotOpen, VersionMismatch.
    """

    def apply(cart: Cart) -> None:
        cart.add(wanted.variant_id, wanted.quantity, terms.offers)
        _require_bounded(cart, terms.offers)

    basket = await carts.change(tx, cart, apply, terms)
    await _tell(tx, basket.cart, [line for line in basket.cart.lines if line.variant_id == wanted.variant_id])
    return basket


async def set_quantity(tx: Tx, cart: Cart, line_id: UUID, quantity: int, terms: Terms) -> Basket:
    """Sets a line's quantity; 0 removes it. Only a higher quantity needs today's offer.

    Raises LineNotFound, InvalidQuantity, OutOfStock, CartTotalTooLarge, CartNotOpen, VersionMismatch.
    """
    is_raised = False

    def apply(cart: Cart) -> None:
        nonlocal is_raised
        line = cart.line(line_id)
        if quantity == 0:
            cart.lines.remove(line)
            return
        line.seen.must_sell(quantity)
        is_raised = quantity > line.quantity
        if is_raised:
            offer = terms.offers.by_variant.get(line.variant_id)
            if offer is None:
                raise OutOfStock(variant_id=line.variant_id, available=0)
            offer.must_sell(quantity)
            offer.must_have(quantity)
        line.quantity = quantity
        if is_raised:
            _require_bounded(cart, terms.offers)

    basket = await carts.change(tx, cart, apply, terms)
    if is_raised:
        await _tell(tx, basket.cart, [basket.cart.line(line_id)])
    return basket


def _require_bounded(cart: Cart, offers: Offers) -> None:
    """Raises CartTotalTooLarge. What is already too large because prices rose can still be lowered."""
    if cart.subtotal_minor(offers) > MOST_MINOR:
        raise CartTotalTooLarge(most_minor=MOST_MINOR, currency=cart.currency)


def is_raising(cart: Cart, line_id: UUID, quantity: int) -> bool:
    """Whether `quantity` is above the line's; false for an unknown line."""
    return any(line.id == line_id and line.quantity < quantity <= MOST_QUANTITY for line in cart.lines)


async def _tell(tx: Tx, cart: Cart, lines: Sequence[Line]) -> None:
    for line in {line.id: line for line in lines}.values():
        event = events_pb2.CartLineAdded(
            cart_id=str(cart.id),
            version=cart.version,
            owner_id=str(cart.owner_id),
            variant_id=str(line.variant_id),
            quantity=wire.quantity(line.seen.quantity_of(line.quantity)),
            channel=cart.channel,
        )
        await tx.emit(event, key=cart.id, synthetic=cart.is_synthetic)

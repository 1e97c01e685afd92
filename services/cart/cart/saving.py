"""Saving a cart with an e-mail address."""

from cart import carts
from cart.carts import Basket, Cart, Terms
from cart.orders import digest_of
from chassis.data.tx import Tx
from chassis.email_addresses import normalize_email
from sojourn.cart.v1.events_pb2 import CartReminderRequested


def email_of(typed: str, *, allows_test_domains: bool) -> str:
    """The address in its normal form. Raises InvalidEmail."""
    return normalize_email(typed, allows_test_domains=allows_test_domains)


async def save(tx: Tx, cart: Cart, email: str, terms: Terms, *, may_remind: bool) -> Basket:
    """Keeps an address (as `email_of` gives it) and whether it may be reminded. Raises CartNotOpen.

    Emits CartReminderRequested where a reminder was asked for: the address may be another person's, who is asked first.
    """

    def apply(cart: Cart) -> None:
        cart.email, cart.email_digest, cart.may_remind = email, digest_of(email), may_remind

    basket = await carts.change(tx, cart, apply, terms)
    if may_remind:
        await tx.emit(_reminder_request(basket.cart), key=cart.id, synthetic=cart.is_synthetic)
    return basket


def _reminder_request(cart: Cart) -> CartReminderRequested:
    return CartReminderRequested(
        cart_id=str(cart.id),
        version=cart.version,
        owner_id=str(cart.owner_id),
        email=cart.email,
        locale=cart.locale,
        channel=cart.channel,
    )

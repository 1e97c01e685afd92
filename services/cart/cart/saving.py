"""Keeping an e-mail address with a cart."""

from cart import carts
from cart.carts import Basket, Cart, Terms
from cart.orders import digest_of
from chassis.db import Tx
from chassis.email_addresses import normalize_email


def email_of(typed: str, *, allows_test_domains: bool) -> str:
    """The address in its normal form. Raises InvalidEmail."""
    return normalize_email(typed, allows_test_domains=allows_test_domains)


async def save(tx: Tx, cart: Cart, email: str, terms: Terms, *, may_remind: bool) -> Basket:
    """Keeps an address (as `email_of` gives it) and whether it may be reminded. Raises CartNotOpen."""

    def apply(cart: Cart) -> None:
        cart.email, cart.email_digest, cart.may_remind = email, digest_of(email), may_remind

    return await carts.change(tx, cart, apply, terms)

"""Keeping an e-mail address with a cart."""

import re
from typing import Final

from cart import carts
from cart.carts import Basket, Cart, Terms
from cart.errors import InvalidEmail
from cart.orders import digest_of
from chassis.db import Tx

_MOST_CHARACTERS: Final = 254
_SHAPE: Final = re.compile(r"[^@\s<>\x00-\x1f]{1,64}@[^@\s.<>\x00-\x1f]+(\.[^@\s.<>\x00-\x1f]+)+")


def email_of(typed: str) -> str:
    """An address in lower case, without space around it. Raises InvalidEmail."""
    address = typed.strip().lower()
    if len(address) > _MOST_CHARACTERS or not _SHAPE.fullmatch(address):
        raise InvalidEmail
    return address


async def save(tx: Tx, cart: Cart, email: str, terms: Terms, *, may_remind: bool) -> Basket:
    """Keeps an address (as `email_of` gives it) and whether it may be reminded. Raises CartNotOpen."""

    def apply(cart: Cart) -> None:
        cart.email, cart.email_digest, cart.may_remind = email, digest_of(email), may_remind

    return await carts.change(tx, cart, apply, terms)

"""Typing coupon codes, and taking them off."""

from typing import Final

from cart import carts, totals
from cart.carts import Basket, Cart, Terms
from cart.errors import CouponNotValid, TooManyCoupons
from cart.promotions import COUPON_CODE, Why, coupon_code
from chassis.data.tx import Tx

MOST_COUPONS: Final = 10


async def apply_coupon(tx: Tx, cart: Cart, typed: str, terms: Terms) -> Basket:
    """Adds a code. One that is there already stays. Raises CouponNotValid with why, TooManyCoupons, CartNotOpen."""
    code = coupon_code(typed)
    if not COUPON_CODE.fullmatch(code):
        raise CouponNotValid(why=Why.UNKNOWN)

    def apply(cart: Cart) -> None:
        if code in cart.coupon_codes:
            return
        if len(cart.coupon_codes) >= MOST_COUPONS:
            raise TooManyCoupons(most=MOST_COUPONS)
        cart.coupon_codes.append(code)

    basket = await carts.change(tx, cart, apply, terms)
    if why := totals.of(basket, tx.now).refused.get(code):
        raise CouponNotValid(why=why)
    return basket


async def remove_coupon(tx: Tx, cart: Cart, typed: str, terms: Terms) -> Basket:
    """Takes a code off; one that is not there is passed over. Raises CartNotOpen."""
    code = coupon_code(typed)

    def apply(cart: Cart) -> None:
        cart.coupon_codes = [other for other in cart.coupon_codes if other != code]

    return await carts.change(tx, cart, apply, terms)

"""Reviews of checkouts, as several services show them."""

from chassis.data.tx import Read
from chassis.rpc.auth import Caller
from chassis.rpc.server import Call
from checkout.checkouts.actions import CheckoutContext
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.model import Checkout
from checkout.checkouts.review import Review, review_checkout
from checkout.gift_cards.queries import find_applied_gift_cards
from checkout.gift_cards.shares import NO_GIFT_CARDS, AppliedGiftCards
from checkout.wiring import Components


class CheckoutReviews:
    """Prices checkouts now. Ask without a connection out."""

    def __init__(self, components: Components) -> None:
        self._components, self._settings = components, components.settings

    async def cart(self, checkout: Checkout, access_token: str, email: str) -> CartForOrder:
        """Returns the cart of a checkout, priced for an e-mail address."""
        return await self._components.participants.carts.get_cart_for_order(
            checkout.cart_id, owner_id=checkout.owner_id, access_token=access_token, email=email
        )

    async def context(
        self, cart: CartForOrder, caller: Caller, *, expected_version: int = 0
    ) -> CheckoutContext:
        """Returns what a change of a checkout depends on."""
        channel, tables = self._settings.channel(cart.channel_id), await self._components.tables()
        offers = await self._components.payment_offers(caller)
        return CheckoutContext(cart, channel, offers, tables, expected_version)

    async def review(
        self, checkout: Checkout, call: Call, gift_cards: AppliedGiftCards = NO_GIFT_CARDS
    ) -> Review:
        """Returns the review of an open checkout with its gift cards."""
        cart = await self.cart(checkout, call.access_token, checkout.email)
        return review_checkout(
            checkout,
            cart,
            channel=self._settings.channel(checkout.channel_id),
            now=self._components.participants.clock.now(),
            offers=await self._components.payment_offers(call.caller),
            tables=await self._components.tables(),
            gift_cards=gift_cards,
        )


async def gift_cards_of(read: Read, checkout: Checkout) -> AppliedGiftCards:
    """Returns the gift cards of a checkout."""
    return await find_applied_gift_cards(read, checkout.gift_card_ids, checkout.channel_id)

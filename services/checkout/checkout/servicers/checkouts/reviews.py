"""Reviews of checkouts for the servicers that show, change or complete one."""

from dataclasses import replace

from chassis.data.tx import Read
from chassis.rpc.auth import Caller
from chassis.rpc.server import Call
from checkout.checkouts.actions import CheckoutContext, review_changes
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.model import Checkout, CheckoutChanges
from checkout.checkouts.review import Review, review_checkout
from checkout.gift_cards.queries import find_applied_gift_cards
from checkout.gift_cards.shares import NO_GIFT_CARDS, AppliedGiftCards
from checkout.payment_methods.offers import WantedMethod
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
        self,
        cart: CartForOrder,
        caller: Caller,
        *,
        expected_version: int = 0,
        offers_credit: bool = True,
        wanted: WantedMethod | None = None,
        is_latest: bool = False,
    ) -> CheckoutContext:
        """Returns what a change of a checkout depends on.

        Without `offers_credit` no invoice is offered: who holds a mailed link only may not owe. A
        `wanted` payment method is looked for in what staff committed last, unless it is known to
        fit; `is_latest` looks there in any case.
        """
        channel, tables = self._settings.channel(cart.channel_id), await self._components.tables()
        offers = await self._components.payment_offers(caller, is_latest=is_latest)
        if wanted and not offers.has_for_sure(cart.channel_id, cart.currency, wanted):
            offers = await self._components.payment_offers(caller, is_latest=True)
        if offers_credit and offers.has_invoices and caller.kind == "customer":
            credit = await self._components.credits.find(
                cart.owner_id, caller.organization_id, cart.currency
            )
            offers = replace(offers, credit=credit)
        return CheckoutContext(cart, channel, offers, tables, expected_version)

    async def review(
        self,
        checkout: Checkout,
        call: Call,
        gift_cards: AppliedGiftCards = NO_GIFT_CARDS,
        *,
        cart: CartForOrder | None = None,
    ) -> Review:
        """Returns the review of an open checkout with its gift cards.

        Its cart is priced now, unless that of a draft order is given: then no invoice is offered.
        """
        offers_credit = cart is None
        cart = cart or await self.cart(checkout, call.access_token, checkout.email)
        context = await self.context(cart, call.caller, offers_credit=offers_credit)
        review = await self._reviewed(checkout, cart, context, gift_cards)
        if not review.refused_method:
            return review
        context = await self.context(cart, call.caller, offers_credit=offers_credit, is_latest=True)
        return await self._reviewed(checkout, cart, context, gift_cards)

    async def _reviewed(
        self,
        checkout: Checkout,
        cart: CartForOrder,
        context: CheckoutContext,
        gift_cards: AppliedGiftCards,
    ) -> Review:
        context = await self.with_taxes(context, CheckoutChanges(), checkout)
        return review_checkout(
            checkout,
            cart,
            channel=context.channel,
            now=self._components.participants.clock.now(),
            offers=context.offers,
            tables=context.tables,
            gift_cards=gift_cards,
        )

    async def with_taxes(
        self, context: CheckoutContext, changes: CheckoutChanges, checkout: Checkout
    ) -> CheckoutContext:
        """Returns the context with the answers of the tax provider, if the channel has one.

        They are those for the checkout after the changes. Raises TaxProviderUnavailable.
        """
        now = self._components.participants.clock.now()
        calculate = await self._components.tax_calculations.prepare(
            context.tables.taxes.settings_of(checkout.channel_id),
            lambda calculate: review_changes(
                changes, checkout, context.calculating(calculate), now
            ),
            is_synthetic=checkout.is_synthetic,
        )
        return context.calculating(calculate)


def wanted_method(changes: CheckoutChanges) -> WantedMethod | None:
    """Returns the payment method that changes name, themselves or by a saved instrument."""
    if changes.payment_method_id:
        return WantedMethod(changes.payment_method_id)
    if saved := changes.saved_method:
        return WantedMethod(provider=saved.provider, provider_method=saved.provider_method)
    return None


async def gift_cards_of(read: Read, checkout: Checkout) -> AppliedGiftCards:
    """Returns the gift cards of a checkout."""
    return await find_applied_gift_cards(read, checkout.gift_card_ids, checkout.channel_id)

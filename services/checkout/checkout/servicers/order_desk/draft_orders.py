"""DraftOrderService and DraftOrderLinkService."""

import contextlib
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.money import Money
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.checkouts.actions import update_checkout
from checkout.checkouts.model import Checkout, CheckoutChanges
from checkout.checkouts.queries import get_checkout
from checkout.checkouts.wire import bare_to_proto, open_to_proto, ordered_to_proto
from checkout.draft_orders.actions import (
    DraftToSave,
    delete_draft_order,
    save_draft_order,
    send_draft_order,
)
from checkout.draft_orders.model import DraftOrder, buyer_of
from checkout.draft_orders.queries import (
    get_draft_order,
    get_linked_draft_order,
    list_draft_orders,
)
from checkout.draft_orders.wire import draft_order_to_proto
from checkout.errors.checkouts import CheckoutNotFound, CheckoutNotOpen
from checkout.errors.orders import DraftOrderNotFound
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.order_links.model import digest_of_token
from checkout.orders.queries import get_order
from checkout.placing.model import Expectation
from checkout.servicers.checkouts.checkouts import CheckoutServicer, Completion
from checkout.servicers.checkouts.reviews import CheckoutReviews, gift_cards_of, wanted_method
from checkout.wiring import Components
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import draft_orders_pb2 as pb
from sojourn.checkout.v1 import draft_orders_pb2_grpc as pb_grpc

_PLACE: Final = "orders.place"
_DEFAULT_PAGE: Final = 20


async def _show(
    reviews: CheckoutReviews, draft: DraftOrder, checkout: Checkout, call: Call
) -> checkout_pb2.Checkout:
    """Returns a checkout with its order, or else open at its saved prices, or bare.

    The call acts as the buyer from now on. Ask without a connection out.
    """
    call.caller = buyer_of(checkout)
    async with call.read() as found:
        if checkout.has_order and checkout.order_id:
            return ordered_to_proto(checkout, await get_order(found, checkout.order_id))
        cards = await gift_cards_of(found, checkout)
    if not checkout.is_open:
        return bare_to_proto(checkout)
    return open_to_proto(checkout, await reviews.review(checkout, call, cards, cart=draft.cart))


class DraftOrderServicer(Servicer, pb_grpc.DraftOrderServiceServicer):
    """Draft orders for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._reviews = CheckoutReviews(components)
        self._days = components.settings.draft_order_days

    @write(delegated=True)
    async def SaveDraftOrder(self, request: pb.SaveDraftOrderRequest, call: Call) -> pb.DraftOrder:
        checkout_id = parse_id_or(request.checkout_id, CheckoutNotFound())
        async with call.read() as found:
            checkout = await get_checkout(found, checkout_id, call.caller)
            cards = await gift_cards_of(found, checkout)
        checkout.require_open(self.database.clock.now())
        cart = await self._reviews.cart(checkout, call.access_token, checkout.email)
        cart.require_orderable()
        review = await self._reviews.review(checkout, call, cards, cart=cart)
        wanted = DraftToSave(
            checkout, request.name, cart, review, self._days, request.expected_version
        )
        async with call.tx() as tx:
            draft, checkout = await save_draft_order(tx, wanted, caller=call.caller)
        return draft_order_to_proto(draft, checkout)

    @read(scope=_PLACE)
    async def ListDraftOrders(
        self, request: pb.ListDraftOrdersRequest, call: Call
    ) -> pb.ListDraftOrdersResponse:
        size = size_of(request.page.size, default=_DEFAULT_PAGE)
        position = position_of(request.page.token, length=1)
        before = _draft_order_id(str(position[0])) if position else None
        async with call.read() as found:
            drafts = await list_draft_orders(found, before=before, limit=size + 1)
        token = token_of([str(drafts[size - 1][0].id)]) if len(drafts) > size else ""
        return pb.ListDraftOrdersResponse(
            draft_orders=[draft_order_to_proto(*each) for each in drafts[:size]],
            next_page_token=token,
        )

    @read(scope=_PLACE)
    async def GetDraftOrder(self, request: pb.GetDraftOrderRequest, call: Call) -> pb.DraftOrder:
        async with call.read() as found:
            draft, checkout = await get_draft_order(found, _draft_order_id(request.draft_order_id))
        shown = await _show(self._reviews, draft, checkout, call)
        return draft_order_to_proto(draft, checkout, shown)

    @write(scope=_PLACE)
    async def DeleteDraftOrder(
        self, request: pb.DeleteDraftOrderRequest, call: Call
    ) -> pb.DeleteDraftOrderResponse:
        async with call.tx() as tx:
            await delete_draft_order(
                tx,
                _draft_order_id(request.draft_order_id),
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return pb.DeleteDraftOrderResponse()

    @write(scope=_PLACE, needs_key=True)
    async def SendDraftOrder(self, request: pb.SendDraftOrderRequest, call: Call) -> pb.DraftOrder:
        async with call.tx() as tx:
            draft, checkout = await send_draft_order(
                tx,
                _draft_order_id(request.draft_order_id),
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return draft_order_to_proto(draft, checkout)


class DraftOrderLinkServicer(Servicer, pb_grpc.DraftOrderLinkServiceServicer):
    """Draft orders for who holds the link of one: they act as its buyer, on its checkout alone."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        components: Components,
        checkouts: CheckoutServicer,
    ) -> None:
        super().__init__(database, verifier)
        self._reviews = CheckoutReviews(components)
        self._checkouts = checkouts

    @read(public=True)
    async def GetLinkedCheckout(
        self, request: pb.GetLinkedCheckoutRequest, call: Call
    ) -> checkout_pb2.Checkout:
        async with call.read() as found:
            draft, checkout = await get_linked_draft_order(found, digest_of_token(request.token))
        return await _show(self._reviews, draft, checkout, call)

    @write(public=True, needs_key=True)
    async def CompleteLinkedCheckout(
        self, request: pb.CompleteLinkedCheckoutRequest, call: Call
    ) -> checkout_pb2.Order:
        async with call.read() as found:
            draft, checkout = await get_linked_draft_order(found, digest_of_token(request.token))
        call.caller = buyer_of(checkout)
        if checkout.is_open:
            await self._choose_payment(request, draft, checkout, call)
        expected = Expectation(Money.from_proto(request.expected_total))
        key = IdempotencyKey(f"link:{checkout.id}", call.key, fingerprint_of(request))
        wish = Completion(checkout.id, expected, key, draft.cart)
        return await self._checkouts.complete(wish, call)

    async def _choose_payment(
        self,
        request: pb.CompleteLinkedCheckoutRequest,
        draft: DraftOrder,
        checkout: Checkout,
        call: Call,
    ) -> None:
        """Sets the payment of an open checkout; a twin that was faster has placed its order."""
        changes = CheckoutChanges(
            payment_method_id=request.payment_method_id,
            payment_token=request.payment_token,
            return_url=request.return_url,
            # Whoever holds the link may not charge what the buyer has saved, nor agree for them.
            drops_saved_method=True,
            saves_payment_method=False,
        )
        context = await self._reviews.context(
            draft.cart, call.caller, offers_credit=False, wanted=wanted_method(changes)
        )
        context = await self._reviews.with_taxes(context, changes, checkout)
        with contextlib.suppress(CheckoutNotOpen):
            async with self.database.tx() as tx:
                await update_checkout(tx, checkout.id, changes, context, caller=call.caller)


def _draft_order_id(text: str) -> UUID:
    return parse_id_or(text, DraftOrderNotFound())

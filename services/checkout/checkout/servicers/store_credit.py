"""StoreCreditService."""

from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.money import Money
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.checkouts.actions import apply_gift_card
from checkout.checkouts.model import CheckoutChanges
from checkout.checkouts.queries import get_checkout
from checkout.checkouts.wire import open_to_proto
from checkout.errors.checkouts import CheckoutNotFound
from checkout.errors.gift_cards import StoreCreditNotFound
from checkout.gift_cards.queries import list_gift_card_entries
from checkout.servicers.checkouts.reviews import CheckoutReviews
from checkout.store_credit import wire
from checkout.store_credit.actions import adjust_store_credit
from checkout.store_credit.queries import find_store_credit, get_store_credit
from checkout.wiring import Components
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import store_credit_pb2 as pb
from sojourn.checkout.v1 import store_credit_pb2_grpc as pb_grpc

_READ: Final = "gift_cards.read"
_WRITE: Final = "gift_cards.write"


class StoreCreditServicer(Servicer, pb_grpc.StoreCreditServiceServicer):
    """Store credit of customers, for them and for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._default_channel = components.settings.default_channel
        self._reviews = CheckoutReviews(components)

    @read()
    async def GetStoreCredit(
        self, request: pb.GetStoreCreditRequest, call: Call
    ) -> pb.GetStoreCreditResponse:
        owner_id = _owner_id(request, call)
        async with call.read() as found:
            credits = await find_store_credit(found, owner_id)
        now = self.database.clock.now()
        return pb.GetStoreCreditResponse(
            store_credit=[wire.credit_to_proto(each, now) for each in credits]
        )

    @read()
    async def ListStoreCreditEntries(
        self, request: pb.ListStoreCreditEntriesRequest, call: Call
    ) -> pb.ListStoreCreditEntriesResponse:
        owner_id, size = _owner_id(request, call), size_of(request.page.size, default=50)
        position = position_of(request.page.token, length=1)
        before = parse_id_or(str(position[0]), InvalidPageToken()) if position else None
        async with call.read() as found:
            credit = await get_store_credit(found, owner_id, request.currency)
            entries = await list_gift_card_entries(found, credit.id, before=before, limit=size + 1)
        page = entries[:size]
        return pb.ListStoreCreditEntriesResponse(
            entries=[wire.credit_entry_to_proto(each, credit.currency) for each in page],
            next_page_token=token_of([page[-1].id]) if len(entries) > size else "",
        )

    @write(scope=_WRITE, needs_key=True)
    async def AdjustStoreCredit(
        self, request: pb.AdjustStoreCreditRequest, call: Call
    ) -> pb.StoreCredit:
        async with call.tx() as tx:
            credit = await adjust_store_credit(
                tx,
                parse_id_or(request.customer_id, StoreCreditNotFound()),
                Money.from_proto(request.amount),
                channel=request.channel or self._default_channel,
                reason=request.reason,
                actor_id=call.caller.person_id,
            )
        return wire.credit_to_proto(credit, self.database.clock.now())

    @write(delegated=True)
    async def ApplyStoreCredit(
        self, request: pb.ApplyStoreCreditRequest, call: Call
    ) -> checkout_pb2.Checkout:
        checkout_id = parse_id_or(request.checkout_id, CheckoutNotFound())
        async with call.read() as found:
            checkout = await get_checkout(found, checkout_id, call.caller)
            checkout.require_open(self.database.clock.now())
            credit = await get_store_credit(found, checkout.owner_id, checkout.currency)
        cart = await self._reviews.cart(checkout, call.access_token, checkout.email)
        context = await self._reviews.context(
            cart, call.caller, expected_version=request.expected_version
        )
        context = await self._reviews.with_taxes(context, CheckoutChanges(), checkout)
        async with call.tx() as tx:
            checkout, review = await apply_gift_card(
                tx, checkout_id, credit.id, context, caller=call.caller
            )
        return open_to_proto(checkout, review)


def _owner_id(
    request: pb.GetStoreCreditRequest | pb.ListStoreCreditEntriesRequest, call: Call
) -> UUID:
    """Returns whose store credit is asked for.

    Raises Denied unless it is the caller's, and ScopeRequired for that of another customer.
    """
    if not request.HasField("customer_id"):
        return call.caller.shopper_id
    if not call.caller.has(_WRITE):
        call.caller.require(_READ)
    return parse_id_or(request.customer_id, StoreCreditNotFound())

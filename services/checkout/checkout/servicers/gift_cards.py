"""GiftCardService and ShopperGiftCardService."""

from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.email_addresses import normalize_email
from chassis.money import Money
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.checkouts.actions import apply_gift_card, remove_gift_card
from checkout.checkouts.model import CheckoutChanges
from checkout.checkouts.queries import get_checkout
from checkout.checkouts.wire import open_to_proto
from checkout.errors.checkouts import CheckoutNotFound
from checkout.errors.gift_cards import GiftCardNotFound
from checkout.errors.orders import OrderNotFound
from checkout.gift_cards import wire
from checkout.gift_cards.actions import (
    adjust_gift_card,
    disable_gift_card,
    enable_gift_card,
    import_gift_cards,
    issue_gift_card,
    put_gift_card_settings,
    send_gift_card,
    update_gift_card,
)
from checkout.gift_cards.codes import GiftCardCodes, shown_code
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_cards.model import GiftCard, GiftCardStatus
from checkout.gift_cards.queries import (
    get_gift_card,
    get_gift_card_by_hash,
    get_gift_card_settings,
    list_gift_card_entries,
    list_gift_cards,
)
from checkout.gift_cards.revoke import revoke_gift_card
from checkout.gift_cards.sold import find_sold_gift_cards
from checkout.guests.queries import find_buyer_ids
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.orders.model import Order
from checkout.servicers.checkouts.reviews import CheckoutReviews
from checkout.wiring import Components
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import gift_cards_pb2 as pb
from sojourn.checkout.v1 import gift_cards_pb2_grpc as pb_grpc

_READ: Final = "gift_cards.read"
_WRITE: Final = "gift_cards.write"


class GiftCardServicer(Servicer, pb_grpc.GiftCardServiceServicer):
    """Gift cards for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._codes = components.gift_card_codes
        self._default_channel = components.settings.default_channel
        self._allows_test_domains = components.settings.environment == "development"

    @write(scope=_WRITE, needs_key=True)
    async def IssueGiftCard(
        self, request: pb.IssueGiftCardRequest, call: Call
    ) -> pb.IssueGiftCardResponse:
        new = wire.new_from_proto(request, self._channel(request.channel))
        key = IdempotencyKey(call.caller.name, call.key, fingerprint_of(request))
        # A stored reply would keep the code in plain text.
        async with call.tx(stores_reply=False) as tx:
            card, code, is_known = await issue_gift_card(
                tx, new, self._codes, key=key, actor_id=call.caller.person_id
            )
        if is_known:
            call.answers_again()
        return pb.IssueGiftCardResponse(gift_card=wire.card_to_proto(card), code=code)

    @read(scope=_READ, or_scope=_WRITE)
    async def ListGiftCards(
        self, request: pb.ListGiftCardsRequest, call: Call
    ) -> pb.ListGiftCardsResponse:
        size = size_of(request.page.size, default=50)
        has_order = request.HasField("order_id")
        async with call.read() as found:
            cards = await list_gift_cards(
                found,
                status=wire.STATUSES.decode(request.status) if request.status else None,
                source=wire.SOURCES.decode(request.source) if request.source else None,
                ending=request.ending.upper(),
                order_id=parse_id_or(request.order_id, OrderNotFound()) if has_order else None,
                before=_before(request.page.token),
                limit=size + 1,
            )
        page = cards[:size]
        return pb.ListGiftCardsResponse(
            gift_cards=map(wire.card_to_proto, page),
            next_page_token=token_of([page[-1].id]) if len(cards) > size else "",
        )

    @read(scope=_READ, or_scope=_WRITE)
    async def GetGiftCard(self, request: pb.GetGiftCardRequest, call: Call) -> pb.GiftCard:
        async with call.read() as found:
            return wire.card_to_proto(await get_gift_card(found, _card_id(request.gift_card_id)))

    @read(scope=_READ, or_scope=_WRITE)
    async def FindGiftCard(self, request: pb.FindGiftCardRequest, call: Call) -> pb.GiftCard:
        async with call.read() as found:
            return wire.card_to_proto(
                await get_gift_card_by_hash(found, self._codes.hash(request.code))
            )

    @write(scope=_WRITE)
    async def UpdateGiftCard(self, request: pb.UpdateGiftCardRequest, call: Call) -> pb.GiftCard:
        changes = wire.changes_from_proto(request)
        async with call.tx() as tx:
            card = await update_gift_card(
                tx,
                _card_id(request.gift_card_id),
                changes,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.card_to_proto(card)

    @write(scope=_WRITE, needs_key=True)
    async def AdjustGiftCard(self, request: pb.AdjustGiftCardRequest, call: Call) -> pb.GiftCard:
        async with call.tx() as tx:
            card = await adjust_gift_card(
                tx,
                _card_id(request.gift_card_id),
                Money.from_proto(request.amount),
                reason=request.reason,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.card_to_proto(card)

    @write(scope=_WRITE)
    async def DisableGiftCard(self, request: pb.DisableGiftCardRequest, call: Call) -> pb.GiftCard:
        async with call.tx() as tx:
            card = await disable_gift_card(
                tx,
                _card_id(request.gift_card_id),
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.card_to_proto(card)

    @write(scope=_WRITE)
    async def EnableGiftCard(self, request: pb.EnableGiftCardRequest, call: Call) -> pb.GiftCard:
        async with call.tx() as tx:
            card = await enable_gift_card(
                tx,
                _card_id(request.gift_card_id),
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.card_to_proto(card)

    @write(scope=_WRITE, needs_key=True)
    async def SendGiftCard(self, request: pb.SendGiftCardRequest, call: Call) -> pb.GiftCard:
        delivery = None
        if request.email:
            email = normalize_email(request.email, allows_test_domains=self._allows_test_domains)
            delivery = GiftCardDelivery("", email, request.recipient_name, message=request.message)
        async with call.tx() as tx:
            card = await send_gift_card(
                tx,
                _card_id(request.gift_card_id),
                delivery,
                self._codes,
                locale=request.locale,
                actor_id=call.caller.person_id,
            )
        return wire.card_to_proto(card)

    @write(scope=_WRITE)
    async def RevokeGiftCard(self, request: pb.RevokeGiftCardRequest, call: Call) -> pb.GiftCard:
        async with call.tx() as tx:
            card = await revoke_gift_card(
                tx,
                _card_id(request.gift_card_id),
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return wire.card_to_proto(card)

    @write(scope=_WRITE, needs_key=True)
    async def ImportGiftCards(
        self, request: pb.ImportGiftCardsRequest, call: Call
    ) -> pb.ImportGiftCardsResponse:
        cards = [
            wire.imported_from_proto(card, self._channel(card.channel), path=f"gift_cards[{index}]")
            for index, card in enumerate(request.gift_cards)
        ]
        async with call.tx() as tx:
            done = await import_gift_cards(tx, cards, self._codes, actor_id=call.caller.person_id)
        return pb.ImportGiftCardsResponse(created=done.created, unchanged=done.unchanged)

    @read(scope=_READ, or_scope=_WRITE)
    async def ListGiftCardEntries(
        self, request: pb.ListGiftCardEntriesRequest, call: Call
    ) -> pb.ListGiftCardEntriesResponse:
        size = size_of(request.page.size, default=50)
        async with call.read() as found:
            card = await get_gift_card(found, _card_id(request.gift_card_id))
            entries = await list_gift_card_entries(
                found, card.id, before=_before(request.page.token), limit=size + 1
            )
        page = entries[:size]
        return pb.ListGiftCardEntriesResponse(
            entries=[wire.entry_to_proto(entry, card.currency) for entry in page],
            next_page_token=token_of([page[-1].id]) if len(entries) > size else "",
        )

    @read(scope=_READ, or_scope=_WRITE)
    async def GetGiftCardSettings(
        self, request: pb.GetGiftCardSettingsRequest, call: Call
    ) -> pb.GiftCardSettings:
        async with call.read() as found:
            return wire.settings_to_proto(
                await get_gift_card_settings(found, self._channel(request.channel))
            )

    @write(scope=_WRITE)
    async def PutGiftCardSettings(
        self, request: pb.PutGiftCardSettingsRequest, call: Call
    ) -> pb.GiftCardSettings:
        draft = wire.settings_from_proto(request.settings, self._channel(request.settings.channel))
        async with call.tx() as tx:
            found = await put_gift_card_settings(
                tx, draft, actor_id=call.caller.person_id, expected_version=request.expected_version
            )
        return wire.settings_to_proto(found)

    def _channel(self, code: str) -> str:
        return code or self._default_channel


class ShopperGiftCardServicer(Servicer, pb_grpc.ShopperGiftCardServiceServicer):
    """Gift cards of shoppers, in their checkouts."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._codes: GiftCardCodes = components.gift_card_codes
        self._reviews = CheckoutReviews(components)

    @read()
    async def CheckGiftCardBalance(
        self, request: pb.CheckGiftCardBalanceRequest, call: Call
    ) -> pb.GiftCardBalance:
        async with call.read() as found:
            card = await get_gift_card_by_hash(found, self._codes.hash(request.code))
        return wire.balance_to_proto(card, self.database.clock.now())

    @write(delegated=True)
    async def ApplyGiftCard(
        self, request: pb.ApplyGiftCardRequest, call: Call
    ) -> checkout_pb2.Checkout:
        checkout_id = parse_id_or(request.checkout_id, CheckoutNotFound())
        async with call.read() as found:
            checkout = await get_checkout(found, checkout_id, call.caller)
            checkout.require_open(self.database.clock.now())
            card = await get_gift_card_by_hash(found, self._codes.hash(request.code))
        cart = await self._reviews.cart(checkout, call.access_token, checkout.email)
        context = await self._reviews.context(
            cart, call.caller, expected_version=request.expected_version
        )
        context = await self._reviews.with_taxes(context, CheckoutChanges(), checkout)
        async with call.tx() as tx:
            checkout, review = await apply_gift_card(
                tx, checkout_id, card.id, context, caller=call.caller
            )
        return open_to_proto(checkout, review)

    @write(delegated=True)
    async def RemoveGiftCard(
        self, request: pb.RemoveGiftCardRequest, call: Call
    ) -> checkout_pb2.Checkout:
        checkout_id = parse_id_or(request.checkout_id, CheckoutNotFound())
        async with call.read() as found:
            checkout = await get_checkout(found, checkout_id, call.caller)
            checkout.require_open(self.database.clock.now())
        cart = await self._reviews.cart(checkout, call.access_token, checkout.email)
        context = await self._reviews.context(
            cart, call.caller, expected_version=request.expected_version
        )
        context = await self._reviews.with_taxes(context, CheckoutChanges(), checkout)
        async with call.tx() as tx:
            checkout, review = await remove_gift_card(
                tx, checkout_id, _card_id(request.gift_card_id), context, caller=call.caller
            )
        return open_to_proto(checkout, review)

    @read()
    async def ListOrderGiftCards(
        self, request: pb.ListOrderGiftCardsRequest, call: Call
    ) -> pb.ListOrderGiftCardsResponse:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        async with call.read() as found:
            order = await found.get(Order, order_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
            if order is None or order.owner_id not in buyer_ids:
                raise OrderNotFound
            cards = await find_sold_gift_cards(found, order_id)
        return pb.ListOrderGiftCardsResponse(
            gift_cards=[wire.bought_to_proto(card, self._code_for_buyer(card)) for card in cards]
        )

    def _code_for_buyer(self, card: GiftCard) -> str:
        """Returns the code of a card that no other person has, and that is good."""
        if card.delivery is not None or card.status is GiftCardStatus.REVOKED:
            return ""
        return shown_code(self._codes.open(bytes(card.sealed_code), card.id))


def _card_id(text: str) -> UUID:
    return parse_id_or(text, GiftCardNotFound())


def _before(token: str) -> UUID | None:
    position = position_of(token, length=1)
    return parse_id_or(str(position[0]), GiftCardNotFound()) if position else None

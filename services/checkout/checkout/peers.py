"""What checkout asks of catalog, cart and identity, as itself.

No idempotency keys are sent: the order's id is the key. A stored reply would answer a `reserve` that comes after its `release` with "held".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.rpc import wire
from chassis.rpc.client import Peer, ServiceTokens
from chassis.rpc.errors import DomainError
from chassis.rpc.wire import EnumCodec
from checkout.checkouts.cart import Basket, BasketLine, CartStatus
from checkout.errors import CartNotFound
from checkout.orders.model import Order, OrderLine
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc

log = telemetry.log("peers")
# The first token is fetched by the first call; a profile is worth a short wait only.
_PROFILE_SECONDS = 1.0
_CART_STATUSES: Final = EnumCodec(cart_pb2.CartStatus, CartStatus)


class Stock:
    """Catalog's timed reservations; a reservation's id is its order's."""

    def __init__(self, catalog: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = catalog, tokens
        self._stub = catalog.stub(catalog_pb2_grpc.StockServiceStub)

    async def reserve(self, order: Order, lines: Sequence[OrderLine]) -> None:
        """Keeps the order's stock until it expires. Idempotent.

        Raises OUT_OF_STOCK, and RESERVATION_RELEASED where `release` came first.
        """
        quantities: dict[UUID, int] = {}
        for line in lines:
            quantities[line.variant_id] = quantities.get(line.variant_id, 0) + line.quantity
        request = catalog_pb2.ReserveRequest(
            reservation_id=str(order.id),
            lines=[catalog_pb2.StockLine(variant_id=str(id), quantity=quantity) for id, quantity in quantities.items()],
            channel=order.channel_id,
        )
        request.expires_at.FromDatetime(order.expires_at)
        await self._peer.ask(self._stub.Reserve, request, authorization=await self._tokens.authorization())

    async def confirm(self, order_id: UUID) -> None:
        """Takes the reserved stock for good. Idempotent. Raises RESERVATION_EXPIRED, RESERVATION_RELEASED."""
        request = catalog_pb2.ConfirmReservationRequest(reservation_id=str(order_id))
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.ConfirmReservation, request, authorization=authorization)

    async def release(self, order_id: UUID) -> None:
        """Gives the stock back, also what was confirmed. Idempotent; makes a `reserve` that comes late be refused."""
        request = catalog_pb2.ReleaseReservationRequest(reservation_id=str(order_id), restock=True)
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.ReleaseReservation, request, authorization=authorization)

    async def held_before(self, moment: datetime, *, limit: int) -> list[UUID]:
        """Orders for which stock is kept since before `moment` (business time), oldest first."""
        request = catalog_pb2.ListHeldReservationsRequest(limit=limit)
        request.made_before.FromDatetime(moment)
        reply = await self._peer.ask(self._stub.ListHeldReservations, request, authorization=await self._tokens.authorization())
        return [UUID(reservation.id) for reservation in reply.reservations]


class Carts:
    """Carts as orders need them."""

    def __init__(self, cart: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = cart, tokens
        self._stub = cart.stub(cart_pb2_grpc.CartOrderServiceStub)

    async def basket(self, cart_id: UUID, *, owner_id: UUID, access_token: str, email: str) -> Basket:
        """Returns the cart of a shopper who shows their access token, priced now for whom `email` names.

        Raises CART_NOT_FOUND unless it is theirs.
        """
        request = cart_pb2.GetCartForOrderRequest(cart_id=str(cart_id), owner_id=str(owner_id), email=email)
        authorization = await self._tokens.acting_for(owner_id, access_token, at="cart")
        basket = _basket(await self._peer.ask(self._stub.GetCartForOrder, request, authorization=authorization, together=True))
        if basket.owner_id != owner_id:
            raise CartNotFound
        return basket

    async def redeem(self, order: Order) -> None:
        """Uses the promotions of the order's cart and closes it. Idempotent.

        Raises PROMOTION_NOT_VALID, CART_NOT_OPEN, CART_CHANGED, and REDEMPTION_UNDONE where `unredeem` came first.
        """
        request = cart_pb2.RedeemCartRequest(
            order_id=str(order.id),
            cart_id=str(order.cart_id),
            owner_id=str(order.owner_id),
            cart_version=order.cart_version,
            email=order.email.lower(),
            promotion_codes=order.promotion_codes,
        )
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.RedeemCart, request, authorization=authorization)

    async def unredeem(self, order_id: UUID) -> None:
        """Opens the cart again. Idempotent; makes a `redeem` that comes late be refused."""
        request = cart_pb2.UnredeemCartRequest(order_id=str(order_id))
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.UnredeemCart, request, authorization=authorization)


class Customers:
    """Identity's profiles."""

    def __init__(self, identity: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = identity, tokens
        self._stub = identity.stub(identity_pb2_grpc.CustomerServiceStub)

    async def email_of(self, customer_id: UUID) -> str:
        """The customer's e-mail address; empty where identity does not tell in time: the buyer can type it."""
        request = identity_pb2.GetCustomerRequest(customer_id=str(customer_id))
        try:
            authorization = await self._tokens.authorization()
            reply = await self._peer.ask(self._stub.GetCustomer, request, authorization=authorization, timeout=_PROFILE_SECONDS)
        except DomainError as error:
            log.warning("no profile", reason=error.reason)
            return ""
        return str(reply.email)


def _basket(found: cart_pb2.CartForOrder) -> Basket:
    cart = found.cart
    return Basket(
        cart_id=UUID(cart.id),
        version=cart.version,
        status=_CART_STATUSES.decode(cart.status),
        owner_id=UUID(found.owner_id),
        currency=cart.currency,
        channel_id=cart.channel,
        locale=found.locale,
        email=found.email,
        is_tax_included=found.tax_included,
        lines=tuple(_line(line) for line in cart.lines),
        promotion_codes=tuple(promotion.code for promotion in cart.promotions),
        notices=tuple(map(wire.notice_of, cart.messages)),
        is_synthetic=found.synthetic,
    )


def _line(line: cart_pb2.CartLine) -> BasketLine:
    return BasketLine(line.id, wire.line_item_of(line.item), wire.AVAILABILITIES.decode(line.availability))

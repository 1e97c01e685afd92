"""Clients of catalog, cart and identity.

They send no idempotency keys, because the order's id is the key: a stored reply would answer "held"
to a `reserve` after its `release`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.line_item import Availability, ItemKind
from chassis.quantity import PIECE
from chassis.rpc import wire
from chassis.rpc.client import Peer, ServiceTokens
from chassis.rpc.errors import DomainError
from chassis.rpc.wire import EnumCodec
from checkout.checkouts.cart import CartForOrder, CartLine, CartStatus
from checkout.errors.checkouts import CartNotFound
from checkout.errors.delivery import PickupUnavailable, UnknownPickupLocation
from checkout.exchanges.model import ReplacementOffer
from checkout.orders.model import Order, OrderLine
from checkout.pickups.model import PickupStore
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import (
    catalog_pb2,
    catalog_pb2_grpc,
    digital_goods_pb2,
    digital_goods_pb2_grpc,
    pickup_locations_pb2,
    pickup_locations_pb2_grpc,
)
from sojourn.common.v1 import address_pb2
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc

log = telemetry.log("peers")
# The e-mail address of the profile is a convenience: a checkout waits for it only briefly.
_PROFILE_SECONDS: Final = 1.0
_CART_STATUSES: Final = EnumCodec(cart_pb2.CartStatus, CartStatus)


class Stock:
    """Reservations of stock in catalog. The id of a reservation is that of its order."""

    def __init__(self, catalog: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = catalog, tokens
        self._stub = catalog.stub(catalog_pb2_grpc.StockServiceStub)

    async def reserve(self, order: Order, lines: Sequence[OrderLine]) -> None:
        """Reserves the stock of an order until it expires.

        Idempotent. Raises OUT_OF_STOCK, and RESERVATION_RELEASED after `release`.
        """
        quantities: dict[UUID, int] = {}
        for line in lines:
            quantities[line.variant_id] = quantities.get(line.variant_id, 0) + line.quantity
        request = catalog_pb2.ReserveRequest(
            reservation_id=str(order.id),
            lines=[
                catalog_pb2.StockLine(variant_id=str(id), quantity=quantity)
                for id, quantity in quantities.items()
            ],
            channel=order.channel_id,
            pickup_location=order.pickup.store.code if order.pickup else "",
        )
        request.expires_at.FromDatetime(order.expires_at)
        await self._peer.ask(
            self._stub.Reserve, request, authorization=await self._tokens.authorization()
        )

    async def confirm(self, order_id: UUID) -> None:
        """Takes the reserved stock.

        Idempotent. Raises RESERVATION_EXPIRED, RESERVATION_RELEASED.
        """
        request = catalog_pb2.ConfirmReservationRequest(reservation_id=str(order_id))
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.ConfirmReservation, request, authorization=authorization)

    async def release(self, order_id: UUID) -> None:
        """Returns reserved and confirmed stock.

        Idempotent; refuses a `reserve` that arrives later.
        """
        request = catalog_pb2.ReleaseReservationRequest(reservation_id=str(order_id), restock=True)
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.ReleaseReservation, request, authorization=authorization)

    async def require_warehouse(self, order_id: UUID, warehouse: str) -> None:
        """Raises UNKNOWN_WAREHOUSE for a warehouse to which goods of an order cannot go back."""
        await self.restock(order_id, order_id, {}, is_return=True, warehouse=warehouse)

    async def restock(
        self,
        order_id: UUID,
        restock_id: UUID,
        quantities: Mapping[UUID, int],
        *,
        is_return: bool = False,
        warehouse: str = "",
    ) -> None:
        """Puts a part of what an order took back on hand, in steps by variant.

        An empty warehouse is the one that it came from. Idempotent by `restock_id`. Raises
        UNKNOWN_WAREHOUSE.
        """
        request = catalog_pb2.RestockReservationRequest(
            reservation_id=str(order_id),
            restock_id=str(restock_id),
            lines=[
                catalog_pb2.StockLine(variant_id=str(id), quantity=quantity)
                for id, quantity in quantities.items()
            ],
            reason=catalog_pb2.RESTOCK_REASON_RETURN
            if is_return
            else catalog_pb2.RESTOCK_REASON_CANCELLATION,
            warehouse=warehouse,
        )
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.RestockReservation, request, authorization=authorization)

    async def held_before(self, moment: datetime, *, limit: int) -> list[UUID]:
        """Returns the orders with stock reserved before a moment of business time, oldest first."""
        request = catalog_pb2.ListHeldReservationsRequest(limit=limit)
        request.made_before.FromDatetime(moment)
        reply = await self._peer.ask(
            self._stub.ListHeldReservations,
            request,
            authorization=await self._tokens.authorization(),
        )
        return [UUID(reservation.id) for reservation in reply.reservations]


class PickupStores:
    """Pick-up locations of catalog."""

    def __init__(self, catalog: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = catalog, tokens
        self._stub = catalog.stub(pickup_locations_pb2_grpc.PickupLocationServiceStub)

    async def find_store(self, code: str, cart: CartForOrder) -> PickupStore:
        """Returns the store of a code, which has the goods of a cart.

        Raises UnknownPickupLocation, PickupUnavailable.
        """
        skus = sorted({line.item.sku for line in cart.lines if line.item.needs_delivery})
        request = pickup_locations_pb2.CheckPickupLocationRequest(code=code, skus=skus)
        try:
            found = await self._peer.ask(
                self._stub.CheckPickupLocation,
                request,
                authorization=await self._tokens.authorization(),
            )
        except DomainError as error:
            if error.reason == "PICKUP_LOCATION_NOT_FOUND":
                raise UnknownPickupLocation(pickup_location=code) from None
            if error.reason == "UNKNOWN_SKU":
                raise PickupUnavailable(pickup_location=code) from None
            raise
        for each in found.availability:
            if wire.AVAILABILITIES.decode(each.availability) is Availability.OUT_OF_STOCK:
                raise PickupUnavailable(pickup_location=code, sku=each.sku)
        return _store(found.location)


class DigitalGoods:
    """Delivered digital goods of orders, in catalog."""

    def __init__(self, catalog: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = catalog, tokens
        self._stub = catalog.stub(digital_goods_pb2_grpc.DownloadServiceStub)

    async def list_delivered_goods(
        self, order_id: UUID
    ) -> digital_goods_pb2.ListDeliveredGoodsResponse:
        """Returns the keys and files of an order, with links that expire."""
        request = digital_goods_pb2.ListDeliveredGoodsRequest(order_id=str(order_id))
        authorization = await self._tokens.authorization()
        reply: digital_goods_pb2.ListDeliveredGoodsResponse = await self._peer.ask(
            self._stub.ListDeliveredGoods, request, authorization=authorization
        )
        return reply


class Offers:
    """Offers of catalog."""

    def __init__(self, catalog: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = catalog, tokens
        self._stub = catalog.stub(catalog_pb2_grpc.CatalogServiceStub)

    async def find(
        self, variant_ids: Collection[UUID], order: Order
    ) -> dict[UUID, ReplacementOffer]:
        """Returns the offers of variants in the channel, currency and language of an order."""
        request = catalog_pb2.GetOffersRequest(
            variant_ids=sorted(map(str, variant_ids)),
            view=catalog_pb2.View(
                channel=order.channel_id, currency=order.currency, locale=order.locale
            ),
        )
        reply = await self._peer.ask(
            self._stub.GetOffers, request, authorization=await self._tokens.authorization()
        )
        return {UUID(each.variant_id): _offer(each) for each in reply.offers}


class Carts:
    """Carts for orders."""

    def __init__(self, cart: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = cart, tokens
        self._stub = cart.stub(cart_pb2_grpc.CartOrderServiceStub)

    async def get_cart_for_order(
        self, cart_id: UUID, *, owner_id: UUID, access_token: str, email: str
    ) -> CartForOrder:
        """Returns the cart of the shopper with the access token, priced now.

        The price may depend on `email`, e.g. for a first order. Raises CART_NOT_FOUND.
        """
        request = cart_pb2.GetCartForOrderRequest(
            cart_id=str(cart_id), owner_id=str(owner_id), email=email
        )
        authorization = await self._tokens.acting_for(owner_id, access_token, at="cart")
        cart = _cart(
            await self._peer.ask(
                self._stub.GetCartForOrder, request, authorization=authorization, together=True
            )
        )
        if cart.owner_id != owner_id:
            raise CartNotFound
        return cart

    async def redeem(self, order: Order) -> None:
        """Redeems the cart of an order and closes it.

        Idempotent.

        Raises PROMOTION_NOT_VALID, CART_NOT_OPEN, CART_CHANGED, and REDEMPTION_UNDONE after
        `unredeem`.
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
        """Reopens the cart of an order. Idempotent; refuses a `redeem` that arrives later."""
        request = cart_pb2.UnredeemCartRequest(order_id=str(order_id))
        authorization = await self._tokens.authorization()
        await self._peer.ask(self._stub.UnredeemCart, request, authorization=authorization)


class Customers:
    """Profiles of customers in identity."""

    def __init__(self, identity: Peer, tokens: ServiceTokens) -> None:
        self._peer, self._tokens = identity, tokens
        self._stub = identity.stub(identity_pb2_grpc.CustomerServiceStub)

    async def email_of(self, customer_id: UUID) -> str:
        """Returns the e-mail address of a customer; empty if identity does not answer in time."""
        request = identity_pb2.GetCustomerRequest(customer_id=str(customer_id))
        try:
            authorization = await self._tokens.authorization()
            reply = await self._peer.ask(
                self._stub.GetCustomer,
                request,
                authorization=authorization,
                timeout=_PROFILE_SECONDS,
            )
        except DomainError as error:
            log.warning("the profile is not available", reason=error.reason)
            return ""
        return str(reply.email)

    async def default_address_of(self, customer_id: UUID) -> address_pb2.Address | None:
        """Returns the default address of a customer, or None. Raises Unavailable."""
        reply = await self._peer.ask(
            self._stub.ListAddresses,
            identity_pb2.ListAddressesRequest(customer_id=str(customer_id)),
            authorization=await self._tokens.authorization(),
        )
        return next((each.address for each in reply.addresses if each.is_default), None)


def _offer(found: catalog_pb2.Offer) -> ReplacementOffer:
    return ReplacementOffer(
        variant_id=UUID(found.variant_id),
        product_id=found.product_id,
        sku=found.sku,
        title=found.title,
        options=", ".join(f"{option.name}: {option.value}" for option in found.options),
        product_slug=found.product_slug,
        image_url=found.image.url,
        price_minor=found.price.amount_minor,
        tiers=tuple((tier.min_quantity, tier.price.amount_minor) for tier in found.tiers),
        currency=found.price.currency,
        weight_grams=found.weight_grams,
        volume_cm3=found.volume_cm3,
        tax_class=found.tax_class,
        unit_code=found.unit_code or PIECE,
        scale=found.scale,
        increment=found.increment or 1,
        kind=wire.ITEM_KINDS.decode(found.kind) if found.kind else ItemKind.PHYSICAL,
    )


def _cart(found: cart_pb2.CartForOrder) -> CartForOrder:
    cart = found.cart
    return CartForOrder(
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


def _line(line: cart_pb2.CartLine) -> CartLine:
    return CartLine(
        line.id, wire.line_item_of(line.item), wire.AVAILABILITIES.decode(line.availability)
    )


def _store(location: pickup_locations_pb2.PickupLocation) -> PickupStore:
    return PickupStore(
        code=location.code,
        name=location.name,
        street_address=location.street_address,
        address_locality=location.address_locality,
        address_region=location.address_region,
        postal_code=location.postal_code,
        country=location.country,
        phone_number=location.phone_number,
        time_zone=location.time_zone,
    )

"""Small honest fakes of catalog, cart and identity, which serve their real contracts from memory."""

from collections import Counter as Tally
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from uuid import UUID

from chassis.rpc.errors import DomainError, NotFound, Refused, Unavailable
from chassis.rpc.server import Call, Servicer, read, write
from chassis.runtime.clock import Clock
from chassis.testing import Tokens
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc


class OutOfStock(Refused): ...


class ReservationReleased(Refused): ...


class ReservationExpired(Refused): ...


class ReservationNotFound(NotFound): ...


class CartNotFound(NotFound): ...


class PromotionNotValid(Refused): ...


class RedemptionUndone(Refused): ...


class CartNotOpen(Refused): ...


class Away(Unavailable): ...


@dataclass
class Faults:
    """What a fake does wrong, by method: errors to raise before the effect, and errors to raise after it, each once per entry."""

    before: dict[str, list[DomainError]] = field(default_factory=dict)
    after: dict[str, list[DomainError]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def begin(self, method: str) -> None:
        self.calls.append(method)
        if self.before.get(method):
            raise self.before[method].pop(0)

    def end(self, method: str) -> None:
        if self.after.get(method):
            raise self.after[method].pop(0)


class FakeStock(Servicer, catalog_pb2_grpc.StockServiceServicer):
    """Reservations of catalog, in memory."""

    def __init__(self, verifier: Any, clock: Clock, faults: Faults) -> None:
        super().__init__(None, verifier)  # type: ignore[arg-type]
        self.clock, self.faults = clock, faults
        self.on_hand: Tally[str] = Tally()
        self.reserved: Tally[str] = Tally()
        self.reservations: dict[str, catalog_pb2.Reservation] = {}
        self.made_at: dict[str, float] = {}

    def expire(self) -> None:
        for reservation in self.reservations.values():
            if reservation.status == "held" and reservation.expires_at.ToDatetime(UTC) <= self.clock.now():
                self._give_back(reservation)
                reservation.status = "expired"

    def _give_back(self, reservation: catalog_pb2.Reservation) -> None:
        for line in reservation.lines:
            self.reserved[line.variant_id] -= line.quantity

    @write(scope="stock.reserve")
    async def Reserve(self, request: Any, call: Call) -> Any:
        self.faults.begin("Reserve")
        self.expire()
        known = self.reservations.get(request.reservation_id)
        if known is None:
            for line in request.lines:
                if self.on_hand[line.variant_id] - self.reserved[line.variant_id] < line.quantity:
                    raise OutOfStock(variant_id=line.variant_id, available=self.on_hand[line.variant_id] - self.reserved[line.variant_id])
            for line in request.lines:
                self.reserved[line.variant_id] += line.quantity
            known = catalog_pb2.Reservation(id=request.reservation_id, status="held", lines=request.lines, expires_at=request.expires_at)
            self.reservations[request.reservation_id] = known
            self.made_at[known.id] = self.clock.now().timestamp()
        if known.status == "released":
            raise ReservationReleased
        if known.status == "expired":
            raise ReservationExpired
        self.faults.end("Reserve")
        return known

    @write(scope="stock.reserve")
    async def ConfirmReservation(self, request: Any, call: Call) -> Any:
        self.faults.begin("Confirm")
        self.expire()
        known = self.reservations.get(request.reservation_id)
        if known is None:
            raise ReservationNotFound
        if known.status == "released":
            raise ReservationReleased
        if known.status == "expired":
            raise ReservationExpired
        if known.status == "held":
            self._give_back(known)
            for line in known.lines:
                self.on_hand[line.variant_id] -= line.quantity
            known.status = "confirmed"
        self.faults.end("Confirm")
        return known

    @write(scope="stock.reserve")
    async def ReleaseReservation(self, request: Any, call: Call) -> Any:
        self.faults.begin("Release")
        known = self.reservations.setdefault(request.reservation_id, catalog_pb2.Reservation(id=request.reservation_id, status="released"))
        if known.status == "held":
            self._give_back(known)
            known.status = "released"
        if known.status == "confirmed" and request.restock:
            for line in known.lines:
                self.on_hand[line.variant_id] += line.quantity
            known.status = "released"
        self.faults.end("Release")
        return known

    @read(scope="stock.reserve")
    async def ListHeldReservations(self, request: Any, call: Call) -> Any:
        before = request.made_before.ToDatetime(UTC).timestamp()
        held = [each for each in self.reservations.values() if each.status == "held" and self.made_at.get(each.id, 0) < before]
        return catalog_pb2.ListHeldReservationsResponse(reservations=held)


class FakeCarts(Servicer, cart_pb2_grpc.CartOrderServiceServicer):
    """Carts as orders see them, in memory."""

    def __init__(self, verifier: Any, faults: Faults) -> None:
        super().__init__(None, verifier)  # type: ignore[arg-type]
        self.faults = faults
        self.carts: dict[str, cart_pb2.CartForOrder] = {}
        self.redemptions: dict[str, str] = {}
        self.redeemed_carts: dict[str, str] = {}

    @read(scope="carts.redeem", acting=True)
    async def GetCartForOrder(self, request: Any, call: Call) -> Any:
        self.faults.begin("GetCart")
        found = self.carts.get(request.cart_id)
        if found is None or found.owner_id != request.owner_id or str(call.caller.act_for) != request.owner_id:
            raise CartNotFound
        return found

    @write(scope="carts.redeem")
    async def RedeemCart(self, request: Any, call: Call) -> Any:
        self.faults.begin("Redeem")
        status = self.redemptions.get(request.order_id)
        if status == "undone":
            raise RedemptionUndone
        cart = self.carts[request.cart_id].cart
        if status is None:
            if cart.status != "open":
                raise CartNotOpen
            cart.status = "ordered"
            self.redemptions[request.order_id] = "redeemed"
            self.redeemed_carts[request.order_id] = request.cart_id
        self.faults.end("Redeem")
        return cart_pb2.Redemption(order_id=request.order_id, status="redeemed")

    @write(scope="carts.redeem")
    async def UnredeemCart(self, request: Any, call: Call) -> Any:
        self.faults.begin("Unredeem")
        if self.redemptions.get(request.order_id) == "redeemed":
            self.carts[self.redeemed_carts[request.order_id]].cart.status = "open"
        self.redemptions[request.order_id] = "undone"
        self.faults.end("Unredeem")
        return cart_pb2.Redemption(order_id=request.order_id, status="undone")


class FakeIdentity(identity_pb2_grpc.IdentityServiceServicer, identity_pb2_grpc.CustomerServiceServicer):
    """Signs service tokens, and knows one e-mail address for every customer."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    async def IssueServiceToken(self, request: Any, context: Any) -> Any:
        scopes = ("stock.reserve", "carts.redeem", "carts.read", "customers.read")
        act_for = UUID(request.act_for) if request.act_for else None
        token = self.tokens.service(request.client_id, *scopes, act_for=act_for, at=request.audience)
        return identity_pb2.ServiceToken(access_token=token.removeprefix("Bearer "), expires_in_seconds=900)

    async def GetKeys(self, request: Any, context: Any) -> Any:
        return identity_pb2.GetKeysResponse(jwks_json=self.tokens.jwks_json)

    async def GetCustomer(self, request: Any, context: Any) -> Any:
        return identity_pb2.Customer(id=request.customer_id, email="profile@example.org")

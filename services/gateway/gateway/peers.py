"""The services behind the gateway."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from chassis.rpc.client import Peer
from chassis.rpc.headers import REPLAYED_HEADER
from gateway.admission import Admission, OrderCall, Urgency
from gateway.context import context_of
from sojourn.cart.v1 import cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2_grpc
from sojourn.checkout.v1 import checkout_pb2_grpc
from sojourn.common.v1 import dead_letters_pb2_grpc
from sojourn.identity.v1 import identity_pb2_grpc
from sojourn.journey.v1 import journey_pb2_grpc
from sojourn.notifications.v1 import notifications_pb2_grpc


class Area:
    """One peer, called with the token, key and trace of a request."""

    def __init__(self, peer: Peer, admission: Admission) -> None:
        self._peer, self._admission = peer, admission
        self.dead_letters: Any = peer.stub(dead_letters_pb2_grpc.DeadLetterServiceStub)

    async def ask(self, request: Request, method: Any, message: Any, **options: Any) -> Any:
        """Returns the peer's answer.

        Raises its DomainError, and Overloaded. Options are those of `chassis.rpc.client.Peer.ask`.
        """
        authorization = options.pop("authorization", context_of(request).authorization)
        if self._admission.urgency_of(method.path) is not Urgency.ORDER:
            return await self._admission.call(
                method.path,
                lambda: self._peer.ask(method, message, authorization=authorization, **options),
            )
        seen = options.get("seen")
        call = OrderCall(
            authorization,
            method.path,
            options.get("key", ""),
            message.SerializeToString(deterministic=True),
        )
        reply, is_shared = await self._admission.call_for_order(
            call, lambda: self._peer.ask(method, message, authorization=authorization, **options)
        )
        if is_shared and seen is not None:
            seen[REPLAYED_HEADER] = "true"
        return reply

    async def ask_for_anybody(self, method: Any, message: Any) -> Any:
        """Returns the peer's answer to a short read that is the same for everybody: it goes without
        a token, with others in one call.
        """
        return await self._admission.call(
            method.path, lambda: self._peer.ask(method, message, together=True)
        )


class Catalog(Area):
    def __init__(self, peer: Peer, admission: Admission) -> None:
        super().__init__(peer, admission)
        self.shop: Any = peer.stub(catalog_pb2_grpc.CatalogServiceStub)
        self.admin: Any = peer.stub(catalog_pb2_grpc.CatalogAdminServiceStub)


class Cart(Area):
    def __init__(self, peer: Peer, admission: Admission) -> None:
        super().__init__(peer, admission)
        self.carts: Any = peer.stub(cart_pb2_grpc.CartServiceStub)
        self.promotions: Any = peer.stub(cart_pb2_grpc.PromotionServiceStub)


class Checkout(Area):
    def __init__(self, peer: Peer, admission: Admission) -> None:
        super().__init__(peer, admission)
        self.checkouts: Any = peer.stub(checkout_pb2_grpc.CheckoutServiceStub)
        self.orders: Any = peer.stub(checkout_pb2_grpc.OrderServiceStub)


class Identity(Area):
    def __init__(self, peer: Peer, admission: Admission) -> None:
        super().__init__(peer, admission)
        self.sessions: Any = peer.stub(identity_pb2_grpc.IdentityServiceStub)
        self.customers: Any = peer.stub(identity_pb2_grpc.CustomerServiceStub)
        self.keys: Any = peer.stub(identity_pb2_grpc.KeyServiceStub)
        self.api_keys: Any = peer.stub(identity_pb2_grpc.ApiKeyServiceStub)


class Journey(Area):
    def __init__(self, peer: Peer, admission: Admission) -> None:
        super().__init__(peer, admission)
        self.touchpoints: Any = peer.stub(journey_pb2_grpc.TouchpointServiceStub)
        self.journeys: Any = peer.stub(journey_pb2_grpc.JourneyServiceStub)


class Notifications(Area):
    def __init__(self, peer: Peer, admission: Admission) -> None:
        super().__init__(peer, admission)
        self.messages: Any = peer.stub(notifications_pb2_grpc.NotificationServiceStub)
        self.preferences: Any = peer.stub(notifications_pb2_grpc.PreferenceServiceStub)


@dataclass(frozen=True)
class Peers:
    """All of them."""

    catalog: Catalog
    cart: Cart
    checkout: Checkout
    identity: Identity
    journey: Journey
    notifications: Notifications


def peers_of(request: Request) -> Peers:
    return request.app.state.peers  # type: ignore[no-any-return]

"""The services behind the gateway."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from chassis.client import Peer
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

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.dead_letters: Any = peer.stub(dead_letters_pb2_grpc.DeadLetterServiceStub)

    async def ask(self, request: Request, method: Any, message: Any, **options: Any) -> Any:
        """The peer's answer. Raises its DomainError. Options are those of `chassis.client.Peer.ask`."""
        return await self.peer.ask(
            method, message, authorization=options.pop("authorization", context_of(request).authorization), **options
        )


class Catalog(Area):
    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.shop: Any = peer.stub(catalog_pb2_grpc.CatalogServiceStub)
        self.admin: Any = peer.stub(catalog_pb2_grpc.CatalogAdminServiceStub)


class Cart(Area):
    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.carts: Any = peer.stub(cart_pb2_grpc.CartServiceStub)
        self.promotions: Any = peer.stub(cart_pb2_grpc.PromotionServiceStub)


class Checkout(Area):
    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.checkouts: Any = peer.stub(checkout_pb2_grpc.CheckoutServiceStub)
        self.orders: Any = peer.stub(checkout_pb2_grpc.OrderServiceStub)


class Identity(Area):
    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.sessions: Any = peer.stub(identity_pb2_grpc.IdentityServiceStub)
        self.customers: Any = peer.stub(identity_pb2_grpc.CustomerServiceStub)
        self.keys: Any = peer.stub(identity_pb2_grpc.KeyServiceStub)


class Journey(Area):
    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.touchpoints: Any = peer.stub(journey_pb2_grpc.TouchpointServiceStub)
        self.journeys: Any = peer.stub(journey_pb2_grpc.JourneyServiceStub)


class Notifications(Area):
    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
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

"""A gateway before fake services of the real contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from chassis.rpc.client import Peer
from chassis.testing import Tokens, grpc_server
from gateway.admission import Admission
from gateway.app import create_app
from gateway.edge import Edge
from gateway.peers import Cart, Catalog, Checkout, Identity, Journey, Notifications, Peers
from gateway.settings import GatewaySettings
from gateway.visitors import VisitorHandles
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.common.v1 import money_pb2
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc
from sojourn.journey.v1 import journey_pb2, journey_pb2_grpc

TOKENS = Tokens()
VISITOR_SECRET = "a secret of the tests, 32 characters"
HANDLES = VisitorHandles(VISITOR_SECRET)


class FakeCatalog(catalog_pb2_grpc.CatalogServiceServicer):
    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.searched: list[catalog_pb2.SearchProductsRequest] = []

    async def SearchProducts(self, request: Any, context: Any) -> catalog_pb2.SearchProductsResponse:
        self.searched.append(request)
        return catalog_pb2.SearchProductsResponse()

    async def GetProduct(self, request: Any, context: Any) -> catalog_pb2.ProductPage:
        self.asked.append(dict(context.invocation_metadata()))
        return catalog_pb2.ProductPage(slug=request.slug, title=f"{request.view.locale}|{request.view.currency}", version=len(self.asked))


class FakeCart(cart_pb2_grpc.CartServiceServicer):
    def __init__(self) -> None:
        self.keys: list[str] = []

    async def CreateCart(self, request: Any, context: Any) -> cart_pb2.Cart:
        self.keys.append(dict(context.invocation_metadata())["idempotency-key"])
        context.set_trailing_metadata((("idempotency-replayed", "true"),))
        subtotal = money_pb2.Total(type="subtotal", amount=money_pb2.Money(amount_minor=100, currency="EUR"))
        return cart_pb2.Cart(id="c", version=3, lines=[cart_pb2.Line(id="l")], totals=[subtotal])

    async def MergeCart(self, request: Any, context: Any) -> cart_pb2.MergeCartResponse:
        return cart_pb2.MergeCartResponse(cart=cart_pb2.Cart(id=request.guest_token[-5:]), merged=True)


class FakeIdentity(identity_pb2_grpc.IdentityServiceServicer):
    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.emails: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.kind, self.rotates_devices = "customer", False

    async def Login(self, request: Any, context: Any) -> identity_pb2.Session:
        self.emails.append(request.email)
        return self._session(request)

    async def Register(self, request: Any, context: Any) -> identity_pb2.Session:
        return self._session(request)

    async def LoginWithLink(self, request: Any, context: Any) -> identity_pb2.Session:
        return self._session(request)

    async def ConfirmEmail(self, request: Any, context: Any) -> identity_pb2.ConfirmEmailResponse:
        self.asked.append(request)
        self.headers.append(dict(context.invocation_metadata()))
        return identity_pb2.ConfirmEmailResponse()

    def _session(self, request: Any) -> identity_pb2.Session:
        self.asked.append(request)
        device_token = f"device-{len(self.asked)}" if self.rotates_devices else "device"
        return identity_pb2.Session(
            access_token="a", kind=self.kind, subject_id=request.guest_token[-5:], expires_in_seconds=900, device_token=device_token
        )

    async def Refresh(self, request: Any, context: Any) -> identity_pb2.Session:
        return identity_pb2.Session(access_token="a", kind="customer")

    async def CreateGuestSession(self, request: Any, context: Any) -> identity_pb2.Session:
        return identity_pb2.Session(access_token="a", kind="guest")

    async def CreateApiKeySession(self, request: Any, context: Any) -> identity_pb2.Session:
        return identity_pb2.Session(access_token=request.api_key[::-1], kind="guest")


class FakeJourney(journey_pb2_grpc.TouchpointServiceServicer):
    def __init__(self) -> None:
        self.recorded: list[journey_pb2.BeaconTouchpoint] = []
        self.visitors: list[str] = []

    async def RecordTouchpoints(self, request: Any, context: Any) -> journey_pb2.RecordTouchpointsResponse:
        self.recorded += request.touchpoints
        self.visitors.append(request.visitor_id)
        return journey_pb2.RecordTouchpointsResponse(stored=len(request.touchpoints))

    async def WithdrawConsent(self, request: Any, context: Any) -> journey_pb2.WithdrawConsentResponse:
        self.visitors.append(request.visitor_id)
        return journey_pb2.WithdrawConsentResponse()


@dataclass
class Shop:
    """The gateway and the services behind it. Checkout and notifications are never there."""

    client: httpx.AsyncClient
    catalog: FakeCatalog
    cart: FakeCart
    identity: FakeIdentity
    journey: FakeJourney
    app: Any
    edge: Edge


@asynccontextmanager
async def a_shop(*, address: str = "127.0.0.1", **settings: Any) -> AsyncIterator[Shop]:
    catalog, cart, identity, journey = FakeCatalog(), FakeCart(), FakeIdentity(), FakeJourney()
    async with AsyncExitStack() as stack:
        catalog_peer = await stack.enter_async_context(
            grpc_server(partial(catalog_pb2_grpc.add_CatalogServiceServicer_to_server, catalog), name="catalog")
        )
        cart_peer = await stack.enter_async_context(
            grpc_server(partial(cart_pb2_grpc.add_CartServiceServicer_to_server, cart), name="cart")
        )
        identity_peer = await stack.enter_async_context(
            grpc_server(partial(identity_pb2_grpc.add_IdentityServiceServicer_to_server, identity), name="identity")
        )
        journey_peer = await stack.enter_async_context(
            grpc_server(partial(journey_pb2_grpc.add_TouchpointServiceServicer_to_server, journey), name="journey")
        )
        nobody = Peer("checkout", "ipv4:127.0.0.1:1")
        required = {f"{name}_target": "-" for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")}
        chosen = GatewaySettings(**{**required, "visitor_secret": VISITOR_SECRET, **settings})
        gates = {name.removesuffix("_target"): Admission(name, chosen) for name in required}
        stack.push_async_callback(nobody.close)
        peers = Peers(
            catalog=Catalog(catalog_peer, gates["catalog"]), cart=Cart(cart_peer, gates["cart"]),
            checkout=Checkout(nobody, gates["checkout"]), identity=Identity(identity_peer, gates["identity"]),
            journey=Journey(journey_peer, gates["journey"]), notifications=Notifications(nobody, gates["notifications"]),
        )  # fmt: skip
        app, edge = create_app(chosen, peers, TOKENS.verifier())
        transport = httpx.ASGITransport(edge, client=(address, 1234))
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://shop"))
        yield Shop(client, catalog, cart, identity, journey, app, edge)

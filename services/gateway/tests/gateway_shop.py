"""A gateway before fake services of the real contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from cart.testing import FakeCarts
from catalog.testing import FakeCatalog
from chassis.rpc.client import Peer
from chassis.testing import Tokens, grpc_server
from gateway.admission import Admission
from gateway.app import create_app
from gateway.http.edge import Edge
from gateway.peers import Backend, Peers
from gateway.settings import GatewaySettings
from gateway.visitors import VisitorHandles
from identity.testing import FakeIdentity
from journey.testing import (
    FakeExports,
    FakeImports,
    FakeQuestions,
    FakeSavedQuestions,
    FakeSurveyAnswers,
    FakeTouchpoints,
)
from sojourn.cart.v1 import cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2_grpc
from sojourn.identity.v1 import identity_pb2_grpc
from sojourn.journey.v1 import (
    exports_pb2_grpc,
    imports_pb2_grpc,
    journey_pb2_grpc,
    questions_pb2_grpc,
    saved_questions_pb2_grpc,
    surveys_pb2_grpc,
)

TOKENS = Tokens()
VISITOR_SECRET = "a secret of the tests, 32 characters"
HANDLES = VisitorHandles(VISITOR_SECRET)


@dataclass
class Shop:
    """The gateway and the services behind it. Checkout and notifications are never there."""

    client: httpx.AsyncClient
    catalog: FakeCatalog
    cart: FakeCarts
    identity: FakeIdentity
    journey: FakeTouchpoints
    app: Any
    edge: Edge
    gates: dict[str, Admission]
    imports: FakeImports
    saved: FakeSavedQuestions
    surveys: FakeSurveyAnswers
    questions: FakeQuestions


@asynccontextmanager
async def a_shop(*, address: str = "127.0.0.1", **settings: Any) -> AsyncIterator[Shop]:
    catalog, cart, identity, journey = (
        FakeCatalog(TOKENS),
        FakeCarts(TOKENS),
        FakeIdentity(TOKENS),
        FakeTouchpoints(TOKENS),
    )
    imports, saved = FakeImports(TOKENS), FakeSavedQuestions(TOKENS)
    surveys, questions = FakeSurveyAnswers(TOKENS), FakeQuestions(TOKENS)
    async with AsyncExitStack() as stack:
        catalog_peer = await stack.enter_async_context(
            grpc_server(
                partial(catalog_pb2_grpc.add_CatalogServiceServicer_to_server, catalog),
                name="catalog",
            )
        )
        cart_peer = await stack.enter_async_context(
            grpc_server(partial(cart_pb2_grpc.add_CartServiceServicer_to_server, cart), name="cart")
        )
        identity_peer = await stack.enter_async_context(
            grpc_server(
                partial(identity_pb2_grpc.add_IdentityServiceServicer_to_server, identity),
                name="identity",
            )
        )
        journey_peer = await stack.enter_async_context(
            grpc_server(
                partial(journey_pb2_grpc.add_TouchpointServiceServicer_to_server, journey),
                partial(imports_pb2_grpc.add_ImportServiceServicer_to_server, imports),
                partial(saved_questions_pb2_grpc.add_SavedQuestionServiceServicer_to_server, saved),
                partial(questions_pb2_grpc.add_QuestionServiceServicer_to_server, questions),
                partial(surveys_pb2_grpc.add_SurveyAnswerServiceServicer_to_server, surveys),
                partial(exports_pb2_grpc.add_ExportServiceServicer_to_server, FakeExports(TOKENS)),
                name="journey",
            )
        )
        nobody = Peer("checkout", "ipv4:127.0.0.1:1")
        required = {
            f"{name}_target": "-"
            for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")
        }
        chosen = GatewaySettings(**{**required, "visitor_secret": VISITOR_SECRET, **settings})
        gates = {name.removesuffix("_target"): Admission(name, chosen) for name in required}
        stack.push_async_callback(nobody.close)
        peers = Peers(
            catalog=Backend(catalog_peer, gates["catalog"]),
            cart=Backend(cart_peer, gates["cart"]),
            checkout=Backend(nobody, gates["checkout"]),
            identity=Backend(identity_peer, gates["identity"]),
            journey=Backend(journey_peer, gates["journey"]),
            notifications=Backend(nobody, gates["notifications"]),
        )
        app, edge = create_app(chosen, peers, TOKENS.verifier())
        transport = httpx.ASGITransport(edge, client=(address, 1234))
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://shop")
        )
        yield Shop(
            client,
            catalog,
            cart,
            identity,
            journey,
            app,
            edge,
            gates,
            imports,
            saved,
            surveys,
            questions,
        )

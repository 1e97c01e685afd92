"""A cart service on a real database with a fake catalogue, and its callers."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from cart import handlers
from cart.carts.links import RestoreLinks
from cart.peers import Catalog, Customers
from cart.servicers.carts import CartServicer
from cart.servicers.orders import CartOrderServicer
from cart.servicers.price_overrides import PriceOverrideServicer
from cart.servicers.promotions import PromotionServicer
from cart.servicers.reorders import ReorderServicer
from cart.settings import Settings
from cart.wiring import Wiring
from catalog.testing import FakeCatalog
from chassis.data import timers
from chassis.events.broker import subject_of
from chassis.events.consumer import Consumer
from chassis.rpc.auth import SYNTHETIC
from chassis.rpc.client import Peer, ServiceTokens
from chassis.runtime.clock import uuid7
from chassis.testing import ServiceUnderTest, eventually, running
from identity.testing import FakeIdentity
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc
from sojourn.cart.v1 import price_overrides_pb2_grpc, reorders_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2_grpc
from sojourn.identity.v1 import identity_pb2_grpc

HOUR = 3600
SECRET = "a secret of at least sixteen"
JANE = "jane@example.org"
DIGEST = hashlib.sha256(JANE.encode()).hexdigest()


@dataclass
class Store:
    """A cart service, and the catalogue beside it."""

    service: ServiceUnderTest
    catalog: FakeCatalog
    identity: FakeIdentity
    peer: Peer

    def __post_init__(self) -> None:
        self.database, self.tokens = self.service.database, self.service.tokens
        self.carts = pb_grpc.CartServiceStub(self.peer.channel)
        self.orders = pb_grpc.CartOrderServiceStub(self.peer.channel)
        self.promotions = pb_grpc.PromotionServiceStub(self.peer.channel)
        self.links = RestoreLinks(SECRET)

    def acting_for(self, owner_id: UUID) -> str:
        """Checkout's token that acts for a shopper."""
        return self.tokens.service("checkout", "carts.redeem", act_for=owner_id, at="cart")

    async def ask(
        self,
        method: Any,
        request: Any,
        token: str,
        *,
        key: str = "",
        seen: dict[str, str] | None = None,
    ) -> Any:
        return await self.peer.ask(
            method, request, authorization=token, key=key or str(uuid7()), seen=seen
        )

    async def create(
        self, token: str, *wanted: tuple[str, int], currency: str = "", **facts: str
    ) -> pb.Cart:
        lines = [pb.LineInput(variant_id=id, quantity=quantity) for id, quantity in wanted]
        return await self.ask(
            self.carts.CreateCart,
            pb.CreateCartRequest(lines=lines, currency=currency, locale="en", **facts),
            token,
        )

    async def get(self, token: str, cart_id: str) -> pb.Cart:
        return await self.ask(self.carts.GetCart, pb.GetCartRequest(cart_id=cart_id), token)

    async def add(
        self,
        token: str,
        cart_id: str,
        variant_id: str,
        quantity: int = 1,
        *,
        version: int = 0,
        key: str = "",
    ) -> pb.Cart:
        line = pb.LineInput(variant_id=variant_id, quantity=quantity)
        return await self.ask(
            self.carts.AddLine,
            pb.AddLineRequest(cart_id=cart_id, line=line, expected_version=version),
            token,
            key=key,
        )

    async def set(
        self, token: str, cart: pb.Cart, quantity: int, *, line: int = 0, version: int = 0
    ) -> pb.Cart:
        request = pb.SetLineQuantityRequest(
            cart_id=cart.id,
            line_id=cart.lines[line].id,
            quantity=quantity,
            expected_version=version,
        )
        return await self.ask(self.carts.SetLineQuantity, request, token)

    async def coupon(self, token: str, cart_id: str, code: str) -> pb.Cart:
        return await self.ask(
            self.carts.ApplyCoupon, pb.ApplyCouponRequest(cart_id=cart_id, code=code), token
        )

    async def save(
        self, token: str, cart_id: str, email: str = "jane@example.org", *, remind: bool = True
    ) -> pb.Cart:
        return await self.ask(
            self.carts.SaveCart,
            pb.SaveCartRequest(cart_id=cart_id, email=email, remind=remind),
            token,
        )

    async def promote(self, code: str = "ten", percent: int = 10, **facts: Any) -> pb.Promotion:
        promotion = pb.Promotion(
            **{
                "code": code,
                "label": {"en": code},
                "percent_basis_points": percent * 100,
                "active": True,
                **facts,
            }
        )
        return await self.ask(
            self.promotions.PutPromotion,
            pb.PutPromotionRequest(promotion=promotion),
            self.tokens.staff("promotions.write"),
        )

    async def redeem(
        self,
        cart: pb.Cart,
        owner_id: UUID,
        *codes: str,
        order_id: str = "",
        email: str = "jane@example.org",
        version: int = 0,
    ) -> pb.Redemption:
        request = pb.RedeemCartRequest(
            order_id=order_id or str(uuid7()),
            cart_id=cart.id,
            owner_id=str(owner_id),
            cart_version=version or cart.version,
            email=email,
            promotion_codes=codes,
        )
        return await self.ask(self.orders.RedeemCart, request, self.checkout)

    async def unredeem(self, order_id: str) -> pb.Redemption:
        return await self.ask(
            self.orders.UnredeemCart, pb.UnredeemCartRequest(order_id=order_id), self.checkout
        )

    async def merge(self, token: str, guest_token: str) -> pb.MergeCartResponse:
        request = pb.MergeCartRequest(guest_token=guest_token.removeprefix("Bearer "))
        return await self.ask(self.carts.MergeCart, request, token)

    async def restore(self, token: str, restore_token: str) -> pb.Cart:
        return await self.ask(
            self.carts.RestoreCart, pb.RestoreCartRequest(restore_token=restore_token), token
        )

    def synthetic(self, owner_id: UUID | None = None) -> str:
        """The token of a synthetic shopper."""
        return "Bearer " + self.tokens.create("guest", owner_id or uuid7(), scopes=[SYNTHETIC])

    @property
    def checkout(self) -> str:
        return self.tokens.service("checkout", "carts.redeem")

    async def rows(self, query: Any, *params: Any) -> list[tuple[Any, ...]]:
        return await self.service.rows(query, params)

    async def events(self, kind: Any) -> list[Any]:
        """Events of a type that wait in the outbox."""
        return await self.service.events(kind)

    async def let_time_pass(self, seconds: float) -> None:
        """Moves business time to `seconds` from real time, and waits until the due timers ran."""
        self.service.clock.shift_to(seconds)

        async def probe(timer: timers.Timer) -> None:
            """Due like the others."""

        async def none_is_due() -> bool:
            return not await self.rows(
                "SELECT 1 FROM timer WHERE due_at <= %s", self.database.clock.now()
            )

        async with self.database.tx() as tx:
            await timers.schedule(tx, "probe", "probe", tx.now)
        kinds = {**handlers.timers(self.database, self.links), "probe": probe}
        async with running(timers.TimerRunner(self.database, kinds).run):
            await eventually(none_is_due)


def totals(cart: pb.Cart) -> dict[int, int]:
    """Amounts in minor units by `TotalType`."""
    return {total.type: total.amount.amount_minor for total in cart.totals}


def codes(cart: pb.Cart) -> list[int]:
    """`MessageCode` of each message."""
    return [message.code for message in cart.messages]


async def a_store(service: ServiceUnderTest) -> Store:
    catalog, verifier = FakeCatalog(service.tokens), service.tokens.verifier("cart")
    identity = FakeIdentity(service.tokens, scopes=["offers.synthetic", "customers.read"])
    around = await service.serve(
        partial(catalog_pb2_grpc.add_CatalogServiceServicer_to_server, catalog),
        partial(identity_pb2_grpc.add_IdentityServiceServicer_to_server, identity),
        partial(identity_pb2_grpc.add_CustomerServiceServicer_to_server, identity),
        name="catalog",
    )
    settings = Settings(
        catalog_target="catalog", restore_secret=SECRET, client_id="cart", client_secret="secret"
    )
    wiring = Wiring(
        Catalog(around, ServiceTokens(around, settings)),
        Customers(around, ServiceTokens(around, settings)),
        RestoreLinks(SECRET),
        timedelta(seconds=HOUR),
    )
    peer = await service.serve(
        partial(
            pb_grpc.add_CartServiceServicer_to_server,
            CartServicer(service.database, verifier, wiring),
        ),
        partial(
            pb_grpc.add_CartOrderServiceServicer_to_server,
            CartOrderServicer(service.database, verifier, wiring),
        ),
        partial(
            pb_grpc.add_PromotionServiceServicer_to_server,
            PromotionServicer(service.database, verifier),
        ),
        partial(
            price_overrides_pb2_grpc.add_PriceOverrideServiceServicer_to_server,
            PriceOverrideServicer(service.database, verifier, wiring),
        ),
        partial(
            reorders_pb2_grpc.add_ReorderServiceServicer_to_server,
            ReorderServicer(service.database, verifier, wiring),
        ),
        name="cart",
    )
    return Store(service, catalog, identity, peer)


@contextlib.asynccontextmanager
async def checkout_events(store: Store):
    """Publishes events as checkout does, and waits until each is handled."""
    broker = await store.service.broker()
    consumer = Consumer("cart", store.database, broker, handlers.EVENTS)
    await consumer.create()

    async def publish(event, *, event_id: str = "", times: int = 1) -> None:
        type, id = event.DESCRIPTOR.full_name, event_id or str(uuid7())
        is_synthetic = event.order.synthetic
        headers = {
            "ce-id": id,
            "ce-type": type,
            "ce-time": "2026-01-01T00:00:00+00:00",
            "ce-subject": event.order.id,
        }
        for _ in range(times):
            await broker.jetstream.publish(
                subject_of(type, synthetic=is_synthetic), event.SerializeToString(), headers=headers
            )

        async def handled() -> bool:
            info = await broker.jetstream.consumer_info("EVENTS", "cart")
            return info.num_pending == 0 and info.num_ack_pending == 0

        if not is_synthetic:
            await eventually(lambda: store.rows("SELECT 1 FROM inbox WHERE event_id = %s", id))
        await eventually(handled)

    async with running(consumer.run):
        yield publish

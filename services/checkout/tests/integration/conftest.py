"""A checkout service between small honest fakes of catalog, cart and identity, and the real payment simulator in a process of its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections import Counter as Tally
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from typing import Any
from uuid import UUID

import grpc
import httpx
import pytest
import pytest_asyncio

from chassis.client import Peer, ServiceTokens
from chassis.clock import Clock, uuid7
from chassis.db import Database
from chassis.errors import DomainError, NotFound, Refused, Unavailable
from chassis.rpc import Call, Servicer, read, write
from chassis.testing import Tokens, fresh_database, grpc_server
from chassis.timers import TimerRunner
from checkout import composing
from checkout.checkout_servicer import CheckoutServicer
from checkout.composing import Wiring
from checkout.order_servicer import OrderServicer
from checkout.settings import CheckoutSettings
from checkout.shop import Shop
from checkout.simulator import Simulator, SimulatorSettings
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc
from sojourn.common.v1 import money_pb2
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc

PRICE_MINOR = 25_00
ADDRESS = money_pb2.Address(
    first_name="Ada",
    last_name="Lovelace",
    street_address="Unter den Linden 1",
    address_locality="Berlin",
    postal_code="10117",
    address_country="DE",
)


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

    @read(scope="carts.redeem")
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
        token = self.tokens.service(request.client_id, *scopes, act_for=UUID(request.act_for) if request.act_for else None)
        return identity_pb2.ServiceToken(access_token=token.removeprefix("Bearer "), expires_in_seconds=900)

    async def GetKeys(self, request: Any, context: Any) -> Any:
        return identity_pb2.GetKeysResponse(jwks_json=self.tokens.jwks_json)

    async def GetCustomer(self, request: Any, context: Any) -> Any:
        return identity_pb2.Customer(id=request.customer_id, email="profile@example.org")


@dataclass
class Provider:
    """The simulator's process."""

    url: str
    http: httpx.AsyncClient
    webhooks: asyncio.Queue[tuple[bytes, str]]

    async def misbehave(self, **rules: Any) -> None:
        (await self.http.put("/misbehaviour", json=rules)).raise_for_status()

    async def sums(self, order_id: str) -> dict[str, int]:
        """Sums of the ledger for an order; zeros where it never heard of it."""
        found = (await self.http.get("/ledger/summary", params={"reference": order_id})).json()["references"]
        names = ("payment_count", "captured_minor", "refunded_minor", "voided_minor", "net_captured_minor", "holding_minor")
        return {name: found[0][name] if found else 0 for name in names}

    async def answer_challenge(self, action_url: str, outcome: str) -> None:
        token = action_url.rsplit("/", 1)[1]
        (await self.http.post(f"/v1/challenges/{token}", json={"outcome": outcome})).raise_for_status()


SECRET, API_KEY = "whsec-test", "sk-test"


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def provider(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Provider]:
    webhooks: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                webhooks.put_nowait((body, headers["simulator-signature"]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    webhook_port, port = server.sockets[0].getsockname()[1], _free_port()
    environment = {
        **os.environ,
        "HTTP_PORT": str(port),
        "LEDGER_PATH": str(tmp_path_factory.mktemp("simulator") / "ledger.sqlite3"),
        "SIMULATOR_API_KEY": API_KEY,
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_URL": f"http://127.0.0.1:{webhook_port}/",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", "simulator"], env=environment)
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {API_KEY}"}, trust_env=False) as http:
        deadline = time.monotonic() + 15
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/readyz")).is_success:
                    break
            assert time.monotonic() < deadline, "the simulator does not start"
            await asyncio.sleep(0.05)
        yield Provider(url, http, webhooks)
    process.terminate()
    process.wait(10)
    server.close()


@dataclass
class Running:
    """A process of the service."""

    process: asyncio.subprocess.Process
    peer: Peer

    async def ended(self, *, within: float) -> int:
        """Its exit code; negative for a signal."""
        return await asyncio.wait_for(self.process.wait(), within)


@dataclass
class World:
    """One checkout service, and what is around it."""

    database: Database
    clock: Clock
    tokens: Tokens
    stock: FakeStock
    carts: FakeCarts
    provider: Provider
    faults: Faults
    shop: Shop
    peer: Peer
    checkouts: pb_grpc.CheckoutServiceStub
    orders: pb_grpc.OrderServiceStub
    rewire: Callable[[], Shop]
    peers_target: str
    database_url: str
    variant_id: UUID = field(default_factory=uuid7)

    def cart(self, owner_id: UUID, *, quantity: int = 1, discount_minor: int = 0, tax_included: bool = True) -> str:
        """An open cart with `quantity` of the one variant."""
        cart_id, subtotal = str(uuid7()), PRICE_MINOR * quantity

        def eur(amount: int) -> money_pb2.Money:
            return money_pb2.Money(amount_minor=amount, currency="EUR")

        line = cart_pb2.Line(
            id=str(uuid7()), variant_id=str(self.variant_id), sku="TEE-M", title="Tee", quantity=quantity, unit_price=eur(PRICE_MINOR),
            subtotal=eur(subtotal), discount=eur(discount_minor), total=eur(subtotal + discount_minor), availability="in_stock",
            tax_class="standard", weight_grams=200, product_id=str(uuid7()),
        )  # fmt: skip
        cart = cart_pb2.Cart(id=cart_id, status="open", version=3, currency="EUR", channel="default", lines=[line])
        self.carts.carts[cart_id] = cart_pb2.CartForOrder(cart=cart, owner_id=str(owner_id), locale="de-DE", tax_included=tax_included)
        return cart_id

    async def ask(self, method: Any, request: Any, token: str, *, key: str = "", timeout: float = 20) -> Any:
        return await self.peer.ask(method, request, authorization=token, key=key, timeout=timeout)

    async def ready(self, owner_id: UUID, *, payment_token: str = "pm_card_ok", quantity: int = 1, **cart: Any) -> pb.Checkout:
        """A checkout that can be completed."""
        token = self.tokens.guest(owner_id)
        cart_id = self.cart(owner_id, quantity=quantity, **cart)
        begun = await self.ask(
            self.checkouts.CreateCheckout, pb.CreateCheckoutRequest(cart_id=cart_id, email="ada@example.org"), token, key=str(uuid7())
        )
        update = pb.UpdateCheckoutRequest(
            checkout_id=begun.id, delivery_address=ADDRESS, delivery_option_id="standard", payment_method_id="card",
            payment_token=payment_token,
        )  # fmt: skip
        return await self.ask(self.checkouts.UpdateCheckout, update, token)

    async def complete(self, checkout: pb.Checkout, owner_id: UUID, *, key: str = "", total: money_pb2.Money | None = None) -> pb.Order:
        request = pb.CompleteCheckoutRequest(checkout_id=checkout.id, expected_total=total)
        return await self.ask(self.checkouts.CompleteCheckout, request, self.tokens.guest(owner_id), key=key or str(uuid7()))

    async def buy(self, owner_id: UUID | None = None, **ready: Any) -> tuple[UUID, pb.Order]:
        """A placed order, and its buyer."""
        owner_id = owner_id or uuid7()
        return owner_id, await self.complete(await self.ready(owner_id, **ready), owner_id)

    async def order_of(self, checkout_id: str) -> dict[str, Any]:
        """The newest order row of a checkout."""
        async with self.database.read() as read:
            return (await read.fetch_dicts("SELECT * FROM orders WHERE checkout_id = %s ORDER BY id DESC LIMIT 1", [checkout_id]))[0]

    async def outbox(self, *, kind: str = "") -> list[str]:
        async with self.database.read() as read:
            rows = await read.fetch("SELECT type FROM outbox ORDER BY id")
        return [row[0].rsplit(".", 1)[1] for row in rows if kind in row[0]]

    async def scalar(self, query: str, params: list[Any] | None = None) -> Any:
        async with self.database.read() as read:
            record = await read.fetch_one(query, params)
        return record[0] if record else None

    async def lapse_leases(self) -> None:
        """As if the seconds for which a timer is left to its caller were over."""
        async with self.database.tx() as tx:
            await tx.run("UPDATE timer SET leased_until = clock_timestamp()")

    @contextlib.asynccontextmanager
    async def process(self, **environment: str) -> AsyncIterator[Running]:
        """`python -m checkout all` in a process of its own, ready."""
        port = _free_port()
        targets = dict.fromkeys(("CATALOG_TARGET", "CART_TARGET", "IDENTITY_TARGET"), self.peers_target)
        inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "PYTHONPATH")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout", "all",
            env={
                **inherited, **targets, "ENVIRONMENT": "development", "HOST": "127.0.0.1", "GRPC_PORT": str(port),
                "ADMIN_PORT": str(_free_port()), "DATABASE_URL": self.database_url, "CLIENT_ID": "checkout", "DRAIN_SECONDS": "0",
                "SIMULATOR_URL": self.provider.url, "SIMULATOR_API_KEY": API_KEY, "WEBHOOK_SECRET": SECRET, "LOG_LEVEL": "ERROR",
                **environment,
            },
        )  # fmt: skip
        peer = Peer("process", f"ipv4:127.0.0.1:{port}")
        try:
            stub = peer.stub(pb_grpc.CheckoutServiceStub)
            await peer.ask(stub.EstimateDelivery, pb.EstimateDeliveryRequest(), wait_for_ready=True, timeout=15)
            yield Running(process, peer)
        finally:
            await peer.close()
            if process.returncode is None:
                process.terminate()
                await process.wait()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Runs the timers of another process."""
        task = asyncio.create_task(TimerRunner(self.database, composing.timers_of(self.rewire())).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def settings(provider: Provider, **changes: Any) -> CheckoutSettings:
    values = {
        "environment": "development",
        "identity_target": "unused",
        "catalog_target": "unused",
        "cart_target": "unused",
        "payment_timeout_seconds": 1,
        "reconcile_after_seconds": 0,
        "client_id": "checkout",
        **changes,
    }
    return CheckoutSettings(**values)


@pytest.fixture
def changed_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(getattr(request, "param", {}))


@pytest_asyncio.fixture(loop_scope="session")
async def world(provider: Provider, changed_settings: dict[str, Any]) -> AsyncIterator[World]:
    clock, tokens, faults = Clock(is_virtual=True), Tokens(), Faults()
    stock, carts, identity = FakeStock(tokens.verifier(), clock, faults), FakeCarts(tokens.verifier(), faults), FakeIdentity(tokens)
    await provider.misbehave()
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh_database("checkout", clock=clock))
        # Served at a known address, so that a process of the service reaches them too.
        server = grpc.aio.server()
        catalog_pb2_grpc.add_StockServiceServicer_to_server(stock, server)
        cart_pb2_grpc.add_CartOrderServiceServicer_to_server(carts, server)
        identity_pb2_grpc.add_IdentityServiceServicer_to_server(identity, server)
        identity_pb2_grpc.add_CustomerServiceServicer_to_server(identity, server)
        peers_target = f"ipv4:127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        stack.push_async_callback(server.stop, 0)
        around = Peer("peers", peers_target)
        stack.push_async_callback(around.close)
        chosen = settings(provider, **changed_settings)
        simulated = SimulatorSettings(simulator_url=provider.url, simulator_api_key=API_KEY, webhook_secret=SECRET)  # type: ignore[arg-type]

        def rewire() -> Shop:
            client = Simulator(simulated, timeout_seconds=chosen.payment_timeout_seconds)
            stack.push_async_callback(client.close)
            return composing.compose(Wiring(chosen, database, client, around, around, around, ServiceTokens(around, chosen)))

        shop = rewire()
        stack.push_async_callback(shop.background.drain, 5)
        peer = await stack.enter_async_context(
            grpc_server(
                partial(pb_grpc.add_CheckoutServiceServicer_to_server, CheckoutServicer(database, tokens.verifier(), shop)),
                partial(pb_grpc.add_OrderServiceServicer_to_server, OrderServicer(database, tokens.verifier(), shop)),
                name="checkout",
            )
        )
        made = World(
            database, clock, tokens, stock, carts, provider, faults, shop, peer, peer.stub(pb_grpc.CheckoutServiceStub),
            peer.stub(pb_grpc.OrderServiceStub), rewire, peers_target,
            database.pool.conninfo,
        )  # fmt: skip
        stock.on_hand[str(made.variant_id)] = 10
        yield made


@pytest.fixture
def refusal_of() -> Callable[..., Any]:
    async def reason(awaitable: Any) -> str:
        with pytest.raises(DomainError) as caught:
            await awaitable
        return caught.value.reason

    return reason

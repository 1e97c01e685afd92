"""A checkout service with fakes of its peers, the real simulator, and the tests' calls."""

import asyncio
import base64
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import col, select

from cart.testing import FakeCarts, a_cart, a_line
from catalog.testing import FakeCatalog, FakeDownloads, FakePickupLocations, FakeStock
from chassis.data.timers import TimerRunner
from chassis.rpc.auth import SYNTHETIC
from chassis.rpc.client import Peer
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import uuid7
from chassis.testing import Calls, ServiceUnderTest, an_address, eur
from checkout import handlers
from checkout.orders.model import Order
from checkout.wiring import Components
from identity.testing import FakeIdentity
from sojourn.cart.v1 import cart_pb2
from sojourn.checkout.v1 import (
    after_sale_pb2_grpc,
    bank_transfers_pb2_grpc,
    bulk_shipments_pb2_grpc,
    claims_pb2_grpc,
    delivery_pb2_grpc,
    digital_goods_pb2_grpc,
    disputes_pb2_grpc,
    documents_pb2_grpc,
    exchanges_pb2_grpc,
    fraud_pb2,
    fraud_pb2_grpc,
    gift_cards_pb2,
    gift_cards_pb2_grpc,
    legal_entities_pb2_grpc,
    loyalty_pb2_grpc,
    order_desk_pb2_grpc,
    order_edits_pb2_grpc,
    order_exports_pb2_grpc,
    payment_captures_pb2_grpc,
    payment_methods_pb2,
    payment_methods_pb2_grpc,
    pickup_service_pb2_grpc,
    quick_orders_pb2_grpc,
    refund_failures_pb2_grpc,
    return_pictures_pb2_grpc,
    returns_pb2_grpc,
    saved_payment_methods_pb2_grpc,
    shipment_labels_pb2_grpc,
    store_credit_pb2,
    store_credit_pb2_grpc,
    tax_exemptions_pb2_grpc,
    taxes_pb2_grpc,
    tracking_pb2_grpc,
)
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc
from sojourn.common.v1 import money_pb2
from stack.ports import free_port

PRICE_MINOR = 25_00
ADDRESS = an_address(first_name="Ada", last_name="Lovelace")


@dataclass
class Provider:
    """The process of the simulator."""

    url: str
    http: httpx.AsyncClient
    webhooks: asyncio.Queue[tuple[bytes, str]]

    async def misbehave(self, **rules: Any) -> None:
        (await self.http.put("/misbehaviour", json=rules)).raise_for_status()

    async def sums(self, order_id: str) -> dict[str, int]:
        """Returns sums of the ledger for an order; zeros if it is unknown."""
        found = (await self.http.get("/ledger/summary", params={"reference": order_id})).json()[
            "references"
        ]
        names = (
            "payment_count",
            "captured_minor",
            "refunded_minor",
            "voided_minor",
            "net_captured_minor",
            "holding_minor",
        )
        return {name: found[0][name] if found else 0 for name in names}

    async def answer_challenge(self, action_url: str, outcome: str) -> None:
        token = action_url.rsplit("/", 1)[1]
        (
            await self.http.post(f"/v1/challenges/{token}", json={"outcome": outcome})
        ).raise_for_status()


SECRET, API_KEY = "whsec-test", "sk-test"
GIFT_CARD_KEY = base64.urlsafe_b64encode(b"g" * 32).decode()
# Distributions that tests install by putting their folder on the path.
PACKAGES = str(Path(__file__).parent / "packages")


def total_of(checkout: pb.Checkout) -> money_pb2.Money:
    """Returns the total of a checkout."""
    return next(
        total.amount for total in checkout.totals if total.type == money_pb2.TOTAL_TYPE_TOTAL
    )


@dataclass
class Running:
    """A process of the service."""

    process: asyncio.subprocess.Process
    peer: Peer

    async def ended(self, *, within: float) -> int:
        """Returns the exit code; negative for a signal."""
        return await asyncio.wait_for(self.process.wait(), within)


@dataclass
class World:
    """A checkout service with its peers and its provider."""

    service: ServiceUnderTest
    stock: FakeStock
    carts: FakeCarts
    stores: FakePickupLocations
    downloads: FakeDownloads
    catalog: FakeCatalog
    identity: FakeIdentity
    provider: Provider
    calls: Calls
    components: Components
    peer: Peer
    rewire: Callable[[], Components]
    variant_id: UUID = field(default_factory=uuid7)

    def __post_init__(self) -> None:
        self.database, self.clock, self.tokens = (
            self.service.database,
            self.service.clock,
            self.service.tokens,
        )
        self.goods = self.peer.stub(digital_goods_pb2_grpc.OrderDigitalGoodsServiceStub)
        self.gift_cards = self.peer.stub(gift_cards_pb2_grpc.GiftCardServiceStub)
        self.shopper_cards = self.peer.stub(gift_cards_pb2_grpc.ShopperGiftCardServiceStub)
        self.return_pictures = self.peer.stub(return_pictures_pb2_grpc.ReturnPictureServiceStub)
        self.loyalty = self.peer.stub(loyalty_pb2_grpc.LoyaltyServiceStub)
        self.store_credit = self.peer.stub(store_credit_pb2_grpc.StoreCreditServiceStub)
        self.pickups = self.peer.stub(pickup_service_pb2_grpc.PickupServiceStub)
        self.entities = self.peer.stub(legal_entities_pb2_grpc.LegalEntityServiceStub)
        self.documents = self.peer.stub(documents_pb2_grpc.DocumentServiceStub)
        self.delivery = self.peer.stub(delivery_pb2_grpc.DeliveryServiceStub)
        self.methods = self.peer.stub(payment_methods_pb2_grpc.PaymentMethodServiceStub)
        self.saved = self.peer.stub(saved_payment_methods_pb2_grpc.SavedPaymentMethodServiceStub)
        self.quick = self.peer.stub(quick_orders_pb2_grpc.QuickOrderServiceStub)
        self.failures = self.peer.stub(refund_failures_pb2_grpc.RefundFailureServiceStub)
        self.captures = self.peer.stub(payment_captures_pb2_grpc.PaymentCaptureServiceStub)
        self.transfers = self.peer.stub(bank_transfers_pb2_grpc.BankTransferServiceStub)
        self.after_sale = self.peer.stub(after_sale_pb2_grpc.AfterSaleServiceStub)
        self.returns = self.peer.stub(returns_pb2_grpc.ReturnServiceStub)
        self.claims = self.peer.stub(claims_pb2_grpc.ClaimServiceStub)
        self.edits = self.peer.stub(order_edits_pb2_grpc.OrderEditServiceStub)
        self.exchanges = self.peer.stub(exchanges_pb2_grpc.ExchangeServiceStub)
        self.reasons = self.peer.stub(returns_pb2_grpc.ReturnReasonServiceStub)
        self.taxes = self.peer.stub(taxes_pb2_grpc.TaxServiceStub)
        self.exemptions = self.peer.stub(tax_exemptions_pb2_grpc.TaxExemptionServiceStub)
        self.bulk = self.peer.stub(bulk_shipments_pb2_grpc.BulkShipmentServiceStub)
        self.exports = self.peer.stub(order_exports_pb2_grpc.OrderExportServiceStub)
        self.disputes = self.peer.stub(disputes_pb2_grpc.PaymentDisputeServiceStub)
        self.fraud = self.peer.stub(fraud_pb2_grpc.FraudServiceStub)
        self.reviews = self.peer.stub(fraud_pb2_grpc.OrderReviewServiceStub)
        self.desk = self.peer.stub(order_desk_pb2_grpc.OrderDeskServiceStub)
        self.timelines = self.peer.stub(order_desk_pb2_grpc.OrderTimelineServiceStub)
        self.labels = self.peer.stub(shipment_labels_pb2_grpc.ShipmentLabelServiceStub)
        self.tracking = self.peer.stub(tracking_pb2_grpc.TrackingServiceStub)
        self.links = self.peer.stub(pb_grpc.OrderLinkServiceStub)
        self.checkouts, self.orders = (
            self.peer.stub(pb_grpc.CheckoutServiceStub),
            self.peer.stub(pb_grpc.OrderServiceStub),
        )

    def cart(
        self,
        owner_id: UUID,
        *,
        quantity: int = 1,
        tax_included: bool = True,
        synthetic: bool = False,
        more: Sequence[cart_pb2.CartLine] = (),
        **item: Any,
    ) -> str:
        """Adds an open cart with a quantity of the variant, and with more lines.

        `item` sets further fields of the line.
        """
        line = a_line(
            item.pop("variant_id", self.variant_id),
            quantity=quantity,
            **{"price_minor": PRICE_MINOR, "mass_grams": 200 * quantity, **item},
        )
        return self.carts.give_cart(
            a_cart(line, *more, version=3),
            owner_id,
            locale="de-DE",
            tax_included=tax_included,
            synthetic=synthetic,
        )

    async def ask(
        self, method: Any, request: Any, token: str, *, key: str = "", timeout: float = 20
    ) -> Any:
        return await self.peer.ask(method, request, authorization=token, key=key, timeout=timeout)

    def shopper(self, owner_id: UUID, *, synthetic: bool = False) -> str:
        """Returns the token of a guest."""
        return "Bearer " + self.tokens.create(
            "guest", owner_id, scopes=[SYNTHETIC] if synthetic else []
        )

    def access_token(self, owner_id: UUID) -> str:
        """Returns the token of a guest without its scheme."""
        return self.shopper(owner_id).removeprefix("Bearer ")

    async def ready(
        self, owner_id: UUID, *, payment_token: str = "pm_card_ok", quantity: int = 1, **cart: Any
    ) -> pb.Checkout:
        """Returns a checkout that can be completed."""
        token = self.shopper(owner_id, synthetic=cart.get("synthetic", False))
        cart_id = self.cart(owner_id, quantity=quantity, **cart)
        begun = await self.ask(
            self.checkouts.CreateCheckout,
            pb.CreateCheckoutRequest(cart_id=cart_id, email="ada@example.org"),
            token,
            key=str(uuid7()),
        )
        update = pb.UpdateCheckoutRequest(
            checkout_id=begun.id,
            delivery_address=an_address(),
            delivery_option_id="standard",
            payment_method_id="card",
            payment_token=payment_token,
        )
        return await self.ask(self.checkouts.UpdateCheckout, update, token)

    async def complete(
        self,
        checkout: pb.Checkout,
        owner_id: UUID,
        *,
        key: str = "",
        total: money_pb2.Money | None = None,
        synthetic: bool = False,
    ) -> pb.Order:
        """Completes a checkout with its total or with another one."""
        request = pb.CompleteCheckoutRequest(
            checkout_id=checkout.id, expected_total=total or total_of(checkout)
        )
        return await self.ask(
            self.checkouts.CompleteCheckout,
            request,
            self.shopper(owner_id, synthetic=synthetic),
            key=key or str(uuid7()),
        )

    async def complete_patiently(self, checkout: pb.Checkout, owner_id: UUID) -> pb.Order:
        """Completes a checkout; repeats with the same key where the database is busy."""
        key = str(uuid7())
        while True:
            try:
                return await self.complete(checkout, owner_id, key=key)
            except Unavailable as error:
                if error.reason != "DATABASE_UNAVAILABLE":
                    raise

    async def buy(self, owner_id: UUID | None = None, **ready: Any) -> tuple[UUID, pb.Order]:
        """Places an order; returns its buyer and the order."""
        owner_id = owner_id or uuid7()
        return owner_id, await self.complete(
            await self.ready(owner_id, **ready), owner_id, synthetic=ready.get("synthetic", False)
        )

    async def ship(self, order: pb.Order) -> pb.Order:
        """Has staff ship all of an order."""
        request = pb.CreateShipmentRequest(order_id=order.id, carrier="DHL", tracking_number="1Z")
        token = self.tokens.staff("orders.write")
        return await self.ask(self.orders.CreateShipment, request, token, key=str(uuid7()))

    async def offer(self, code: str, **rule: Any) -> payment_methods_pb2.PaymentMethodRule:
        """Has staff offer a payment method, by default another one of the simulator's cards."""
        usual = {"provider": "simulator", "provider_method": "card"}
        method = payment_methods_pb2.PaymentMethodRule(code=code, **{**usual, **rule})
        request = payment_methods_pb2.PutPaymentMethodRequest(payment_method=method)
        return await self.ask(
            self.methods.PutPaymentMethod, request, self.tokens.staff("payments.write")
        )

    async def issue_card(
        self, amount_minor: int = 50_00, **fields: Any
    ) -> gift_cards_pb2.IssueGiftCardResponse:
        """Has staff issue a gift card."""
        request = gift_cards_pb2.IssueGiftCardRequest(amount=eur(amount_minor), **fields)
        token = self.tokens.staff("gift_cards.write")
        return await self.ask(self.gift_cards.IssueGiftCard, request, token, key=str(uuid7()))

    async def card(self, gift_card_id: str) -> gift_cards_pb2.GiftCard:
        """Returns a gift card as staff see it."""
        request = gift_cards_pb2.GetGiftCardRequest(gift_card_id=gift_card_id)
        token = self.tokens.staff("gift_cards.read")
        return await self.ask(self.gift_cards.GetGiftCard, request, token)

    async def apply_card(
        self, checkout: pb.Checkout, owner_id: UUID, code: str, **fields: Any
    ) -> pb.Checkout:
        """Lets a gift card pay of a checkout."""
        request = gift_cards_pb2.ApplyGiftCardRequest(checkout_id=checkout.id, code=code, **fields)
        return await self.ask(self.shopper_cards.ApplyGiftCard, request, self.shopper(owner_id))

    async def credit(
        self, customer_id: UUID, amount_minor: int, **fields: Any
    ) -> store_credit_pb2.StoreCredit:
        """Has staff add to the store credit of a customer, or take off it."""
        request = store_credit_pb2.AdjustStoreCreditRequest(
            customer_id=str(customer_id), amount=eur(amount_minor), reason="Goodwill", **fields
        )
        token = self.tokens.staff("gift_cards.write")
        return await self.ask(self.store_credit.AdjustStoreCredit, request, token, key=str(uuid7()))

    async def credit_of(self, customer_id: UUID) -> int:
        """Returns the balance of a customer in EUR, after a look at the sum of its entries."""
        credit, booked = [
            await self.scalar(
                f"SELECT coalesce(sum({column}), 0)::bigint FROM {table} WHERE owner_id = %s",
                [customer_id],
            )
            for column, table in (
                ("balance_minor", "gift_card"),
                ("amount_minor", "gift_card_entry e JOIN gift_card c ON c.id = e.gift_card_id"),
            )
        ]
        assert credit == booked
        return int(credit)

    async def limit_fraud(self, code: str, **limit: Any) -> fraud_pb2.FraudLimit:
        """Has staff set a limit against fraud: by default orders of a customer in a day."""
        usual = {
            "measure": fraud_pb2.FRAUD_MEASURE_ORDERS,
            "subject": fraud_pb2.FRAUD_SUBJECT_CUSTOMER,
            "hours": 24,
            "action": fraud_pb2.FRAUD_ACTION_REFUSE,
        }
        request = fraud_pb2.PutFraudLimitRequest(
            limit=fraud_pb2.FraudLimit(code=code, **{**usual, **limit})
        )
        return await self.ask(
            self.fraud.PutFraudLimit, request, self.tokens.staff("payments.write")
        )

    async def set_fraud(self, **settings: Any) -> fraud_pb2.FraudSettings:
        """Has staff say what signals and scores do in the default channel."""
        request = fraud_pb2.PutFraudSettingsRequest(settings=fraud_pb2.FraudSettings(**settings))
        token = self.tokens.staff("payments.write")
        return await self.ask(self.fraud.PutFraudSettings, request, token)

    async def review(self, order_id: str) -> fraud_pb2.OrderReview:
        """Returns the review of an order."""
        request = fraud_pb2.GetOrderReviewRequest(order_id=order_id)
        return await self.ask(
            self.reviews.GetOrderReview, request, self.tokens.staff("orders.read")
        )

    async def release(self, order_id: str, **request: Any) -> fraud_pb2.OrderReview:
        """Has staff release an order that is under review."""
        message = fraud_pb2.ReleaseOrderReviewRequest(order_id=order_id, **request)
        token = self.tokens.staff("orders.write")
        return await self.ask(self.reviews.ReleaseOrderReview, message, token)

    async def reject(self, order_id: str) -> fraud_pb2.OrderReview:
        """Has staff reject an order that is under review."""
        message = fraud_pb2.RejectOrderReviewRequest(order_id=order_id)
        token = self.tokens.staff("orders.write")
        return await self.ask(self.reviews.RejectOrderReview, message, token)

    async def order_of(self, checkout_id: str) -> Order:
        """Returns the newest order of a checkout."""
        async with self.database.read() as read:
            query = (
                select(Order)
                .where(Order.checkout_id == UUID(checkout_id))
                .order_by(col(Order.id).desc())
                .limit(1)
            )
            order = await read.one(query)
        assert order is not None
        return order

    async def outbox(self, *, kind: str = "") -> list[str]:
        async with self.database.read() as read:
            rows = await read.fetch("SELECT type FROM outbox ORDER BY id")
        return [row[0].rsplit(".", 1)[1] for row in rows if kind in row[0]]

    async def events(self, kind: Any) -> list[Any]:
        """Returns the events of a type in the outbox, oldest first."""
        async with self.database.read() as read:
            rows = await read.fetch(
                "SELECT payload FROM outbox WHERE type = %s ORDER BY id",
                [kind.DESCRIPTOR.full_name],
            )
        return [kind.FromString(row[0]) for row in rows]

    async def scalar(self, query: str, params: list[Any] | None = None) -> Any:
        async with self.database.read() as read:
            record = await read.fetch_one(query, params)
        return record[0] if record else None

    async def lapse_leases(self) -> None:
        """Ends the leases that leave timers to the calls that set them."""
        async with self.database.tx() as tx:
            await tx.run("UPDATE timer SET leased_until = clock_timestamp()")

    @contextlib.asynccontextmanager
    async def process(self, **environment: str) -> AsyncIterator[Running]:
        """Runs `python -m checkout all` in a process of its own until it is ready."""
        port = free_port()
        targets = dict.fromkeys(
            ("CATALOG_TARGET", "CART_TARGET", "IDENTITY_TARGET"), self.service.targets["peers"]
        )
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name in ("PATH", "HOME", "PYTHONPATH")
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "checkout",
            "all",
            env={
                **inherited,
                **targets,
                "ENVIRONMENT": "development",
                "HOST": "127.0.0.1",
                "GRPC_PORT": str(port),
                "ADMIN_PORT": str(free_port()),
                "DATABASE_URL": self.database.pool.conninfo,
                "CLIENT_ID": "checkout",
                "DRAIN_SECONDS": "0",
                "SIMULATOR_URL": self.provider.url,
                "SIMULATOR_API_KEY": API_KEY,
                "WEBHOOK_SECRET": SECRET,
                "GIFT_CARD_KEY": GIFT_CARD_KEY,
                "LOG_LEVEL": "ERROR",
                **environment,
            },
        )
        peer = Peer("process", f"ipv4:127.0.0.1:{port}")
        try:
            stub = peer.stub(pb_grpc.CheckoutServiceStub)
            await peer.ask(
                stub.EstimateDelivery, pb.EstimateDeliveryRequest(), wait_for_ready=True, timeout=30
            )
            yield Running(process, peer)
        finally:
            await peer.close()
            if process.returncode is None:
                process.terminate()
                await process.wait()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Runs the timers of another process."""
        task = asyncio.create_task(
            TimerRunner(self.database, handlers.timers(self.database, self.rewire())).run()
        )
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

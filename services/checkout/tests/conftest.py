"""The payment simulator in a process of its own, and a `World` for each test."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import httpx
import pytest
import pytest_asyncio

from cart.testing import FakeCarts
from catalog.testing import FakeCatalog, FakeDownloads, FakePickupLocations, FakeStock
from chassis.rpc.client import ServiceTokens
from chassis.rpc.errors import DomainError
from chassis.testing import Calls, eventually, service_under_test
from checkout.payments.provider import Providers, connect
from checkout.payments.simulator import Simulator, SimulatorSettings
from checkout.servicers.account_offers import AccountOfferServicer
from checkout.servicers.addresses.addresses import AddressServicer
from checkout.servicers.after_sale.claims import ClaimServicer
from checkout.servicers.after_sale.exchanges import ExchangeServicer
from checkout.servicers.after_sale.return_pictures import ReturnPictureServicer
from checkout.servicers.after_sale.returns import ReturnReasonServicer, ReturnServicer
from checkout.servicers.after_sale.settings import AfterSaleServicer
from checkout.servicers.bank_transfers import BankTransferServicer
from checkout.servicers.checkouts.checkouts import CheckoutServicer
from checkout.servicers.checkouts.quick_orders import QuickOrderServicer
from checkout.servicers.credit_limits.credit_limits import CreditLimitServicer
from checkout.servicers.delivery import DeliveryServicer
from checkout.servicers.digital_goods import OrderDigitalGoodsServicer
from checkout.servicers.documents.documents import DocumentServicer
from checkout.servicers.documents.legal_entities import LegalEntityServicer
from checkout.servicers.fraud.disputes import PaymentDisputeServicer
from checkout.servicers.fraud.fraud import FraudServicer
from checkout.servicers.fraud.reviews import OrderReviewServicer
from checkout.servicers.gift_cards import GiftCardServicer, ShopperGiftCardServicer
from checkout.servicers.loyalty.loyalty import LoyaltyServicer
from checkout.servicers.order_desk.bulk_shipments import BulkShipmentServicer
from checkout.servicers.order_desk.desk import OrderDeskServicer, OrderTimelineServicer
from checkout.servicers.order_desk.draft_orders import DraftOrderLinkServicer, DraftOrderServicer
from checkout.servicers.order_desk.exports import OrderExportServicer
from checkout.servicers.order_desk.order_edits import OrderEditServicer
from checkout.servicers.order_links import OrderLinkServicer
from checkout.servicers.orders import OrderServicer
from checkout.servicers.payment_methods import PaymentMethodServicer
from checkout.servicers.payments.captures import PaymentCaptureServicer
from checkout.servicers.payments.refund_failures import RefundFailureServicer
from checkout.servicers.payments.saved_payments import SavedPaymentMethodServicer
from checkout.servicers.pickups import PickupServicer
from checkout.servicers.shipping.shipment_labels import ShipmentLabelServicer
from checkout.servicers.shipping.tracking import TrackingServicer
from checkout.servicers.store_credit import StoreCreditServicer
from checkout.servicers.taxes import TaxExemptionServicer, TaxServicer
from checkout.settings import CheckoutSettings
from checkout.wiring import Components, Peers, build_components
from identity.testing import FakeIdentity
from services.checkout.tests.checkout_world import (
    API_KEY,
    GIFT_CARD_KEY,
    SECRET,
    Provider,
    World,
)
from sojourn.cart.v1 import cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2_grpc, pickup_locations_pb2_grpc
from sojourn.catalog.v1 import digital_goods_pb2_grpc as catalog_digital_grpc
from sojourn.checkout.v1 import (
    account_offers_pb2_grpc,
    addresses_pb2_grpc,
    after_sale_pb2_grpc,
    bank_transfers_pb2_grpc,
    bulk_shipments_pb2_grpc,
    claims_pb2_grpc,
    credit_limits_pb2_grpc,
    delivery_pb2_grpc,
    digital_goods_pb2_grpc,
    disputes_pb2_grpc,
    documents_pb2_grpc,
    draft_orders_pb2_grpc,
    exchanges_pb2_grpc,
    fraud_pb2_grpc,
    gift_cards_pb2_grpc,
    legal_entities_pb2_grpc,
    loyalty_pb2_grpc,
    order_desk_pb2_grpc,
    order_edits_pb2_grpc,
    order_exports_pb2_grpc,
    payment_captures_pb2_grpc,
    payment_methods_pb2_grpc,
    pickup_service_pb2_grpc,
    quick_orders_pb2_grpc,
    refund_failures_pb2_grpc,
    return_pictures_pb2_grpc,
    returns_pb2_grpc,
    saved_payment_methods_pb2_grpc,
    shipment_labels_pb2_grpc,
    store_credit_pb2_grpc,
    tax_exemptions_pb2_grpc,
    taxes_pb2_grpc,
    tracking_pb2_grpc,
)
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc
from sojourn.identity.v1 import identity_pb2_grpc
from stack.embedded.guardian import end_with_parent
from stack.ports import free_port


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def provider(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Provider]:
    webhooks: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError
        ):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                headers = {
                    name.lower(): value
                    for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                webhooks.put_nowait((body, headers["simulator-signature"]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    webhook_port, port = server.sockets[0].getsockname()[1], free_port()
    environment = {
        **os.environ,
        "HTTP_PORT": str(port),
        "LEDGER_PATH": str(tmp_path_factory.mktemp("simulator") / "ledger.sqlite3"),
        "SIMULATOR_API_KEY": API_KEY,
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_URL": f"http://127.0.0.1:{webhook_port}/",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator"], env=environment, preexec_fn=end_with_parent
    )
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(
        base_url=url, headers={"Authorization": f"Bearer {API_KEY}"}, trust_env=False
    ) as http:

        async def is_ready() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return (await http.get("/readyz")).is_success
            return False

        await eventually(is_ready, within=60)
        yield Provider(url, http, webhooks)
    process.terminate()
    process.wait(10)
    server.close()


def settings(provider: Provider, **changes: Any) -> CheckoutSettings:
    values = {
        "environment": "development",
        "identity_target": "unused",
        "catalog_target": "unused",
        "cart_target": "unused",
        "payment_timeout_seconds": 1,
        "reconcile_after_seconds": 0,
        "client_id": "checkout",
        "gift_card_key": GIFT_CARD_KEY,
        **changes,
    }
    return CheckoutSettings(**values)


@pytest.fixture
def changed_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(getattr(request, "param", {}))


@pytest_asyncio.fixture(loop_scope="session")
async def world(provider: Provider, changed_settings: dict[str, Any]) -> AsyncIterator[World]:
    await provider.misbehave()
    async with service_under_test("checkout") as service, contextlib.AsyncExitStack() as exits:
        tokens, verifier, calls = service.tokens, service.tokens.verifier(), Calls()
        stock, carts = FakeStock(tokens, service.clock, calls), FakeCarts(tokens, calls)
        stores = FakePickupLocations(tokens, calls)
        downloads = FakeDownloads(tokens, calls)
        catalog = FakeCatalog(tokens, calls)
        identity = FakeIdentity(
            tokens, calls, scopes=["stock.reserve", "carts.redeem", "customers.read"]
        )
        around = await service.serve(
            partial(catalog_pb2_grpc.add_StockServiceServicer_to_server, stock),
            partial(catalog_pb2_grpc.add_CatalogServiceServicer_to_server, catalog),
            partial(pickup_locations_pb2_grpc.add_PickupLocationServiceServicer_to_server, stores),
            partial(catalog_digital_grpc.add_DownloadServiceServicer_to_server, downloads),
            partial(cart_pb2_grpc.add_CartOrderServiceServicer_to_server, carts),
            partial(identity_pb2_grpc.add_IdentityServiceServicer_to_server, identity),
            partial(identity_pb2_grpc.add_CustomerServiceServicer_to_server, identity),
            name="peers",
        )
        chosen = settings(provider, **changed_settings)
        simulated = SimulatorSettings(
            simulator_url=provider.url, simulator_api_key=API_KEY, webhook_secret=SECRET
        )  # type: ignore[arg-type]

        def rewire() -> Components:
            client = Simulator(simulated, timeout_seconds=chosen.payment_timeout_seconds)
            exits.push_async_callback(client.close)
            peers = Peers(around, around, around, ServiceTokens(around, chosen))
            others = tuple(
                connect(name, timeout_seconds=1) for name in chosen.payment_provider.split(",")[1:]
            )
            for other in others:
                exits.push_async_callback(other.close)
            connected = Providers(client, client, others)
            return build_components(chosen, service.database, connected, peers)

        components = rewire()
        exits.push_async_callback(components.background.drain, 5)
        peer = await service.serve(
            partial(
                pb_grpc.add_CheckoutServiceServicer_to_server,
                CheckoutServicer(service.database, verifier, components),
            ),
            partial(
                pb_grpc.add_OrderServiceServicer_to_server,
                OrderServicer(service.database, verifier, components),
            ),
            partial(
                pb_grpc.add_OrderLinkServiceServicer_to_server,
                OrderLinkServicer(service.database, verifier, allows_test_domains=True),
            ),
            partial(
                bulk_shipments_pb2_grpc.add_BulkShipmentServiceServicer_to_server,
                BulkShipmentServicer(service.database, verifier, components),
            ),
            partial(
                draft_orders_pb2_grpc.add_DraftOrderServiceServicer_to_server,
                DraftOrderServicer(service.database, verifier, components),
            ),
            partial(
                draft_orders_pb2_grpc.add_DraftOrderLinkServiceServicer_to_server,
                DraftOrderLinkServicer(
                    service.database,
                    verifier,
                    components,
                    CheckoutServicer(service.database, verifier, components),
                ),
            ),
            partial(
                quick_orders_pb2_grpc.add_QuickOrderServiceServicer_to_server,
                QuickOrderServicer(
                    service.database,
                    verifier,
                    components,
                    CheckoutServicer(service.database, verifier, components),
                ),
            ),
            partial(
                order_exports_pb2_grpc.add_OrderExportServiceServicer_to_server,
                OrderExportServicer(service.database, verifier, chosen),
            ),
            partial(
                claims_pb2_grpc.add_ClaimServiceServicer_to_server,
                ClaimServicer(service.database, verifier, components),
            ),
            partial(
                order_edits_pb2_grpc.add_OrderEditServiceServicer_to_server,
                OrderEditServicer(service.database, verifier, components),
            ),
            partial(
                exchanges_pb2_grpc.add_ExchangeServiceServicer_to_server,
                ExchangeServicer(service.database, verifier, components),
            ),
            partial(
                order_desk_pb2_grpc.add_OrderDeskServiceServicer_to_server,
                OrderDeskServicer(service.database, verifier),
            ),
            partial(
                order_desk_pb2_grpc.add_OrderTimelineServiceServicer_to_server,
                OrderTimelineServicer(service.database, verifier),
            ),
            partial(
                payment_methods_pb2_grpc.add_PaymentMethodServiceServicer_to_server,
                PaymentMethodServicer(service.database, verifier, components),
            ),
            partial(
                bank_transfers_pb2_grpc.add_BankTransferServiceServicer_to_server,
                BankTransferServicer(service.database, verifier),
            ),
            partial(
                after_sale_pb2_grpc.add_AfterSaleServiceServicer_to_server,
                AfterSaleServicer(service.database, verifier, chosen),
            ),
            partial(
                returns_pb2_grpc.add_ReturnServiceServicer_to_server,
                ReturnServicer(service.database, verifier, components),
            ),
            partial(
                returns_pb2_grpc.add_ReturnReasonServiceServicer_to_server,
                ReturnReasonServicer(service.database, verifier),
            ),
            partial(
                taxes_pb2_grpc.add_TaxServiceServicer_to_server,
                TaxServicer(service.database, verifier, components),
            ),
            partial(
                tax_exemptions_pb2_grpc.add_TaxExemptionServiceServicer_to_server,
                TaxExemptionServicer(service.database, verifier),
            ),
            partial(
                delivery_pb2_grpc.add_DeliveryServiceServicer_to_server,
                DeliveryServicer(service.database, verifier, chosen),
            ),
            partial(
                shipment_labels_pb2_grpc.add_ShipmentLabelServiceServicer_to_server,
                ShipmentLabelServicer(service.database, verifier, components),
            ),
            partial(
                tracking_pb2_grpc.add_TrackingServiceServicer_to_server,
                TrackingServicer(service.database, verifier, components),
            ),
            partial(
                account_offers_pb2_grpc.add_AccountOfferServiceServicer_to_server,
                AccountOfferServicer(service.database, verifier),
            ),
            partial(
                digital_goods_pb2_grpc.add_OrderDigitalGoodsServiceServicer_to_server,
                OrderDigitalGoodsServicer(service.database, verifier, components.digital_goods),
            ),
            partial(
                gift_cards_pb2_grpc.add_GiftCardServiceServicer_to_server,
                GiftCardServicer(service.database, verifier, components),
            ),
            partial(
                gift_cards_pb2_grpc.add_ShopperGiftCardServiceServicer_to_server,
                ShopperGiftCardServicer(service.database, verifier, components),
            ),
            partial(
                store_credit_pb2_grpc.add_StoreCreditServiceServicer_to_server,
                StoreCreditServicer(service.database, verifier, components),
            ),
            partial(
                legal_entities_pb2_grpc.add_LegalEntityServiceServicer_to_server,
                LegalEntityServicer(service.database, verifier),
            ),
            partial(
                addresses_pb2_grpc.add_AddressServiceServicer_to_server,
                AddressServicer(service.database, verifier),
            ),
            partial(
                return_pictures_pb2_grpc.add_ReturnPictureServiceServicer_to_server,
                ReturnPictureServicer(service.database, verifier),
            ),
            partial(
                loyalty_pb2_grpc.add_LoyaltyServiceServicer_to_server,
                LoyaltyServicer(service.database, verifier, components),
            ),
            partial(
                credit_limits_pb2_grpc.add_CreditLimitServiceServicer_to_server,
                CreditLimitServicer(service.database, verifier),
            ),
            partial(
                disputes_pb2_grpc.add_PaymentDisputeServiceServicer_to_server,
                PaymentDisputeServicer(service.database, verifier),
            ),
            partial(
                fraud_pb2_grpc.add_FraudServiceServicer_to_server,
                FraudServicer(service.database, verifier, components),
            ),
            partial(
                fraud_pb2_grpc.add_OrderReviewServiceServicer_to_server,
                OrderReviewServicer(service.database, verifier, components),
            ),
            partial(
                documents_pb2_grpc.add_DocumentServiceServicer_to_server,
                DocumentServicer(service.database, verifier),
            ),
            partial(
                refund_failures_pb2_grpc.add_RefundFailureServiceServicer_to_server,
                RefundFailureServicer(service.database, verifier),
            ),
            partial(
                payment_captures_pb2_grpc.add_PaymentCaptureServiceServicer_to_server,
                PaymentCaptureServicer(service.database, verifier),
            ),
            partial(
                saved_payment_methods_pb2_grpc.add_SavedPaymentMethodServiceServicer_to_server,
                SavedPaymentMethodServicer(service.database, verifier, components),
            ),
            partial(
                pickup_service_pb2_grpc.add_PickupServiceServicer_to_server,
                PickupServicer(service.database, verifier),
            ),
            name="checkout",
        )
        made = World(
            service,
            stock,
            carts,
            stores,
            downloads,
            catalog,
            identity,
            provider,
            calls,
            components,
            peer,
            rewire,
        )
        stock.on_hand[str(made.variant_id)] = 10
        yield made


@pytest.fixture
def refusal_of() -> Callable[..., Any]:
    async def reason(awaitable: Any) -> str:
        with pytest.raises(DomainError) as caught:
            await awaitable
        return caught.value.reason

    return reason

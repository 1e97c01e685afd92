"""What is one customer's does not exist for another, at the gateway and at each service's own port."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from chassis.client import Peer
from chassis.errors import DomainError
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.checkout.v1 import checkout_pb2, checkout_pb2_grpc
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc
from stack.platform import Platform
from stack.shopper import Api, ApiError


@pytest.fixture
async def stranger(platform: Platform):
    async with Api(platform.gateway_urls) as stranger:
        await stranger.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")
        yield stranger


async def test_a_stranger_reaches_nothing_through_the_gateway(shopper: Api, stranger: Api, variant: str) -> None:
    cart = await shopper.start_cart((variant, 1))
    checkout = await shopper.start_checkout(cart["id"], email="owner@example.com")
    order = (await shopper.complete(checkout["id"])).body
    body = {"variant_id": variant, "quantity": 1}
    attempts = [
        ("GET", f"/v1/carts/{cart['id']}", None),
        ("POST", f"/v1/carts/{cart['id']}/lines", body),
        ("PATCH", f"/v1/carts/{cart['id']}/lines/{cart['lines'][0]['id']}", {"quantity": 0}),
        ("POST", f"/v1/carts/{cart['id']}/save", {"email": "a@example.com"}),
        ("POST", "/v1/checkouts", {"cart_id": cart["id"]}),
        ("GET", f"/v1/checkouts/{checkout['id']}", None),
        ("PATCH", f"/v1/checkouts/{checkout['id']}", {"email": "a@example.com"}),
        ("POST", f"/v1/checkouts/{checkout['id']}/complete", {}),
        ("DELETE", f"/v1/checkouts/{checkout['id']}", None),
        ("GET", f"/v1/orders/{order['id']}", None),
        ("POST", f"/v1/orders/{order['id']}/cancel", {}),
        ("POST", f"/v1/orders/{order['id']}/payment/continue", None),
    ]

    for method, path, sent in attempts:
        with pytest.raises(ApiError) as refusal:
            await stranger.call(method, path, sent)
        assert refusal.value.status == 404, (method, path, refusal.value)

    assert (await stranger.call("GET", "/v1/orders")).body["orders"] == []


async def test_a_customer_is_no_staff(stranger: Api) -> None:
    for method, path, body in (
        ("GET", "/v1/staff/orders", None),
        ("PUT", "/v1/staff/stock/x", {"on_hand": 1}),
        ("GET", "/v1/staff/dead-letters", None),
        ("GET", "/v1/staff/skipped-rows", None),
        ("POST", "/v1/staff/reconcile", None),
        ("PUT", "/v1/staff/promotions/x", {"label": {"en": "x"}, "percent_basis_points": 1}),
    ):
        with pytest.raises(ApiError) as refusal:
            await stranger.call(method, path, body)
        assert refusal.value.status == 403, (method, path, refusal.value)


def grpc_port(platform: Platform, name: str) -> Peer:
    return Peer(name, platform.grpc_target(f"{name}-1"))


async def test_a_stranger_reaches_nothing_at_the_services_own_ports(platform: Platform, shopper: Api, stranger: Api, variant: str) -> None:
    order = (await shopper.buy((variant, 1))).body
    cart = await shopper.start_cart((variant, 1))
    calls: list[tuple[str, Callable, str, object]] = [
        ("cart", cart_pb2_grpc.CartServiceStub, "GetCart", cart_pb2.GetCartRequest(cart_id=cart["id"])),
        ("cart", cart_pb2_grpc.CartOrderServiceStub, "GetCartForOrder", cart_pb2.GetCartForOrderRequest(cart_id=cart["id"])),
        ("checkout", checkout_pb2_grpc.OrderServiceStub, "GetOrder", checkout_pb2.GetOrderRequest(order_id=order["id"])),
        ("checkout", checkout_pb2_grpc.OrderServiceStub, "CancelOrder", checkout_pb2.CancelOrderRequest(order_id=order["id"])),
        ("checkout", checkout_pb2_grpc.OrderServiceStub, "ListOrders", checkout_pb2.ListOrdersRequest(all_buyers=True)),
        ("catalog", catalog_pb2_grpc.StockServiceStub, "ListHeldReservations", catalog_pb2.ListHeldReservationsRequest()),
        ("identity", identity_pb2_grpc.CustomerServiceStub, "GetCustomer", identity_pb2.GetCustomerRequest(customer_id=str(uuid.uuid4()))),
    ]
    forged = stranger.token[:-6] + "AAAAAA"

    for name, stub, method, request in calls:
        peer = grpc_port(platform, name)
        for authorization, expected in (
            (f"Bearer {stranger.token}", {"NOT_FOUND", "PERMISSION_DENIED"}),
            (f"Bearer {forged}", {"UNAUTHENTICATED"}),
            ("", {"UNAUTHENTICATED"}),
        ):
            with pytest.raises(DomainError) as refusal:
                await peer.ask(getattr(peer.stub(stub), method), request, authorization=authorization, key=str(uuid.uuid4()))
            assert refusal.value.status.name in expected, (method, refusal.value)
        await peer.close()


async def test_a_forged_token_gets_nothing_at_the_gateway(platform: Platform, shopper: Api) -> None:
    async with Api(platform.gateway_urls, token=shopper.token[:-6] + "AAAAAA") as forger:
        with pytest.raises(ApiError) as refusal:
            await forger.call("GET", "/v1/carts/current")

    assert (refusal.value.status, refusal.value.reason) == (401, "INVALID_TOKEN")

"""A customer's resources do not exist for others, at the gateway and at each service."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from importlib import import_module

import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from chassis.rpc.client import Peer
from chassis.rpc.errors import DomainError
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from sojourn.checkout.v1 import checkout_pb2, checkout_pb2_grpc
from sojourn.common.v1 import dead_letters_pb2
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc
from stack.platform import Platform
from stack.shoppers.shopper import Api, ApiError, amount_of


@pytest.fixture
async def stranger(platform: Platform):
    async with Api(platform.gateway_urls) as stranger:
        await stranger.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")
        yield stranger


async def test_a_stranger_reaches_nothing_through_the_gateway(
    shopper: Api, stranger: Api, variant: str
) -> None:
    cart = await shopper.start_cart((variant, 1))
    checkout = await shopper.start_checkout(cart["id"], email="owner@example.com")
    order = (await shopper.complete(checkout)).body
    body = {"variant_id": variant, "quantity": 1}
    attempts = [
        ("GET", f"/v1/carts/{cart['id']}", None),
        ("POST", f"/v1/carts/{cart['id']}/lines", body),
        ("PATCH", f"/v1/carts/{cart['id']}/lines/{cart['lines'][0]['id']}", {"quantity": 0}),
        ("POST", f"/v1/carts/{cart['id']}/save", {"email": "a@example.com"}),
        ("POST", "/v1/checkouts", {"cart_id": cart["id"]}),
        ("GET", f"/v1/checkouts/{checkout['id']}", None),
        ("PATCH", f"/v1/checkouts/{checkout['id']}", {"email": "a@example.com"}),
        (
            "POST",
            f"/v1/checkouts/{checkout['id']}/complete",
            {"expected_total": amount_of(checkout)},
        ),
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


async def test_a_stranger_reaches_nothing_at_the_services_own_ports(
    platform: Platform, shopper: Api, stranger: Api, variant: str
) -> None:
    order = (await shopper.buy((variant, 1))).body
    cart = await shopper.start_cart((variant, 1))
    owner, cancel = (
        str(uuid.uuid4()),
        checkout_pb2.CancelOrderRequest(
            order_id=order["id"], reason=checkout_pb2.ORDER_REASON_OTHER
        ),
    )
    calls: list[tuple[str, Callable, str, object]] = [
        (
            "cart",
            cart_pb2_grpc.CartServiceStub,
            "GetCart",
            cart_pb2.GetCartRequest(cart_id=cart["id"]),
        ),
        (
            "cart",
            cart_pb2_grpc.CartOrderServiceStub,
            "GetCartForOrder",
            cart_pb2.GetCartForOrderRequest(cart_id=cart["id"], owner_id=owner),
        ),
        (
            "checkout",
            checkout_pb2_grpc.OrderServiceStub,
            "GetOrder",
            checkout_pb2.GetOrderRequest(order_id=order["id"]),
        ),
        ("checkout", checkout_pb2_grpc.OrderServiceStub, "CancelOrder", cancel),
        (
            "checkout",
            checkout_pb2_grpc.OrderServiceStub,
            "ListOrders",
            checkout_pb2.ListOrdersRequest(all_buyers=True),
        ),
        (
            "catalog",
            catalog_pb2_grpc.StockServiceStub,
            "ListHeldReservations",
            catalog_pb2.ListHeldReservationsRequest(),
        ),
        (
            "identity",
            identity_pb2_grpc.CustomerServiceStub,
            "GetCustomer",
            identity_pb2.GetCustomerRequest(customer_id=str(uuid.uuid4())),
        ),
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
                await peer.ask(
                    getattr(peer.stub(stub), method),
                    request,
                    authorization=authorization,
                    key=str(uuid.uuid4()),
                )
            assert refusal.value.status.name in expected, (method, refusal.value)
        await peer.close()


SERVICES = ("catalog", "cart", "checkout", "identity", "journey", "notifications")
# The one method that a token which acts for a shopper is made for.
ACTING = {"/sojourn.cart.v1.CartOrderService/GetCartForOrder"}


def methods_of(service: str) -> list[MethodDescriptor]:
    """Every RPC of a service's contract, and those that every consumer of events serves."""
    contracts = [import_module(f"sojourn.{service}.v1.{service}_pb2").DESCRIPTOR]
    if service != "identity":
        contracts.append(dead_letters_pb2.DESCRIPTOR)
    return [
        method
        for contract in contracts
        for each in contract.services_by_name.values()
        for method in each.methods
    ]


async def token_of(identity: Peer, client_id: str, secret: str, **acting: str) -> str:
    stub = identity.stub(identity_pb2_grpc.IdentityServiceStub)
    request = identity_pb2.IssueServiceTokenRequest(
        client_id=client_id, client_secret=secret, **acting
    )
    return f"Bearer {(await identity.ask(stub.IssueServiceToken, request)).access_token}"


async def test_a_service_acts_for_a_shopper_at_one_method_of_one_service_and_nowhere_else(
    platform: Platform, shopper: Api
) -> None:
    identity = grpc_port(platform, "identity")
    acting = await token_of(
        identity,
        "checkout",
        platform.secret("client.checkout"),
        audience="cart",
        subject_token=shopper.token,
    )

    answers: dict[tuple[str, str], str] = {}
    for service in SERVICES:
        peer = grpc_port(platform, service)
        for method in methods_of(service):
            path = f"/{method.containing_service.full_name}/{method.name}"
            call = peer.channel.unary_unary(
                path,
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=GetMessageClass(method.output_type).FromString,
            )
            try:
                await peer.ask(
                    call,
                    GetMessageClass(method.input_type)(),
                    authorization=acting,
                    key=str(uuid.uuid4()),
                )
                answers[service, path] = "OK"
            except DomainError as refusal:
                answers[service, path] = refusal.reason
        await peer.close()
    await identity.close()

    assert len(answers) > 80
    taken = {path for (_, path), reason in answers.items() if reason != "ACTING_NOT_ALLOWED"}
    assert taken == ACTING


async def test_a_service_without_the_permission_acts_for_nobody(
    platform: Platform, shopper: Api
) -> None:
    identity = grpc_port(platform, "identity")

    for client_id in ("cart", "journey"):
        for acting in (
            {"act_for": str(uuid.uuid4())},
            {"subject_token": shopper.token},
            {"subject_token": shopper.token, "audience": "cart"},
        ):
            with pytest.raises(DomainError) as refusal:
                await token_of(
                    identity, client_id, platform.secret(f"client.{client_id}"), **acting
                )
            assert refusal.value.reason == "ACTING_NOT_ALLOWED"
    with pytest.raises(DomainError) as unattended:
        await token_of(
            identity,
            "checkout",
            platform.secret("client.checkout"),
            act_for=str(uuid.uuid4()),
            audience="cart",
        )

    assert unattended.value.reason == "ACTING_NOT_ALLOWED"
    await identity.close()


async def test_a_forged_token_gets_nothing_at_the_gateway(platform: Platform, shopper: Api) -> None:
    async with Api(platform.gateway_urls, token=shopper.token[:-6] + "AAAAAA") as forger:
        with pytest.raises(ApiError) as refusal:
            await forger.call("GET", "/v1/carts/current")

    assert (refusal.value.status, refusal.value.reason) == (401, "INVALID_TOKEN")

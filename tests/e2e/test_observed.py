"""Signs seen from outside: traces, metrics, health and logs, without personal data."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis.rpc.client import Peer
from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.shopper import ADDRESS, Api

SERVICES = ("catalog", "cart", "checkout", "identity", "notifications", "journey")


async def spans_of(platform: Platform, trace_id: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(headers={"Accept": "application/json"}) as client:
        response = await client.get(f"{platform.sink_url}/traces/{trace_id}")
        return list(response.json()) if response.status_code == 200 else []


def edges_of(spans: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Pairs of services, caller and called."""
    by_id = {span["span_id"]: span for span in spans}
    return {
        (by_id[span["parent_span_id"]]["service"], span["service"])
        for span in by_id.values()
        if span["parent_span_id"] in by_id
        and by_id[span["parent_span_id"]]["service"] != span["service"]
    }


async def test_one_trace_goes_from_the_gateway_through_the_cart_to_the_catalog(
    platform: Platform, shopper: Api, variant: str
) -> None:
    cart = await shopper.start_cart()
    reply = await shopper.call(
        "POST", f"/v1/carts/{cart['id']}/lines", {"variant_id": variant, "quantity": 1}
    )

    async def complete() -> bool:
        return {("gateway", "cart"), ("cart", "catalog")} <= edges_of(
            await spans_of(platform, reply.trace_id)
        )

    await eventually(complete, within=10)
    assert reply.headers["sojourn-visitor"].partition(".")[0] in json.dumps(
        await spans_of(platform, reply.trace_id)
    )


async def test_one_trace_goes_from_the_tap_to_the_consumer_of_its_event(
    platform: Platform, shopper: Api, variant: str
) -> None:
    reply = await shopper.buy((variant, 1))

    async def complete() -> bool:
        spans = await spans_of(platform, reply.trace_id)
        consumed = {
            span["service"]
            for span in spans
            if span["name"].startswith("consume sojourn.checkout.v1.OrderPlaced")
        }
        return {("gateway", "checkout"), ("checkout", "catalog"), ("checkout", "cart")} <= edges_of(
            spans
        ) and "cart" in consumed

    await eventually(complete, within=15)


async def test_nothing_personal_is_in_spans_logs_or_metrics(
    platform: Platform, shopper: Api, variant: str
) -> None:
    secret = f"zq{uuid.uuid4().hex}"
    email = f"{secret}@example.com"
    await shopper.start_cart((variant, 1))
    await shopper.register(
        email, f"password-{secret}", first_name=f"First{secret}", last_name=f"Last{secret}"
    )
    cart = (await shopper.call("GET", "/v1/carts/current")).body
    checkout = (await shopper.call("POST", "/v1/checkouts", {"cart_id": cart["id"]})).body
    path = f"/v1/checkouts/{checkout['id']}"
    address = {**ADDRESS, "first_name": f"First{secret}", "street_address": f"{secret} street 5"}
    checkout = (await shopper.call("PATCH", path, {"delivery_address": address})).body
    choice = {
        "delivery_option_id": checkout["delivery_options"][0]["id"],
        "payment_method_id": "card",
        "payment_token": "pm_card_ok",
    }
    await shopper.call("PATCH", path, choice)
    placed = await shopper.complete(checkout)

    async def recorded() -> bool:
        return any(
            span["name"].startswith("consume") for span in await spans_of(platform, placed.trace_id)
        )

    await eventually(recorded, within=15)
    async with httpx.AsyncClient(headers={"Accept": "application/json"}) as client:
        traces = (await client.get(f"{platform.sink_url}/traces")).text
        metrics = [
            (await client.get(f"{platform.admin_url(f'{name}-1')}/metrics")).text
            for name in (*SERVICES, "gateway")
        ]
    logs = [platform.log_path(f"{name}-1").read_text() for name in (*SERVICES, "gateway")]
    spans = json.dumps(await spans_of(platform, placed.trace_id))

    for place in (traces, spans, *metrics, *logs):
        for word in (secret, shopper.token, "pm_card_ok", "Hauptstra"):
            assert word not in place


@pytest.mark.parametrize("name", [*SERVICES, "gateway", "web"])
async def test_health_and_metrics_tell_the_truth(platform: Platform, name: str) -> None:
    async with httpx.AsyncClient(base_url=platform.admin_url(f"{name}-1")) as client:
        assert (await client.get("/livez")).status_code == 200
        ready = (await client.get("/readyz?verbose")).json()
        metrics = (await client.get("/metrics")).text

    assert ready["ready"] is True
    # The pages have no database and no broker.
    assert ready["dependencies"].get("nats", name == "web") is True
    assert f'service="{name}"' in metrics
    http_metrics = {"gateway": ["http_request_seconds"], "web": ["web_request_seconds"]}
    for metric in http_metrics.get(name, ["grpc_server_handling_seconds", "outbox_oldest_seconds"]):
        assert metric in metrics


@pytest.mark.parametrize("name", SERVICES)
async def test_grpc_health_tells_the_truth(platform: Platform, name: str) -> None:
    peer = Peer(name, platform.grpc_target(f"{name}-1"))

    reply = await peer.ask(
        peer.stub(health_pb2_grpc.HealthStub).Check, health_pb2.HealthCheckRequest()
    )
    await peer.close()

    assert reply.status == health_pb2.HealthCheckResponse.SERVING


async def test_money_at_risk_has_its_metrics(platform: Platform) -> None:
    async with httpx.AsyncClient() as client:
        checkout = (await client.get(f"{platform.admin_url('checkout-1')}/metrics")).text
        catalog = (await client.get(f"{platform.admin_url('catalog-1')}/metrics")).text

    for name in ("orders_total", "payments_total", "paid_without_order"):
        assert f"\n{name}" in checkout
    for name in ("stock_oversold_total", "reservation_drift_units"):
        assert f"\n{name}" in catalog


async def test_logs_are_json_with_the_trace(platform: Platform) -> None:
    lines = [json.loads(line) for line in platform.log_path("checkout-1").read_text().splitlines()]

    assert any(line.get("event") == "ready" for line in lines)
    assert all({"event", "level", "timestamp", "service"} <= line.keys() for line in lines)

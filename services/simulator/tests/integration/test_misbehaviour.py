"""Bad days, on demand."""

import time
from pathlib import Path

import httpx
import pytest

from services.simulator.tests.conftest import Simulator, running


async def test_a_charge_that_times_out_is_recorded_once_and_replayed_promptly(
    simulator: Simulator,
) -> None:
    await simulator.misbehave(timeout_seconds=30)
    simulator.client.timeout = httpx.Timeout(0.5)
    with pytest.raises(httpx.ReadTimeout):
        await simulator.create("pm_card_charge_then_timeout", key="k", reference="o1", capture=True)

    found = await simulator.get("/v1/payments/by-key/k")
    again = await simulator.create(
        "pm_card_charge_then_timeout", key="k", reference="o1", capture=True
    )

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == found
    assert await simulator.kinds_in_ledger("o1") == [("authorize", 55_00), ("capture", 55_00)]


async def test_a_withheld_answer_ends_as_a_gateway_timeout(simulator: Simulator) -> None:
    await simulator.misbehave(timeout_seconds=0.05)

    response = await simulator.create("pm_card_charge_then_timeout")

    assert (response.status_code, response.json()["code"]) == (504, "provider_timed_out")


async def test_every_nth_charge_times_out_creates_and_captures_alike(simulator: Simulator) -> None:
    await simulator.misbehave(timeout_after_charge_every=3, timeout_seconds=0.01)

    statuses = [(await simulator.create("pm_card_declined")).status_code]
    for number in range(4):
        created = await simulator.create(key=f"k{number}")
        payment = await simulator.get(f"/v1/payments/by-key/k{number}")
        captured = await simulator.post(f"/v1/payments/{payment['id']}/capture")
        statuses += [created.status_code, captured.status_code]

    assert statuses == [201, 201, 200, 504, 200, 201, 504, 201, 200]
    [sums] = (await simulator.get("/ledger/totals"))["currencies"]
    assert (sums["payment_count"], sums["net_captured_minor"]) == (4, 4 * 55_00)


async def test_declines_strike_as_often_as_the_rules_say(simulator: Simulator) -> None:
    await simulator.misbehave(decline_next=2)
    statuses = [(await simulator.create()).json()["status"] for _ in range(3)]
    left = (await simulator.get("/misbehaviour"))["decline_next"]
    await simulator.misbehave(decline_every=2)
    statuses += [(await simulator.create()).json()["status"] for _ in range(4)]

    assert left == 0
    assert statuses == [
        "declined",
        "declined",
        "authorized",
        "authorized",
        "declined",
        "authorized",
        "declined",
    ]


async def test_in_an_outage_payment_calls_fail_and_nothing_happens(simulator: Simulator) -> None:
    await simulator.misbehave(outage=True)

    responses = [
        await simulator.create(key="k", reference="o1"),
        await simulator.client.get("/v1/payments/by-key/k"),
        await simulator.post("/v1/payments/by-key/k/cancel"),
    ]
    is_ready = (await simulator.client.get("/readyz")).status_code
    await simulator.client.delete("/misbehaviour")

    assert [(response.status_code, response.json()["code"]) for response in responses] == [
        (503, "outage")
    ] * 3
    assert is_ready == 200
    assert await simulator.kinds_in_ledger("o1") == []
    assert (await simulator.create(key="k", reference="o1")).status_code == 201


async def test_latency_slows_payment_calls(simulator: Simulator) -> None:
    await simulator.misbehave(latency_ms=150)

    begun = time.monotonic()
    await simulator.create()

    assert time.monotonic() - begun >= 0.15


async def test_the_rules_survive_a_restart_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as before:
        await before.misbehave(outage=True, webhooks={"duplicate": 2})
        assert (await before.client.put("/misbehaviour", json={"outtage": True})).status_code == 422

    async with running(tmp_path) as after:
        rules = await after.get("/misbehaviour")
        assert (rules["outage"], rules["webhooks"]["duplicate"]) == (True, 2)
        assert (await after.create()).status_code == 503

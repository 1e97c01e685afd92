"""The program dies, and its record doesn't."""

import asyncio
import json
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from chassis.testing import eventually
from services.simulator.tests.conftest import Program, answers


def a_payment(key: str) -> dict[str, Any]:
    return {
        "reference": f"order-{key}",
        "amount_minor": 10_00,
        "currency": "EUR",
        "payment_method": "pm_card_ok",
        "capture": True,
    }


async def create(client: httpx.AsyncClient, key: str) -> httpx.Response:
    return await client.post("/v1/payments", json=a_payment(key), headers={"Idempotency-Key": key})


async def charge_until_it_dies(
    client: httpx.AsyncClient, sent: list[str], acknowledged: dict[str, str]
) -> None:
    while True:
        key = str(uuid4())
        sent.append(key)
        try:
            response = await create(client, key)
        except httpx.TransportError:
            return
        assert response.status_code == 201
        acknowledged[key] = response.json()["id"]


def keys_and_effects(ledger_path: Path) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Counts in the file: stored responses, payments, and captured payments of the ledger."""
    connection = sqlite3.connect(ledger_path)
    answered = {
        key: json.loads(body)["id"]
        for key, body in connection.execute("SELECT key, body FROM idempotency_record")
    }
    made = dict(connection.execute("SELECT idempotency_key, payment_id FROM payment"))
    captured = [
        row[0]
        for row in connection.execute("SELECT payment_id FROM ledger_entry WHERE kind = 'capture'")
    ]
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert len(captured) == len(set(captured)), "a payment was captured twice"
    return answered, made, set(captured)


async def test_after_kill_9_under_load_every_acknowledged_charge_is_there_once(
    program: Program,
) -> None:
    sent: list[str] = []
    acknowledged: dict[str, str] = {}
    async with program.client() as client, asyncio.TaskGroup() as load:
        for _ in range(16):
            load.create_task(charge_until_it_dies(client, sent, acknowledged))

        await eventually(lambda: len(acknowledged) >= 150, within=20)
        program.kill()

    answered, made, captured = keys_and_effects(program.folder / "ledger.db")
    assert acknowledged.items() <= made.items()
    assert answered == made
    assert captured == set(made.values())

    await program.start()
    async with program.client() as client:
        repeats = await asyncio.gather(*(create(client, key) for key in sent))
        totals = (await client.get("/ledger/totals")).json()

    assert {response.status_code for response in repeats} == {201}
    assert (
        acknowledged.items()
        <= {key: r.json()["id"] for key, r in zip(sent, repeats, strict=True)}.items()
    )
    assert totals["currencies"][0]["payment_count"] == len(sent)
    assert totals["currencies"][0]["net_captured_minor"] == len(sent) * 10_00


async def test_sigterm_drops_withheld_answers_and_ends_with_success_within_two_seconds(
    program: Program,
) -> None:
    async with program.client() as client:
        new = {**a_payment("held"), "payment_method": "pm_card_charge_then_timeout"}
        held = asyncio.create_task(
            client.post("/v1/payments", json=new, headers={"Idempotency-Key": "held"})
        )

        await eventually(lambda: answers(client, "/v1/payments/by-key/held"))
        begun = time.monotonic()
        assert program.process
        program.process.send_signal(signal.SIGTERM)
        exit_code = await asyncio.to_thread(program.process.wait, 10)
        elapsed_seconds = time.monotonic() - begun
        [outcome] = await asyncio.gather(held, return_exceptions=True)

    assert exit_code == 0
    assert elapsed_seconds < 2
    assert isinstance(outcome, httpx.TransportError) or (
        isinstance(outcome, httpx.Response) and outcome.status_code == 504
    )

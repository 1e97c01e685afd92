"""Access, errors of wrong calls, and the program's description of itself."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from services.simulator.tests.conftest import Simulator
from simulator.storage import schema
from simulator.storage.database import Database, LedgerTooNew

CLOSED_TO_STRANGERS = [
    ("POST", "/v1/payments"),
    ("GET", "/v1/payments/x"),
    ("GET", "/v1/payments/by-key/x"),
    ("POST", "/v1/payments/by-key/x/cancel"),
    ("POST", "/v1/payments/x/refund"),
    ("GET", "/ledger"),
    ("GET", "/ledger/summary"),
    ("GET", "/ledger/totals"),
    ("PUT", "/misbehaviour"),
    ("DELETE", "/misbehaviour"),
]


async def test_without_the_api_key_nothing_is_answered(simulator: Simulator) -> None:
    for method, path in CLOSED_TO_STRANGERS:
        for authorization in ("", "Bearer wrong", "Basic a2V5"):
            headers = {"Authorization": authorization, "Idempotency-Key": "k"}

            response = await simulator.client.request(method, path, headers=headers)

            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), (
                method,
                path,
                authorization,
            )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount_minor": 0}, "invalid_request"),
        ({"amount_minor": 10.5}, "invalid_request"),
        ({"amount_minor": "100"}, "invalid_request"),
        ({"currency": "eur"}, "invalid_request"),
        ({"captured": True}, "invalid_request"),
        ({"return_url": "javascript:alert(1)"}, "invalid_request"),
        ({"payment_method": "pm_card_unknown"}, "unknown_payment_method"),
    ],
)
async def test_a_wrong_request_is_a_problem_document(
    simulator: Simulator, wrong: dict[str, Any], code: str
) -> None:
    response = await simulator.create(key="k", **wrong)

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert (await simulator.create(key="k")).status_code == 201, "a refusal must not use up its key"


async def test_a_create_without_a_key_is_refused(simulator: Simulator) -> None:
    body = {"reference": "o", "amount_minor": 1, "currency": "EUR", "payment_method": "pm_card_ok"}

    response = await simulator.client.post("/v1/payments", json=body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["path"] == "header.Idempotency-Key"


async def test_the_program_describes_itself(simulator: Simulator) -> None:
    openapi = await simulator.get("/openapi.json")

    operations = [operation for path in openapi["paths"].values() for operation in path.values()]
    assert "/v1/payments/by-key/{idempotency_key}/cancel" in openapi["paths"]
    assert all(operation["description"] for operation in operations)
    assert "payment-event" in openapi["webhooks"]
    assert (await simulator.get("/"))["openapi"] == "/openapi.json"
    assert await simulator.get("/livez") == await simulator.get("/readyz") == {"status": "ok"}


async def test_a_ledger_that_takes_no_writes_makes_it_unready(
    simulator: Simulator, tmp_path: Path
) -> None:
    with contextlib.closing(
        sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    ) as blocker:
        blocker.execute("BEGIN IMMEDIATE")

        response = await simulator.client.get("/readyz")

    assert (response.status_code, response.json()["code"]) == (503, "ledger_unwritable")


async def test_a_ledger_of_a_later_version_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = Database(tmp_path / "ledger.db")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", 2)
        await newer.open()
        await newer.close()

    older = Database(tmp_path / "ledger.db")

    with pytest.raises(LedgerTooNew):
        await older.open()
    await older.close()

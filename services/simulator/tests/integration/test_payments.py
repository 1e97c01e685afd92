"""Idempotency, the life of a payment and its arithmetic in the ledger."""

import asyncio
from uuid import uuid4

import pytest

from services.simulator.tests.conftest import Simulator


async def test_a_repeat_of_a_key_replays_the_stored_response(simulator: Simulator) -> None:
    first = await simulator.create(key="k1", reference="o1")
    await simulator.post(f"/v1/payments/{first.json()['id']}/capture")

    again = await simulator.create(key="k1", reference="o1", capture=False)

    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len((await simulator.get("/v1/payments", reference="o1"))["payments"]) == 1


async def test_twins_in_flight_make_one_payment(simulator: Simulator) -> None:
    responses = await asyncio.gather(
        *(simulator.create(key="k1", reference="o1") for _ in range(20))
    )

    assert len({response.content for response in responses}) == 1
    assert sum("Idempotency-Replayed" not in response.headers for response in responses) == 1
    assert await simulator.kinds_in_ledger("o1") == [("authorize", 55_00)]


async def test_another_body_under_the_same_key_is_refused(simulator: Simulator) -> None:
    await simulator.create(key="k1", reference="o1")

    other = await simulator.create(key="k1", reference="o1", amount_minor=1)

    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert other.headers["content-type"] == "application/problem+json"


async def test_keys_of_captures_and_refunds_replay_too(simulator: Simulator) -> None:
    payment_id = (await simulator.create(reference="o1")).json()["id"]

    captures = [
        await simulator.post(f"/v1/payments/{payment_id}/capture", key="c") for _ in range(2)
    ]
    refunds = [
        await simulator.post(f"/v1/payments/{payment_id}/refund", {"amount_minor": 5_00}, key="r")
        for _ in range(2)
    ]
    voids_elsewhere = await simulator.post(
        f"/v1/payments/{payment_id}/refund", {"amount_minor": 6_00}, key="r"
    )

    assert [response.status_code for response in captures + refunds] == [200] * 4
    assert refunds[1].headers["Idempotency-Replayed"] == "true"
    assert voids_elsewhere.json()["code"] == "key_reused"
    assert await simulator.kinds_in_ledger("o1") == [
        ("authorize", 55_00),
        ("capture", 55_00),
        ("refund", 5_00),
    ]


async def test_the_ledger_adds_up_after_a_partial_capture_and_refunds(simulator: Simulator) -> None:
    payment_id = (await simulator.create(reference="o1")).json()["id"]
    assert (await simulator.sums("o1"))["holding_minor"] == 55_00

    captured = await simulator.post(f"/v1/payments/{payment_id}/capture", {"amount_minor": 40_00})
    part = await simulator.post(
        f"/v1/payments/{payment_id}/refund", {"amount_minor": 15_00, "reason": "one shirt"}
    )
    rest = await simulator.post(f"/v1/payments/{payment_id}/refund")

    assert captured.json()["status"] == "captured"
    assert [r.json()["refunded_minor"] for r in (captured, part, rest)] == [0, 15_00, 40_00]
    sums = await simulator.sums("o1")
    assert sums == {
        "reference": "o1",
        "currency": "EUR",
        "payment_count": 1,
        "authorized_minor": 55_00,
        "captured_minor": 40_00,
        "voided_minor": 15_00,
        "refunded_minor": 40_00,
        "net_captured_minor": 0,
        "holding_minor": 0,
    }
    totals = await simulator.get("/ledger/totals")
    assert totals["entry_count"] == totals["last_seq"] == 5
    assert totals["payments_by_status"] == {"captured": 1}
    assert totals["currencies"][0]["net_captured_minor"] == 0


async def test_what_the_money_does_not_allow_is_refused_and_leaves_no_entry(
    simulator: Simulator,
) -> None:
    payment_id = (await simulator.create(reference="o1")).json()["id"]
    path = f"/v1/payments/{payment_id}"

    codes = [
        (await simulator.post(f"{path}/capture", {"amount_minor": 55_01})).json()["code"],
        (await simulator.post(f"{path}/refund")).json()["code"],
    ]
    await simulator.post(f"{path}/capture")
    codes += [
        (await simulator.post(f"{path}/void")).json()["code"],
        (await simulator.post(f"{path}/capture")).json()["code"],
        (await simulator.post(f"{path}/refund", {"amount_minor": 55_01})).json()["code"],
    ]

    assert codes == [
        "capture_exceeds_authorization",
        "wrong_payment_status",
        "wrong_payment_status",
        "wrong_payment_status",
        "refund_exceeds_captured",
    ]
    assert await simulator.kinds_in_ledger("o1") == [("authorize", 55_00), ("capture", 55_00)]


async def test_a_void_releases_the_hold_once(simulator: Simulator) -> None:
    payment_id = (await simulator.create(reference="o1")).json()["id"]

    voids = [await simulator.post(f"/v1/payments/{payment_id}/void") for _ in range(2)]

    assert [response.json()["status"] for response in voids] == ["voided", "voided"]
    assert await simulator.kinds_in_ledger("o1") == [("authorize", 55_00), ("void", 55_00)]


@pytest.mark.parametrize(
    ("method", "decline_code"),
    [("pm_card_declined", "card_declined"), ("pm_card_insufficient_funds", "insufficient_funds")],
)
async def test_a_declined_card_moves_no_money(
    simulator: Simulator, method: str, decline_code: str
) -> None:
    response = await simulator.create(method, reference="o1")

    assert response.status_code == 201
    assert (response.json()["status"], response.json()["decline_code"]) == (
        "declined",
        decline_code,
    )
    assert await simulator.kinds_in_ledger("o1") == []


async def test_a_payment_is_found_by_its_key_and_by_its_id(simulator: Simulator) -> None:
    key = f"{uuid4()}:authorize/1"
    created = (await simulator.create(key=key)).json()

    assert await simulator.get(f"/v1/payments/by-key/{key}") == created
    assert await simulator.get(f"/v1/payments/{created['id']}") == created
    unknown = await simulator.client.get("/v1/payments/by-key/unknown")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "payment_not_found")


async def test_a_cancelled_key_refuses_the_late_create(simulator: Simulator) -> None:
    cancels = [await simulator.post("/v1/payments/by-key/k:1/cancel") for _ in range(2)]

    late = await simulator.create(key="k:1", reference="o1")

    assert [response.json()["outcome"] for response in cancels] == ["cancelled_before_creation"] * 2
    assert (late.status_code, late.json()["code"]) == (409, "cancelled_before_creation")
    assert await simulator.kinds_in_ledger("o1") == []
    assert (await simulator.client.get("/v1/payments/by-key/k:1")).json()[
        "code"
    ] == "nothing_under_cancelled_key"


@pytest.mark.parametrize(
    ("method", "capture", "outcome", "last_entry"),
    [
        ("pm_card_ok", False, "voided", [("void", 55_00)]),
        ("pm_card_ok", True, "refunded", [("refund", 55_00)]),
        ("pm_card_3ds", False, "voided", []),
        ("pm_card_declined", False, "nothing_to_undo", []),
    ],
)
async def test_a_cancel_by_key_undoes_what_was_done_once(
    simulator: Simulator,
    method: str,
    capture: bool,
    outcome: str,
    last_entry: list[tuple[str, int]],
) -> None:
    await simulator.create(method, key="k", reference="o1", capture=capture)

    cancels = [await simulator.post("/v1/payments/by-key/k/cancel") for _ in range(2)]

    assert [response.json()["outcome"] for response in cancels] == [outcome, outcome]
    assert (await simulator.kinds_in_ledger("o1"))[-1:] == last_entry
    for sums in (await simulator.get("/ledger/summary", reference="o1"))["references"]:
        assert (sums["net_captured_minor"], sums["holding_minor"]) == (0, 0)


async def test_a_cancel_that_races_its_create_leaves_no_money_behind(simulator: Simulator) -> None:
    keys = [str(uuid4()) for _ in range(20)]

    await asyncio.gather(
        *(simulator.create(key=key, capture=True) for key in keys),
        *(simulator.post(f"/v1/payments/by-key/{key}/cancel") for key in keys),
    )

    for sums in (await simulator.get("/ledger/totals"))["currencies"]:
        assert (sums["net_captured_minor"], sums["holding_minor"]) == (0, 0)


async def test_the_ledger_pages_in_order(simulator: Simulator) -> None:
    for _ in range(3):
        await simulator.create(capture=True)

    first = await simulator.get("/ledger", limit=4)
    second = await simulator.get("/ledger", limit=4, after_seq=first["next_after_seq"])

    assert [entry["seq"] for entry in first["entries"] + second["entries"]] == [1, 2, 3, 4, 5, 6]
    assert second["next_after_seq"] is None

"""Disputes that a test opens and decides, as merchants hear of them."""

from services.simulator.tests.conftest import Simulator


async def test_a_dispute_is_opened_told_decided_once_and_leaves_the_ledger_alone(
    simulator: Simulator,
) -> None:
    payment = (await simulator.create(reference="o1", capture=True)).json()
    opened = await simulator.post("/disputes", {"payment_id": payment["id"]})
    dispute = opened.json()
    path = f"/disputes/{dispute['id']}/decision"
    statuses = [
        (await simulator.post(path, {"status": status})).status_code
        for status in ("under_review", "under_review", "lost", "lost", "won")
    ]
    found = await simulator.get(f"/v1/disputes/{dispute['id']}")
    again = await simulator.post("/disputes", {"payment_id": payment["id"]})

    assert (opened.status_code, dispute["status"], dispute["reference"]) == (
        201,
        "needs_response",
        "o1",
    )
    assert (dispute["amount_minor"], dispute["reason"]) == (55_00, "fraudulent")
    assert statuses == [200, 200, 200, 200, 409]
    assert found == {**dispute, "status": "lost"}
    assert (again.status_code, again.json()["code"]) == (409, "payment_in_dispute")
    assert await simulator.kinds_in_ledger("o1") == [("authorize", 55_00), ("capture", 55_00)]


async def test_what_cannot_be_disputed_is_refused(simulator: Simulator) -> None:
    held = (await simulator.create(reference="o1")).json()
    taken = (await simulator.create(key="k2", reference="o2", capture=True)).json()

    async def refusal(**new: object) -> tuple[int, str]:
        answer = await simulator.post("/disputes", new)
        return answer.status_code, answer.json()["code"]

    assert await refusal(payment_id="pay_unknown") == (404, "payment_not_found")
    assert await refusal(payment_id=held["id"]) == (409, "wrong_payment_status")
    too_much = await refusal(payment_id=taken["id"], amount_minor=55_01)
    assert too_much == (409, "dispute_exceeds_captured")
    assert (await refusal(payment_id=taken["id"], reason="No!"))[0] == 422
    missing = await simulator.post("/disputes/dp_unknown/decision", {"status": "won"})
    assert missing.status_code == 404

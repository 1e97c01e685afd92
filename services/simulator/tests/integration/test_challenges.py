"""3-D Secure: the customer's bank in the way of a payment."""

import pytest

from services.simulator.tests.conftest import Simulator


@pytest.mark.parametrize(("capture", "status"), [(False, "authorized"), (True, "captured")])
async def test_a_passed_challenge_lets_the_payment_through(
    simulator: Simulator, capture: bool, status: str
) -> None:
    created = (await simulator.create("pm_card_3ds", reference="o1", capture=capture)).json()
    assert created["status"] == "requires_action"
    assert await simulator.kinds_in_ledger("o1") == []

    del simulator.client.headers["Authorization"]
    answers = [
        await simulator.post(f"/v1/challenges/{created['action']['token']}", {"outcome": "pass"})
        for _ in range(2)
    ]

    assert [answer.json()["status"] for answer in answers] == [status, status]
    assert answers[0].json()["action"] is None
    simulator.client.headers["Authorization"] = "Bearer key-of-the-tests"
    kinds = [kind for kind, _ in await simulator.kinds_in_ledger("o1")]
    assert kinds == (["authorize", "capture"] if capture else ["authorize"])


async def test_a_failed_challenge_declines_the_payment_for_good(simulator: Simulator) -> None:
    created = (await simulator.create("pm_card_3ds", reference="o1")).json()
    path = f"/v1/challenges/{created['action']['token']}"

    failed = await simulator.post(path, {"outcome": "fail"})
    too_late = await simulator.post(path, {"outcome": "pass"})

    assert (failed.json()["status"], failed.json()["decline_code"]) == (
        "declined",
        "authentication_failed",
    )
    assert (too_late.status_code, too_late.json()["code"]) == (409, "challenge_already_resolved")
    assert await simulator.kinds_in_ledger("o1") == []


async def test_a_withdrawn_payment_cannot_pass_its_challenge(simulator: Simulator) -> None:
    created = (await simulator.create("pm_card_3ds", key="k", reference="o1")).json()
    await simulator.post("/v1/payments/by-key/k/cancel")

    late = await simulator.post(f"/v1/challenges/{created['action']['token']}", {"outcome": "pass"})

    assert (late.status_code, late.json()["code"]) == (409, "challenge_already_resolved")
    assert await simulator.kinds_in_ledger("o1") == []


async def test_the_page_shows_two_buttons_and_leads_back_to_the_merchant(
    simulator: Simulator,
) -> None:
    reference = "<script>alert(1)</script>"
    created = (
        await simulator.create(
            "pm_card_3ds", reference=reference, return_url="https://shop.example/done?o=1"
        )
    ).json()
    url = created["action"]["url"]

    page = await simulator.client.get(url)
    decided = await simulator.client.post(f"{url}?outcome=pass")
    after = await simulator.client.get(url)

    assert url == f"{simulator.url}/challenges/{created['action']['token']}"
    assert page.text.count("<button") == 2
    assert "<script" not in page.text
    assert (decided.status_code, decided.headers["location"]) == (
        303,
        "https://shop.example/done?o=1",
    )
    assert "You approved" in after.text
    assert (await simulator.get(f"/v1/payments/{created['id']}"))["status"] == "authorized"


async def test_an_unknown_challenge_is_not_found(simulator: Simulator) -> None:
    assert (await simulator.post("/v1/challenges/none", {"outcome": "pass"})).status_code == 404
    assert (await simulator.client.get("/challenges/none")).status_code == 404

"""Exports of touchpoints through the API: asked for as JSON, fetched as they are."""

from __future__ import annotations

from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import TOKENS, a_shop

STAFF = {"Authorization": "Bearer " + TOKENS.create("staff", uuid7(), scopes=["journeys.export"])}
KEY = {"Idempotency-Key": "k-1"}
PATH = "/v1/staff/touchpoint-exports"


async def test_an_export_is_asked_for_and_fetched_as_it_is() -> None:
    async with a_shop() as shop:
        begun = await shop.client.post(
            PATH,
            json={"filter": {"channels": ["app"]}, "columns": ["kind", "id"], "format": "csv"},
            headers={**STAFF, **KEY},
        )
        path = f"{PATH}/{begun.json()['id']}"
        seen = await shop.client.get(path, headers=STAFF)
        part = await shop.client.get(f"{path}/parts/1", headers=STAFF)
        odd = await shop.client.get(f"{path}/parts/x", headers=STAFF)

    assert (begun.status_code, begun.json()["filter"]["channels"]) == (202, ["app"])
    assert (seen.json()["state"], seen.json()["parts"]) == ("done", 1)
    assert (part.status_code, part.content) == (200, b"kind,id\r\n")
    assert part.headers["content-type"] == "application/octet-stream"
    assert part.headers["content-disposition"] == 'attachment; filename="touchpoints-1.csv"'
    assert odd.status_code == 422


async def test_an_export_needs_its_own_scope_and_a_key() -> None:
    reader = TOKENS.create("staff", uuid7(), scopes=["journeys.read", "journeys.write"])
    async with a_shop() as shop:
        denied = await shop.client.post(
            PATH, json={}, headers={"Authorization": f"Bearer {reader}", **KEY}
        )
        keyless = await shop.client.post(PATH, json={}, headers=STAFF)

    assert (denied.status_code, denied.json()["reason"]) == (403, "SCOPE_REQUIRED")
    assert keyless.json()["reason"] == "KEY_REQUIRED"

"""Imports of history through the API: options as JSON, the file as it is."""

from __future__ import annotations

from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import TOKENS, a_shop

STAFF = {"Authorization": "Bearer " + TOKENS.create("staff", uuid7(), scopes=["journeys.write"])}
OPTIONS = {
    "columns": {"person": "user", "time": "at", "kind": "event"},
    "preset": "ga4",
    "time_unit": "microseconds",
}


async def test_a_file_is_sent_in_parts_as_it_is() -> None:
    part = b"\x1f\x8b\x08\x00\xff\xfe binary \x00"
    octets = {**STAFF, "Content-Type": "application/octet-stream"}
    async with a_shop() as shop:
        begun = await shop.client.post(
            "/v1/staff/journey-imports",
            json={"options": OPTIONS},
            headers={**STAFF, "Idempotency-Key": "k-1"},
        )
        path = f"/v1/staff/journey-imports/{begun.json()['id']}"
        sent = await shop.client.put(f"{path}/parts/1", content=part, headers=octets)
        started = await shop.client.post(f"{path}/start", headers=STAFF)
        odd = await shop.client.put(f"{path}/parts/x", content=part, headers=octets)
        stranger = await shop.client.put(f"{path}/parts/2", content=part)

    assert (begun.status_code, begun.json()["options"]["preset"]) == (201, "ga4")
    assert (sent.status_code, sent.json()["bytes_received"]) == (200, len(part))
    assert shop.imports.parts == {1: part}
    assert started.status_code == 202
    assert (odd.status_code, stranger.status_code) == (422, 401)


async def test_options_that_no_import_has_are_refused_by_their_names() -> None:
    async with a_shop() as shop:
        answer = await shop.client.post(
            "/v1/staff/journey-imports",
            json={"options": {**OPTIONS, "presett": "ga4", "time_unit": "weeks"}},
            headers={**STAFF, "Idempotency-Key": "k-1"},
        )

    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/body/options/presett", "/body/options/time_unit"}

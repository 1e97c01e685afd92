"""One shopper's story, from the ad to the answer, and who may see it."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from rich.console import Console

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers import demo
from stack.shoppers.mail import mails_to
from stack.shoppers.shopper import Api, ApiError, amount_of

STAGES = ["awareness", "consideration", "acquisition", "retention", "advocacy"]


async def kinds_of(shopper: Api) -> set[str]:
    """Returns a customer's own journey."""
    try:
        journey = (await shopper.call("GET", "/v1/me/journey")).body
    except ApiError as error:
        if error.status != 404:
            raise
        return set()
    return {touchpoint["kind"] for touchpoint in journey["touchpoints"]}


@pytest.fixture
async def consenting(platform: Platform) -> Any:
    """A guest who agreed to analytics."""
    async with Api(
        platform.gateway_urls, consent="analytics", keeps_visitor=True, session_id=str(uuid7())
    ) as shopper:
        await shopper.become_guest()
        yield shopper


async def test_her_story_is_on_the_map_in_all_five_stages_with_traces_that_can_be_found(
    platform: Platform, staff: Api
) -> None:
    console = Console(record=True, width=200, quiet=True)

    await demo.fill(platform, 300, console)
    await demo.play(platform, console)
    order = (await staff.call("GET", "/v1/staff/orders?status=delivered&page_size=1")).body[
        "orders"
    ][0]

    async def whole() -> dict[str, Any] | None:
        journey = await staff.journey(order_id=order["id"])
        return (
            journey
            if [stage["slug"] for stage in journey["stages"] if stage["touchpoints"]] == STAGES
            else None
        )

    journey = await eventually(whole, within=20)
    kinds = {touchpoint["kind"] for touchpoint in journey["touchpoints"]}
    assert {
        "page.view",
        "search",
        "product.view",
        "cart.line_added",
        "cart.abandoned",
        "cart.restored",
        "order.placed",
        "feedback.given",
    } <= kinds
    assert journey["touchpoints"][0]["utm_source"] == "instagram"
    assert all(
        touchpoint["trace_id"]
        for touchpoint in journey["touchpoints"]
        if touchpoint["source"] == "gateway"
    )

    async def traced() -> bool:
        async with httpx.AsyncClient(headers={"Accept": "application/json"}) as client:
            traces = {touchpoint["trace_id"] for touchpoint in journey["touchpoints"]} - {""}
            return all(
                [
                    (await client.get(f"{platform.sink_url}/traces/{trace}")).status_code == 200
                    for trace in traces
                ]
            )

    await eventually(traced, within=15)
    confirmations = [
        mail
        for mail in await mails_to(platform.url("mailbox"), order["email"])
        if "is confirmed" in mail["subject"]
    ]
    assert [mail["deliveries"] for mail in confirmations] == [1]


async def test_an_order_s_money_is_credited_to_the_campaign_that_brought_its_buyer(
    platform: Platform, staff: Api, consenting: Api
) -> None:
    campaign = f"mail-{uuid.uuid4().hex[:8]}"
    slug, variant_id = await chaos.new_product(staff, 10)
    share = (await consenting.call("POST", "/v1/shares", {"kind": "product", "slug": slug})).body
    await consenting.call("GET", share["path"])
    await consenting.call("GET", f"/v1/categories?utm_source={campaign}")
    order = (await consenting.buy((variant_id, 1), email=f"{campaign}@example.com")).body

    async def credited() -> dict[str, Any] | None:
        answer = await staff.call("POST", "/v1/staff/questions/attribution", {"model": "last"})
        return next((one for one in answer.body["credits"] if one["value"] == campaign), None)

    credit = await eventually(credited, within=20)
    assert (credit["orders"], credit["revenue"]) == (1, amount_of(order))
    touchpoints = (await staff.journey(order_id=order["id"]))["touchpoints"]
    shares = {each["kind"]: each["subject"] for each in touchpoints if "share" in each["kind"]}
    assert shares == dict.fromkeys(("share.create", "share.open"), share["code"])
    funnel = {
        "filter": {"conditions": [{"field": "kind", "any_of": ["category.tree", "order.placed"]}]},
        "steps": [
            {"name": "ad", "rules": [{"when": [{"field": "utm_source", "any_of": [campaign]}]}]},
            {"name": "order", "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}]},
        ],
    }
    counted = (await staff.call("POST", "/v1/staff/questions/funnel", funnel)).body
    assert [step["reached"] for step in counted["segments"][0]["steps"]] == [1, 1]
    behind = await staff.call(
        "POST", "/v1/staff/questions/funnel/people", {"funnel": funnel, "step": 1}
    )
    assert behind.body["people"] == 1
    opened = await staff.journey(order_id=order["id"])
    assert behind.body["person_ids"] == [opened["person_id"]]


async def test_a_saved_question_within_a_segment_is_asked_and_its_rows_are_exported(
    platform: Platform, staff: Api, consenting: Api
) -> None:
    campaign = f"mail-{uuid.uuid4().hex[:8]}"
    await consenting.call("GET", f"/v1/categories?utm_source={campaign}")
    landed = {"conditions": [{"field": "utm_source", "any_of": [campaign]}]}
    question = {"name": "Landed", "kind": "trend", "request": {"filter": {"segment": campaign}}}
    path = f"/v1/staff/saved-questions/{campaign}"

    await staff.call("PUT", f"/v1/staff/segments/{campaign}", {"name": "Landed", "filter": landed})
    saved = await staff.call("PUT", path, question)

    async def counted() -> bool:
        trend = (await staff.call("POST", f"{path}/answer")).body["trend"]
        return [point["touchpoints"] for point in trend["points"]] == [1]

    await eventually(counted, within=20)
    assert saved.headers["etag"] == '"1"'
    with pytest.raises(ApiError) as named:
        await staff.call("DELETE", f"/v1/staff/segments/{campaign}")
    assert named.value.reason == "SEGMENT_IS_NAMED"
    asked = {"filter": {"segment": campaign}, "columns": ["kind", "utm_source"]}
    begun = (await staff.call("POST", "/v1/staff/touchpoint-exports", asked)).body

    async def written() -> dict[str, Any] | None:
        export = (await staff.call("GET", f"/v1/staff/touchpoint-exports/{begun['id']}")).body
        return export if export["state"] == "done" else None

    export = await eventually(written, within=20)
    assert (export["touchpoints"], export["parts"]) == (1, 1)
    part = await staff.call("GET", f"/v1/staff/touchpoint-exports/{begun['id']}/parts/1")
    assert part.body.split() == [
        '"kind","utm_source"',
        f'"category.tree","{campaign}"',
    ]


async def test_nothing_is_stored_of_a_visitor_without_consent(
    platform: Platform, staff: Api, consenting: Api
) -> None:
    async with (
        Api(platform.gateway_urls, keeps_visitor=True) as unasked,
        Api(platform.gateway_urls, keeps_visitor=True, consent="none") as denied,
    ):
        for shopper in (unasked, denied, consenting):
            await shopper.call("GET", "/v1/categories")

    async def seen() -> bool:
        return bool((await staff.journey(visitor_id=consenting.visitor_id))["touchpoints"])

    await eventually(seen, within=15)
    assert (await staff.journey(visitor_id=unasked.visitor_id))["touchpoints"] == []
    assert (await staff.journey(visitor_id=denied.visitor_id))["touchpoints"] == []


async def test_withdrawing_deletes_what_was_stored(staff: Api, consenting: Api) -> None:
    await consenting.call("GET", "/v1/categories")

    async def count() -> int:
        return len((await staff.journey(visitor_id=consenting.visitor_id))["touchpoints"])

    await eventually(count, within=15)
    await consenting.call("DELETE", "/v1/touchpoints")

    assert await count() == 0


async def test_a_front_end_tells_touchpoints_and_each_counts_once(
    staff: Api, consenting: Api
) -> None:
    told = {
        "touchpoints": [
            {
                "id": str(uuid7()),
                "kind": "video.play",
                "subject": "film",
                "properties": {"seconds": "12"},
            }
        ]
    }

    first = await consenting.call("POST", "/v1/touchpoints", told)
    again = await consenting.call("POST", "/v1/touchpoints", told)
    journey = await staff.journey(visitor_id=consenting.visitor_id)

    assert first.status == again.status == 202
    assert first.body["refused"] == 0
    assert [touchpoint["kind"] for touchpoint in journey["touchpoints"]].count("video.play") == 1


async def test_a_guest_s_history_becomes_the_customer_s_and_nobody_else_sees_it(
    platform: Platform, consenting: Api
) -> None:
    await consenting.call("GET", "/v1/categories")
    await consenting.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")

    async def mine() -> bool:
        kinds = await kinds_of(consenting)
        assert {"category.tree", "account.registered"} <= kinds, kinds
        return True

    await eventually(mine, within=15)
    async with Api(platform.gateway_urls) as stranger:
        await stranger.register(f"{uuid.uuid4().hex}@example.com", "long enough to be safe")
        with pytest.raises(ApiError) as refusal:
            await stranger.call("GET", f"/v1/staff/journeys?visitor_id={consenting.visitor_id}")
        assert refusal.value.status in (403, 404)
        assert "category.tree" not in await kinds_of(stranger)


async def test_one_trace_covers_the_order_its_mail_and_its_touchpoint(
    platform: Platform, consenting: Api, variant: str
) -> None:
    reply = await consenting.buy((variant, 1))

    async def complete() -> bool:
        async with httpx.AsyncClient(headers={"Accept": "application/json"}) as client:
            found = await client.get(f"{platform.sink_url}/traces/{reply.trace_id}")
        spans = found.json() if found.status_code == 200 else []
        return {"gateway", "checkout", "catalog", "cart", "notifications", "journey"} <= {
            span["service"] for span in spans
        } and all(
            span["attributes"].get("sojourn.visitor") == consenting.visitor_id for span in spans
        )

    await eventually(complete, within=20)

"""A shop of an older release lives on after the upgrade, and people find their data."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest

from chassis.testing import eventually
from journey.touchpoints.acts import EVENT_OF_REQUEST
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import Api, ApiError, amount_of
from tests.upgrade.documents import (
    Document,
    cart_facts,
    level_facts,
    lines_of,
    mail_facts,
    money_of,
    order_facts,
    total_of,
    touchpoint_facts,
)
from tests.upgrade.record import PASSWORD


@pytest.fixture
async def sarah(upgraded: Platform, life: Document) -> AsyncIterator[Api]:
    """The regular customer, with the password of then."""
    async with Api(upgraded.gateway_urls) as sarah:
        await sarah.log_in(life["customers"]["sarah"]["email"], PASSWORD)
        yield sarah


async def order_of(shopper: Api, order_id: str) -> Document:
    return dict((await shopper.call("GET", f"/v1/orders/{order_id}")).body)


async def test_stock_counts_are_those_of_then_and_agree_with_the_reservations(
    upgraded: Platform, staff: Api, life: Document
) -> None:
    # First, before the others buy.
    levels = {
        sku: level_facts((await staff.call("GET", f"/v1/staff/stock/{sku}")).body)
        for sku in life["stock"]
    }
    with psycopg.connect(upgraded.postgres.superuser_dsn("catalog")) as connection:
        held = connection.execute(
            "SELECT sku, sum(quantity)::int FROM reservation r JOIN reservation_line l ON "
            "l.reservation_id = r.id"
            " JOIN variant v ON v.id = l.variant_id WHERE r.status = 'held' GROUP BY sku"
        ).fetchall()

    assert levels == life["stock"]
    assert {sku: reserved for sku, (_, reserved) in levels.items() if reserved} == dict(held)


async def test_a_customer_logs_in_with_the_password_of_then_and_is_the_same_customer(
    sarah: Api, life: Document
) -> None:
    profile = (await sarah.call("GET", "/v1/me")).body
    consents = (await sarah.call("GET", "/v1/me/consents")).body

    assert (profile["id"], profile["first_name"], profile["email_confirmed"]) == (
        life["customers"]["sarah"]["id"],
        "Sarah",
        True,
    )
    assert consents["granted"] == {"analytics": True, "marketing": True}


async def test_a_session_of_then_goes_on(upgraded: Platform, life: Document) -> None:
    async with Api(upgraded.gateway_urls) as device:
        refreshed = await device.call(
            "POST",
            "/v1/sessions/refresh",
            {"refresh_token": life["customers"]["sarah"]["refresh_token"]},
        )

    assert refreshed.body["subject_id"] == life["customers"]["sarah"]["id"]


async def test_a_customer_who_had_not_confirmed_an_address_still_has_not(
    upgraded: Platform, life: Document
) -> None:
    async with Api(upgraded.gateway_urls) as tom:
        await tom.log_in(life["customers"]["tom"]["email"], PASSWORD)
        profile = (await tom.call("GET", "/v1/me")).body

    assert (profile["id"], profile["email_confirmed"]) == (life["customers"]["tom"]["id"], False)


async def test_orders_of_then_show_their_totals_lines_and_history(
    sarah: Api, life: Document
) -> None:
    mine = ("delivered", "shipped", "refunded", "cancelled")
    before = {name: life["orders"][name] for name in mine}

    found = {
        name: order_facts(await order_of(sarah, order["id"])) for name, order in before.items()
    }
    listed = (await sarah.call("GET", "/v1/orders")).body["orders"]

    assert found["delivered"] == before["delivered"]
    assert found["shipped"] == before["shipped"]
    assert found["cancelled"] == before["cancelled"]
    assert (found["refunded"]["lines"], found["refunded"]["total_minor"]) == (
        before["refunded"]["lines"],
        before["refunded"]["total_minor"],
    )
    assert {order["id"] for order in listed} >= {order["id"] for order in before.values()}


async def test_an_order_of_then_is_completed_again_under_its_key_and_charged_once(
    upgraded: Platform, sarah: Api, life: Document
) -> None:
    completed = life["completed"]
    body = {"expected_total": {"amount_minor": completed["total_minor"], "currency": "EUR"}}

    again = await sarah.call(
        "POST", f"/v1/checkouts/{completed['checkout']}/complete", body, key=completed["key"]
    )

    assert again.body["id"] == life["orders"]["delivered"]["id"]
    assert (await chaos.charges(upgraded))[again.body["id"]] == completed["total_minor"]


async def test_the_rest_of_a_partially_refunded_order_is_refunded(
    upgraded: Platform, staff: Api, sarah: Api, life: Document
) -> None:
    order = life["orders"]["refunded"]
    path, rest = f"/v1/staff/orders/{order['id']}/refunds", order["captured"] - order["refunded"]

    with pytest.raises(ApiError) as refusal:
        await staff.call("POST", path, {"amount": {"amount_minor": rest + 1, "currency": "EUR"}})
    await staff.call("POST", path, {"amount": {"amount_minor": rest, "currency": "EUR"}})

    assert refusal.value.reason == "REFUND_EXCEEDS_CAPTURED"
    assert money_of(await order_of(sarah, order["id"])) == {
        "captured": order["captured"],
        "refunded": order["captured"],
    }
    assert order["id"] not in await chaos.charges(upgraded)


async def test_an_order_that_waited_for_its_shipment_is_shipped_and_delivered(
    staff: Api, life: Document
) -> None:
    order = life["orders"]["placed"]
    path = f"/v1/staff/orders/{order['id']}/shipments"

    shipped = (
        await staff.call(
            "POST", path, {"carrier": "DHL", "tracking_number": "00340434161094042557"}
        )
    ).body
    delivered = (await staff.call("POST", f"{path}/{shipped['shipments'][0]['id']}/delivered")).body

    assert (shipped["status"], delivered["status"]) == ("shipped", "delivered")
    assert lines_of(delivered) == order["lines"]


async def test_an_order_that_waited_for_its_bank_is_placed(
    upgraded: Platform, staff: Api, life: Document
) -> None:
    order = life["orders"]["waiting"]

    async with httpx.AsyncClient(base_url=upgraded.simulator_url) as bank:
        (
            await bank.post(f"/v1/challenges/{order['challenge']}", json={"outcome": "pass"})
        ).raise_for_status()

    async def is_placed() -> bool:
        return order["id"] in [placed["id"] async for placed in chaos.orders(staff, "placed")]

    await eventually(is_placed, within=15)
    assert (await chaos.charges(upgraded))[order["id"]] == order["total_minor"]


async def test_an_open_cart_of_then_is_priced_and_ordered(
    upgraded: Platform, sarah: Api, life: Document
) -> None:
    cart, added = life["carts"]["open"], life["added"]

    found = (await sarah.call("GET", f"/v1/carts/{cart['id']}")).body
    repeated = await sarah.call("POST", added["path"], added["line"], key=added["key"])
    after = (await sarah.call("GET", f"/v1/carts/{cart['id']}")).body
    checkout = await sarah.start_checkout(cart["id"])
    order = (await sarah.complete(checkout)).body

    assert cart_facts(found) == cart
    assert repeated.headers["idempotency-replayed"] == "true"
    assert cart_facts(after) == cart, "what was added under a key is not added again"
    assert (order["status"], lines_of(order)) == ("placed", cart["lines"])
    assert (
        (await chaos.charges(upgraded))[order["id"]]
        == amount_of(checkout)["amount_minor"]
        == total_of(order)
    )


async def test_a_saved_cart_of_then_is_restored_by_its_link(guest: Api, life: Document) -> None:
    saved = life["carts"]["saved"]

    restored = (
        await guest.call("POST", "/v1/carts/restore", {"restore_token": saved["restore_token"]})
    ).body

    assert (lines_of(restored), total_of(restored)) == (saved["lines"], saved["total_minor"])


async def test_a_product_of_then_is_found_and_bought(guest: Api, life: Document) -> None:
    product = life["product"]

    async def slugs(path: str) -> set[str]:
        return {card["slug"] for card in (await guest.call("GET", path)).body["products"]}

    async def is_listed() -> bool:
        word = product["title"].split()[-1].lower()
        paths = (
            f"/v1/categories/{product['category']}/products",
            f"/v1/search?q={word}",
            "/v1/pages/weekend-outside",
        )
        return all([product["slug"] in await slugs(path) for path in paths])

    await eventually(is_listed, within=15)
    page = (await guest.call("GET", f"/v1/products/{product['slug']}?currency=EUR")).body
    order = (await guest.buy((page["variants"][0]["id"], 1))).body
    assert page["title"] == product["title"]
    assert order["status"] == "placed"


async def test_the_promotion_of_then_makes_a_first_order_cheaper_and_no_other(
    guest: Api, sarah: Api, life: Document
) -> None:
    page = (await guest.call("GET", f"/v1/products/{life['product']['slug']}?currency=EUR")).body
    variant_id = page["variants"][0]["id"]

    first = await guest.start_cart((variant_id, 1))
    later = await sarah.start_cart((variant_id, 1))

    assert [[promotion["code"] for promotion in cart["promotions"]] for cart in (first, later)] == [
        ["first-order-10"],
        [],
    ]


async def test_the_journey_of_a_customer_shows_its_touchpoints_and_its_maps(
    staff: Api, life: Document
) -> None:
    customer_id = life["customers"]["sarah"]["id"]

    journey = await staff.journey(customer_id=customer_id)
    by_map = await staff.journey(customer_id=customer_id, map="two-stages")

    # The release before showed an act twice, as its request and as its event, and placed it so.
    acts = [kind for kind, _ in life["journey"] if kind not in EVENT_OF_REQUEST]
    assert [kind for kind, _ in touchpoint_facts(journey)][: len(acts)] == acts
    assert journey["touchpoints"][0]["utm_source"] == "instagram"
    reached = Counter(stage for _, stage in touchpoint_facts(by_map))
    kinds = Counter(kind for kind, _ in life["journey"])
    assert reached["before"] >= kinds["product.view"] > 0
    assert reached["after"] >= kinds["order.placed"] > 0


async def test_staff_see_the_mails_of_then(staff: Api, life: Document) -> None:
    mails = (await staff.call("GET", "/v1/staff/messages?page_size=100")).body["messages"]

    assert Counter(map(tuple, life["mails"])) <= Counter(map(tuple, mail_facts(mails)))


async def test_what_waited_in_the_outboxes_is_told_after_the_upgrade(
    staff: Api, life: Document
) -> None:
    order_id = life["orders"]["late"]["id"]

    async def is_told() -> Any:
        mails = (await staff.call("GET", f"/v1/staff/messages?order_id={order_id}")).body[
            "messages"
        ]
        return ["order_confirmation", "sent"] in mail_facts(mails)

    await eventually(is_told, within=20)


async def test_nothing_is_dead_lettered_skipped_or_left_waiting(
    upgraded: Platform, staff: Api
) -> None:
    async def outboxes_are_empty() -> bool:
        waiting = 0
        for component in upgraded.components:
            if component.database:
                async with await psycopg.AsyncConnection.connect(
                    upgraded.postgres.superuser_dsn(component.name)
                ) as connection:
                    count = await (
                        await connection.execute("SELECT count(*) FROM outbox")
                    ).fetchone()
                    waiting += count[0] if count else 0
        return waiting == 0

    await eventually(outboxes_are_empty, within=20)
    dead = (await staff.call("GET", "/v1/staff/dead-letters")).body
    skipped = (await staff.call("GET", "/v1/staff/skipped-rows")).body
    assert not any(dead["dead_letters"].values()), dead
    assert not any(skipped["skipped_rows"].values()), skipped
    assert dead["degraded"] == skipped["degraded"] == []

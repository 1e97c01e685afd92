"""After the sale: a unit is cancelled, another returned, and the money follows them."""

from __future__ import annotations

import io
import uuid
from typing import Any

import httpx
import pytest
from PIL import Image

from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.mail import mail_to, mails_to
from stack.shoppers.shopper import Api, ApiError, total_of
from tests.e2e.conftest import ProductMaker


def a_picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "maroon").save(made, format="PNG")
    return made.getvalue()


async def test_a_unit_is_cancelled_and_another_returned_and_both_are_refunded_and_mailed(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    email, mailbox = f"{uuid.uuid4().hex}@example.com", platform.url("mailbox")
    cart = await shopper.start_cart((await make_variant(), 3))
    order = (await shopper.complete(await shopper.start_checkout(cart["id"], email=email))).body
    [line] = order["lines"]
    unit, line_id = line["item"]["total"]["amount_minor"] // 3, line["id"]
    before = await on_hand(staff, line["item"]["sku"])

    cancelled = await shopper.call(
        "POST",
        f"/v1/orders/{order['id']}/cancellations",
        {"lines": [{"order_line_id": line_id, "quantity": 1}], "reason": "buyer_request"},
    )
    parcel = {"carrier": "DHL", "tracking_number": "0034"}
    path = f"/v1/staff/orders/{order['id']}/shipments"
    [shipment] = (await staff.call("POST", path, parcel)).body["shipments"]
    await staff.call("POST", f"{path}/{shipment['id']}/delivered")
    asked = await shopper.call(
        "POST",
        f"/v1/orders/{order['id']}/returns",
        {"lines": [{"order_line_id": line_id, "quantity": 1, "reason": "wrong-size"}]},
    )
    one = f"/v1/staff/returns/{asked.body['id']}"
    picture = f"/v1/returns/{asked.body['id']}/pictures/1"
    sent = await shopper.client.put(
        f"{platform.gateway_urls[0]}{picture}",
        content=a_picture(),
        headers={
            "Authorization": f"Bearer {shopper.token}",
            "Content-Type": "application/octet-stream",
        },
    )
    shown_to_staff = await staff.client.get(
        f"{platform.gateway_urls[0]}{one}/pictures/1",
        headers={"Authorization": f"Bearer {staff.token}"},
    )
    await staff.call("POST", f"{one}/accept", {"label": {"url": "https://labels.example/1"}})
    back = {"order_line_id": line_id, "quantity": 1, "condition": "as_new", "restock": True}
    await staff.call("POST", f"{one}/receive", {"lines": [back]})
    done = (await staff.call("POST", f"{one}/refund", {})).body

    assert (sent.status_code, sent.json()["width"]) == (200, 60)
    assert shown_to_staff.headers["content-type"] == "image/jpeg"
    assert cancelled.body["lines"][0]["cancelled"]["steps"] == 1
    assert (done["status"], done["refunded"]["amount_minor"]) == ("refunded", unit)
    shown = (await shopper.call("GET", f"/v1/returns/{asked.body['id']}")).body
    assert shown["status"] == "refunded"
    assert (await chaos.charges(platform))[order["id"]] == total_of(order) - 2 * unit
    assert await on_hand(staff, line["item"]["sku"]) == before + 2

    async def mailed() -> bool:
        text = " ".join(mail["text"] for mail in await mails_to(mailbox, email))
        told = ("https://labels.example/1", "was cancelled", "were cancelled", "is done")
        return [each in text for each in told] == [True, False, True, True]

    await eventually(mailed, within=20)

    async def documents() -> list[dict[str, Any]]:
        found = (await shopper.call("GET", f"/v1/orders/{order['id']}/documents")).body["documents"]
        return found if len(found) == 3 else []

    invoice, *notes = await eventually(documents, within=20)
    assert {each["invoice_number"] for each in notes} == {invoice["number"]}
    gross = [each["gross"]["amount_minor"] for each in (invoice, *notes)]
    assert gross == [total_of(order), unit, unit]


async def test_a_buyer_pays_what_an_exchange_costs_more_by_the_transfer_that_they_are_mailed(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    email, mailbox = f"{uuid.uuid4().hex}@example.com", platform.url("mailbox")
    method = f"transfer-{uuid.uuid4().hex[:8]}"
    rule = {"provider": "offline", "provider_method": "bank_transfer"}
    await staff.call("PUT", f"/v1/staff/payment-methods/{method}", rule)
    dearer = await make_variant(price_minor=90_00)
    cart = await shopper.start_cart((await make_variant(price_minor=20_00), 1))
    order = (await shopper.complete(await shopper.start_checkout(cart["id"], email=email))).body
    await arrive(staff, order["id"])
    [line] = order["lines"]
    asked = await shopper.call(
        "POST",
        f"/v1/orders/{order['id']}/returns",
        {"lines": [{"order_line_id": line["id"], "quantity": 1, "reason": "wrong-size"}]},
    )
    one = f"/v1/staff/returns/{asked.body['id']}"
    wish: dict[str, Any] = {
        "lines": [{"order_line_id": line["id"], "variant_id": dearer}],
        "pricing": "current",
    }
    with pytest.raises(ApiError) as dear:
        await staff.call("POST", f"{one}/exchange", wish)
    wish["payment_method_id"] = method

    async def exchanged() -> dict[str, Any] | None:
        try:
            return dict((await staff.call("POST", f"{one}/exchange", wish)).body)
        except ApiError:
            # Another replica knows of the method later.
            return None

    made = await eventually(exchanged, within=10)
    assert made is not None
    second = f"/v1/orders/{made['replacement_order_id']}"
    [owed] = [each for each in (await shopper.call("GET", second)).body["payments"]
              if each.get("reference")]  # fmt: skip

    async def mailed() -> bool:
        texts = [mail["text"] for mail in await mails_to(mailbox, email)]
        return any(owed["reference"] in "".join(text.split()) for text in texts)

    await eventually(mailed, within=20)
    back = {"order_line_id": line["id"], "quantity": 1, "condition": "as_new", "restock": True}
    await staff.call("POST", f"{one}/receive", {"lines": [back]})
    with pytest.raises(ApiError) as early:
        await arrive(staff, made["replacement_order_id"])
    paid = {"id": uuid.uuid4().hex, "amount": owed["amount"], "text": owed["reference"]}
    await staff.call("POST", "/v1/staff/bank-transfers/import", {"lines": [paid]})
    done = (await staff.call("POST", f"{one}/refund", {"without_delivery": True})).body
    await arrive(staff, made["replacement_order_id"])
    await staff.call("DELETE", f"/v1/staff/payment-methods/{method}")

    shown = (await shopper.call("GET", second)).body
    assert dear.value.reason == "EXCHANGE_COSTS_MORE"
    assert early.value.reason == "PAYMENT_OUTSTANDING"
    assert done["exchanged"] == done["refunded"] == line["item"]["total"]
    assert shown["status"] == "delivered"
    taken = sum(each["captured"]["amount_minor"] for each in shown["payments"])
    assert taken == total_of(shown)
    assert (await chaos.charges(platform))[order["id"]] == total_of(order)


async def arrive(staff: Api, order_id: str) -> None:
    path = f"/v1/staff/orders/{order_id}/shipments"
    [shipment] = (await staff.call("POST", path, {"carrier": "DHL"})).body["shipments"]
    await staff.call("POST", f"{path}/{shipment['id']}/delivered")


async def on_hand(staff: Api, sku: str) -> int:
    levels = (await staff.call("GET", f"/v1/staff/stock/{sku}")).body["levels"]
    return sum(int(level["on_hand"]) for level in levels)


async def test_a_dispute_holds_its_order_is_mailed_to_staff_stops_refunds_and_is_settled(
    platform: Platform, staff: Api, shopper: Api, make_variant: ProductMaker
) -> None:
    finance, mailbox = f"{uuid.uuid4().hex}@example.com", platform.url("mailbox")
    recipient = f"/v1/staff/notice-recipients/finance-{uuid.uuid4().hex[:8]}"
    kinds = ["dispute_opened", "dispute_won"]
    made = await staff.call("PUT", recipient, {"email": finance, "kinds": kinds})
    cart = await shopper.start_cart((await make_variant(), 1))
    email = f"{uuid.uuid4().hex}@example.com"
    order = (await shopper.complete(await shopper.start_checkout(cart["id"], email=email))).body
    path = f"/v1/staff/orders/{order['id']}"

    headers = {"Authorization": f"Bearer {platform.secret('simulator.api-key')}"}
    async with httpx.AsyncClient(base_url=platform.simulator_url, headers=headers) as bank:
        [paid] = (await bank.get("/v1/payments", params={"reference": order["id"]})).json()[
            "payments"
        ]
        opened = (await bank.post("/disputes", json={"payment_id": paid["id"]})).json()

        async def has(status: str) -> dict[str, Any] | None:
            shown = (await staff.call("GET", path)).body
            is_so = [each["status"] for each in shown["disputes"]] == [status]
            return shown if is_so and shown["hold"] else None

        held = await eventually(lambda: has("needs_response"), within=20)
        with pytest.raises(ApiError) as refused:
            await staff.call("POST", f"{path}/refunds", {"reason": "other"})
        decision = await bank.post(f"/disputes/{opened['id']}/decision", json={"status": "won"})
        assert decision.status_code == 200
    await eventually(lambda: has("won"), within=20)
    await staff.call("POST", f"{path}/refunds", {"reason": "other"})
    told = [await mail_to(mailbox, finance, words) for words in ("is disputed", "is won")]
    await staff.call("DELETE", recipient)

    assert (made.body["version"], made.body["evidence_due_hours"]) == (1, 48)
    assert [order["number"] in each["subject"] for each in told] == [True, True]
    assert held is not None
    assert held["disputes"][0]["amount"]["amount_minor"] == total_of(order)
    assert held["hold"]["reason"] == "payment"
    assert refused.value.reason == "PAYMENT_DISPUTED"
    assert (await chaos.charges(platform)).get(order["id"], 0) == 0

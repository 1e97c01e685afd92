"""Products of more kinds: with typed attributes, as sets of others, and with pictures."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from PIL import Image

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.mail import mail_to
from stack.shoppers.shopper import CARD_OK, Api, ApiError


def a_variant(sku: str, price: int, stock: int) -> dict[str, Any]:
    prices = [{"price": {"amount_minor": price, "currency": "EUR"}}]
    return {"sku": sku, "prices": prices, "initial_stock": {"": stock}}


async def _import(staff: Api, *products: dict[str, Any]) -> None:
    given = [
        {"external_id": each["slug"], "title": {"en": "Thing"}, "published": True, **each}
        for each in products
    ]
    body = {"source": "stories", "products": given}
    await staff.call("POST", "/v1/staff/products/import", body)


async def test_typed_attributes_are_held_and_compared(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    name, mark = f"mass-{uuid.uuid4().hex[:6]}", uuid.uuid4().hex[:8]
    definition = {"kind": "number", "unit": "kg", "label": {"en": "Mass"}, "is_compared": True}
    await staff.call("PUT", f"/v1/staff/attribute-definitions/{name}", definition)
    slugs = [f"light-{mark}", f"heavy-{mark}"]

    wrong = {"slug": slugs[0], "variants": [a_variant(slugs[0], 100, 1)]}
    with pytest.raises(ApiError) as refused:
        await _import(staff, {**wrong, "attributes": {name: "heavy"}})
    for slug, mass in zip(slugs, ("1.50", "20"), strict=True):
        product = {"slug": slug, "variants": [a_variant(slug, 100, 1)]}
        await _import(staff, {**product, "attributes": {name: mass}})
    compared = (await shopper.call("GET", f"/v1/comparisons?slug={slugs[0]}&slug={slugs[1]}")).body

    assert refused.value.reason == "INVALID_IMPORT"
    (row,) = compared["rows"]
    assert [product["slug"] for product in compared["products"]] == slugs
    assert (row["shown"], row["differs"], row["unit"]) == (["1.5 kg", "20 kg"], True, "kg")


async def test_an_order_of_a_bundle_takes_its_parts(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    mark = uuid.uuid4().hex[:8]
    cup, pot, tea = f"cup-{mark}", f"pot-{mark}", f"tea-{mark}"
    await _import(
        staff,
        {"slug": cup, "variants": [a_variant(cup, 5_00, 9)]},
        {"slug": pot, "variants": [a_variant(pot, 20_00, 9)]},
        {"slug": tea, "variants": [a_variant(tea, 99_00, 0)]},
    )
    parts = [{"sku": cup, "quantity": 2}, {"sku": pot, "quantity": 1}]
    bundle = {"parts": parts, "pricing": "sum", "discount_basis_points": 1_000}
    await staff.call("PUT", f"/v1/staff/bundles/{tea}", bundle)
    variant = (await shopper.call("GET", f"/v1/products/{tea}?currency=EUR")).body["variants"][0]

    cart = await shopper.start_cart((variant["id"], 2))
    checkout = await shopper.start_checkout(cart["id"], email=f"{mark}@example.com")
    order = (await shopper.complete(checkout)).body

    assert order["status"] == "placed"
    assert order["lines"][0]["item"]["unit_price"]["amount_minor"] == 27_00
    for sku, left in ((cup, 5), (pot, 7)):
        level = (await staff.call("GET", f"/v1/staff/stock-levels/main/{sku}")).body
        assert level["on_hand"] == left


async def test_a_picture_is_uploaded_by_a_signed_url_and_shown_smaller(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    made = io.BytesIO()
    Image.new("RGB", (400, 200), "teal").save(made, format="PNG")
    ticket = (await staff.call("POST", "/v1/staff/media-uploads", {"name": "teal.png"})).body

    url = platform.gateway_urls[0]
    octets = {"Content-Type": "application/octet-stream"}
    sent = await shopper.client.put(
        url + ticket["upload_url"], content=made.getvalue(), headers=octets
    )
    small = await shopper.client.get(f"{url}/v1/media/{ticket['media_id']}?width=160&format=avif")

    assert (sent.status_code, sent.json()["media_type"]) == (200, "image/png")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/avif")
    with Image.open(io.BytesIO(small.content)) as shown:
        assert shown.size == (160, 80)
    with pytest.raises(ApiError) as inside:
        await staff.call("POST", "/v1/staff/media", {"url": "http://localhost/x.png"})
    assert inside.value.reason == "MEDIA_URL_REFUSED"


async def test_a_paid_digital_good_is_mailed_and_downloaded_and_a_refund_ends_that(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    mark = uuid.uuid4().hex[:8]
    sku, email, url = f"atlas-{mark}", f"{mark}@example.com", platform.gateway_urls[0]
    await _import(staff, {"slug": sku, "variants": [a_variant(sku, 19_00, 0)]})
    good = f"/v1/staff/digital-goods/{sku}"
    await staff.call("PUT", good, {"needs_keys": True, "download_limit": 3})
    await staff.call("POST", f"{good}/keys", {"keys": [f"KEY-{mark}-0001"]})
    file = (await staff.call("POST", f"{good}/files", {"name": "Atlas – Alps.pdf"})).body
    for number, content in enumerate((b"%PDF", b" and so on"), 1):
        sent = await staff.client.put(
            f"{url}/v1/staff/digital-files/{file['id']}/parts/{number}",
            content=content,
            headers={
                "Authorization": f"Bearer {staff.token}",
                "Content-Type": "application/octet-stream",
            },
        )
        assert sent.status_code == 200, sent.text
    await staff.call("POST", f"/v1/staff/digital-files/{file['id']}/complete")

    async def on_sale() -> Any:
        page = (await shopper.call("GET", f"/v1/products/{sku}?currency=EUR")).body
        assert page["variants"][0]["availability"] != "out_of_stock"
        return page["variants"][0]

    variant = await eventually(on_sale)
    cart = await shopper.start_cart((variant["id"], 1))
    chosen = {
        "cart_id": cart["id"],
        "email": email,
        "payment_method_id": "card",
        "payment_token": CARD_OK,
    }
    checkout = (await shopper.call("POST", "/v1/checkouts", chosen)).body
    order = (await shopper.complete(checkout)).body
    path = f"/v1/orders/{order['id']}/digital-goods"

    async def delivered() -> Any:
        found = (await shopper.call("GET", path)).body["goods"]
        assert found
        return found[0]

    mine = await eventually(delivered, within=20)
    mail = await mail_to(platform.url("mailbox"), email, "keys and files")
    got = await shopper.client.get(url + mine["files"][0]["url"])
    await staff.call("POST", f"/v1/staff/orders/{order['id']}/refunds", {})

    async def taken_back() -> Any:
        found = await delivered()
        assert found["revoked"]
        return found

    revoked = await eventually(taken_back, within=20)
    late = await shopper.client.get(url + mine["files"][0]["url"])

    assert order["status"] == "delivered"
    assert mine["licence_keys"] == [f"KEY-{mark}-0001"]
    assert f"KEY-{mark}-0001" in mail["text"]
    assert got.content == b"%PDF and so on"
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8")
    assert (revoked["licence_keys"], revoked["files"]) == ([], [])
    assert (late.status_code, late.json()["reason"]) == (409, "DOWNLOAD_OVER")

"""The story of a customer who has their account erased."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import Api, ApiError
from tests.e2e.conftest import a_product

PASSWORD = "long enough to be safe"
# Events that were published are deleted within seconds, handled ones hold no data.
_LEFT_OUT = {"outbox"}


def places_of(platform: Platform, *texts: str) -> set[tuple[str, str]]:
    """Returns the tables of all services of which a row, as text, holds one of the texts."""
    found = set()
    for service in (each.name for each in platform.components if each.database):
        with psycopg.connect(platform.postgres.superuser_dsn(service)) as connection:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
                " AND table_type = 'BASE TABLE'"
            ).fetchall()
            for (table,) in tables:
                query = SQL("SELECT EXISTS (SELECT FROM {} AS t WHERE t.*::text ~* %s)")
                pattern = "|".join(texts)
                row = connection.execute(query.format(Identifier(table)), [pattern]).fetchone()
                if row and row[0] and table not in _LEFT_OUT:
                    found.add((service, str(table)))
    return found


async def test_an_erased_customer_is_forgotten_by_all_services(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    variant_id = await a_product(staff, stock=0)
    await shopper.register(email, PASSWORD)
    customer_id = (await shopper.call("GET", "/v1/me")).body["id"]
    mail = await mail_to(platform.url("mailbox"), email, "confirm your address")
    confirmation = {"token": token_in(mail, "/account/confirm")}
    await shopper.call("POST", "/v1/customers/confirm", confirmation)
    wish = {"variant_id": variant_id, "kind": "back_in_stock", "email": email}
    await shopper.call("POST", "/v1/subscriptions/alerts", wish)

    async def is_welcomed() -> bool:
        path = f"/v1/staff/messages?owner_id={customer_id}&state=sent"
        return len((await staff.call("GET", path)).body["messages"]) >= 2

    await eventually(is_welcomed, within=20)

    async def reason_of(method: str, path: str, body: Any = None) -> str:
        with pytest.raises(ApiError) as refusal:
            await shopper.call(method, path, body)
        return refusal.value.reason

    wrong = await reason_of("POST", "/v1/me/erasure", {"password": "not the password"})
    erased = (await shopper.call("POST", "/v1/me/erasure", {"password": PASSWORD})).body
    again = (await shopper.call("POST", "/v1/me/erasure", {"password": PASSWORD})).body
    await staff.call("DELETE", f"/v1/staff/customers/{customer_id}")

    assert wrong == "WRONG_CREDENTIALS"
    assert erased["customer_id"] == customer_id
    assert again == erased
    assert await reason_of("GET", "/v1/me") == "CUSTOMER_NOT_FOUND"

    async def is_forgotten() -> bool:
        mails = await staff.call("GET", f"/v1/staff/messages?owner_id={customer_id}")
        alerts = await shopper.call("GET", "/v1/me/alerts")
        return not mails.body["messages"] and not alerts.body["alerts"]

    await eventually(is_forgotten, within=20)


async def test_every_table_forgets_an_erased_customer_but_for_what_orders_keep(
    platform: Platform, staff: Api, shopper: Api
) -> None:
    mark = uuid.uuid4().hex
    email, digest = (
        f"{mark}@example.com",
        hashlib.sha256(f"{mark}@example.com".encode()).hexdigest(),
    )
    variant_id = await a_product(staff, stock=5)
    await shopper.register(email, PASSWORD, first_name=f"Name{mark}")
    mail = await mail_to(platform.url("mailbox"), email, "confirm your address")
    confirmation = {"token": token_in(mail, "/account/confirm")}
    await shopper.call("POST", "/v1/customers/confirm", confirmation)
    order = (await shopper.buy((variant_id, 1), email=email)).body
    cart = await shopper.start_cart((variant_id, 1))
    await shopper.call("POST", f"/v1/carts/{cart['id']}/save", {"email": email, "remind": True})
    checkout = await shopper.start_checkout(cart["id"], email=email)
    assert places_of(platform, mark, digest) >= {("checkout", "orders"), ("checkout", "checkout")}

    await shopper.call("POST", "/v1/me/erasure", {"password": PASSWORD})

    last = await mail_to(platform.url("mailbox"), email, "is deleted")
    assert "forgotten once it is" in str(last)

    async def is_only_kept_by_orders() -> bool:
        found = places_of(platform, mark, digest)
        assert found == {("checkout", "orders")}
        return True

    await eventually(is_only_kept_by_orders, within=30)
    kept = (await staff.call("GET", f"/v1/orders/{order['id']}")).body
    assert kept["email"] == email
    assert checkout["id"] != kept["id"]

"""Records a release: plays a short life of a shop on it, and dumps its databases.

`python -m tests.upgrade.record` runs in a checkout of the release to record, into which this folder
was copied. The story beside it restores the dumps and upgrades them.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
import subprocess
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg

from chassis.testing import eventually
from stack import binaries
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers import demo, demo_catalogue
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import Api
from stack.shoppers.virtual_time import advance
from stack.topology import STAFF_EMAIL
from tests.upgrade.documents import (
    Document,
    cart_facts,
    level_facts,
    mail_facts,
    order_facts,
    total_of,
    touchpoint_facts,
)

FOLDER: Final = Path(__file__).parent / "release"
PRODUCTS: Final = 4
PASSWORD: Final = "long enough to be safe"
# What sealed or signed something that the databases or mails hold. The upgraded platform has the
# same secrets, as in an installation.
SECRETS: Final = {
    "identity.key-encryption-key": base64.urlsafe_b64encode(b"k" * 32).decode(),
    "staff.password": PASSWORD,
    **{
        name: name[0] * 64
        for name in (
            "cart.restore-secret", "notifications.unsubscribe-secret", "survey-secret",
            "gateway.visitor-secret", "synthetic.api-key",
            "simulator.api-key", "simulator.webhook-secret",
        )
    },
}  # fmt: skip
JOURNEY_MAP: Final = {
    "slug": "two-stages",
    "name": {"en": "Before and after"},
    "stages": [
        {
            "slug": "before",
            "name": {"en": "Before"},
            "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}],
        },
        {
            "slug": "after",
            "name": {"en": "After"},
            "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}],
        },
    ],
}


def keep_secrets(platform: Platform) -> None:
    """Gives the home of a platform that never ran the secrets of the recorded one."""
    for name, secret in SECRETS.items():
        platform.runtime.home.secret(name, partial(str, secret))


class Life:
    """A short life of a shop; `facts` is what its people were shown."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.facts: Document = {"orders": {}, "carts": {}, "customers": {}}
        self.variants: list[str] = []
        self._exits = AsyncExitStack()

    async def play(self) -> None:
        async with self._exits:
            self.staff = await self._someone()
            await self.staff.log_in(STAFF_EMAIL, self.platform.staff_password)
            await self._stock_the_shop()
            await self._regular_customer()
            await self._others()
            await self._settle()
            await self._last_minutes_without_a_broker()

    async def _someone(self, **options: Any) -> Api:
        return await self._exits.enter_async_context(Api(self.platform.gateway_urls, **options))

    async def _guest(self) -> Api:
        guest = await self._someone()
        await guest.become_guest()
        return guest

    async def _stock_the_shop(self) -> None:
        staff, products = (
            self.staff,
            list(islice(iter(demo_catalogue.products(PRODUCTS)), PRODUCTS)),
        )
        used = {product["category_slug"] for product in products}
        tree = list(demo_catalogue.categories())
        parents = {entry["slug"]: entry.get("parent_slug", "") for entry in tree}
        kept = (
            used
            | {parents[slug] for slug in used}
            | {parents[parents[slug]] for slug in used if parents[slug]}
        )
        await staff.call(
            "POST",
            "/v1/staff/categories/import",
            {"categories": [entry for entry in tree if entry["slug"] in kept]},
        )
        for product in products:
            product["variants"] = product["variants"][:2]
            for variant in product["variants"]:
                variant["initial_stock"] = {"": 20}
        await staff.call(
            "POST", "/v1/staff/products/import", {"source": "demo", "products": products}
        )
        page = {
            "title": {"en": "A weekend outside"},
            "body": {"en": "One bag."},
            "product_slugs": [products[0]["slug"]],
        }
        await staff.call("PUT", "/v1/staff/pages/weekend-outside", page)
        await staff.call("PUT", "/v1/staff/promotions/first-order-10", demo.PROMOTION)
        await staff.call("PUT", "/v1/staff/maps/two-stages", {"map": JOURNEY_MAP})
        for product in products:
            found = (await staff.call("GET", f"/v1/products/{product['slug']}?currency=EUR")).body
            self.variants += [variant["id"] for variant in found["variants"]]
        self.facts["product"] = {
            "slug": products[0]["slug"],
            "category": products[0]["category_slug"],
            "title": products[0]["title"]["en"],
        }
        self.facts["skus"] = [
            variant["sku"] for product in products for variant in product["variants"]
        ]

    async def _regular_customer(self) -> None:
        """Plays a customer: an ad, a cart, its reminder, a confirmed address, and four orders."""
        email = "sarah@example.com"
        sarah = await self._someone(consent="analytics,marketing")
        reply = await sarah.call(
            "GET", "/v1/pages/weekend-outside?utm_source=instagram&utm_campaign=weekend"
        )
        sarah.visitor, sarah.session_id = (
            reply.headers["sojourn-visitor"],
            reply.headers["sojourn-session"],
        )
        await sarah.become_guest()
        await sarah.call("GET", f"/v1/products/{self.facts['product']['slug']}?currency=EUR")
        cart = await sarah.start_cart((self.variants[0], 1), (self.variants[1], 2))
        await sarah.call("POST", f"/v1/carts/{cart['id']}/save", {"email": email, "remind": True})
        mailbox = self.platform.url("mailbox")
        mail = await mail_to(mailbox, email, "remind")
        await sarah.call(
            "POST", "/v1/subscriptions/confirm", {"token": token_in(mail, "/subscriptions/confirm")}
        )
        for _ in range(2):
            await advance(self.platform.nats.url(), 3700)
            await asyncio.sleep(1)
        mail = await mail_to(mailbox, email, "is waiting")
        await sarah.call(
            "POST", "/v1/carts/restore", {"restore_token": token_in(mail, "/cart/restore")}
        )
        registered = (
            await sarah.register(email, PASSWORD, first_name="Sarah", last_name="Jones")
        ).body
        mail = await mail_to(mailbox, email, "confirm your address")
        await sarah.call(
            "POST", "/v1/customers/confirm", {"token": token_in(mail, "/account/confirm")}
        )
        await sarah.call(
            "PUT", "/v1/me/consents", {"granted": {"analytics": True, "marketing": True}}
        )
        checkout = await sarah.start_checkout(registered["cart"]["id"])
        key = "01890000-0000-7000-8000-000000000001"
        delivered = (await sarah.complete(checkout, key=key)).body
        await self._ship(delivered, delivers=True)
        mail = await mail_to(mailbox, email, "arrived")
        await sarah.call("POST", "/v1/feedback", {"token": token_in(mail, "/survey"), "score": 9})
        shipped = (await sarah.buy((self.variants[2], 1), email=email)).body
        await self._ship(shipped, delivers=False)
        refunded = (await sarah.buy((self.variants[2], 3), (self.variants[3], 1), email=email)).body
        await self._refund(refunded, 1_000)
        cancelled = (await sarah.buy((self.variants[4], 1), email=email)).body
        await sarah.call(
            "POST", f"/v1/orders/{cancelled['id']}/cancel", {"reason": "buyer_request"}
        )
        cart = await sarah.start_cart((self.variants[5], 2))
        path = f"/v1/carts/{cart['id']}/lines"
        line, line_key = (
            {"variant_id": self.variants[6], "quantity": 1},
            "01890000-0000-7000-8000-000000000002",
        )
        cart = (await sarah.call("POST", path, line, key=line_key)).body
        self.facts["customers"]["sarah"] = {
            "id": registered["subject_id"],
            "email": email,
            "refresh_token": registered["refresh_token"],
            "visitor": sarah.visitor,
        }
        self.facts["completed"] = {
            "checkout": checkout["id"],
            "total_minor": total_of(checkout),
            "key": key,
        }
        self.facts["added"] = {"path": path, "line": line, "key": line_key}
        self.facts["carts"]["open"] = cart_facts(cart)
        for name, order in {
            "delivered": delivered,
            "shipped": shipped,
            "refunded": refunded,
            "cancelled": cancelled,
        }.items():
            self.facts["orders"][name] = {"id": order["id"]}
        self.sarah = sarah

    async def _others(self) -> None:
        """Plays four buyers: unconfirmed, guest with a saved cart, 3-D Secure, unshipped order."""
        tom = await self._guest()
        registered = (await tom.register("tom@example.com", PASSWORD, first_name="Tom")).body
        self.facts["customers"]["tom"] = {
            "id": registered["subject_id"],
            "email": "tom@example.com",
        }
        saver = await self._guest()
        cart = await saver.start_cart((self.variants[7], 1))
        saved = (
            await saver.call(
                "POST",
                f"/v1/carts/{cart['id']}/save",
                {"email": "kim@example.com", "remind": False},
            )
        ).body
        self.facts["carts"]["saved"] = {
            **cart_facts(saved),
            "restore_token": saved["restore_token"],
        }
        asked = await self._guest()
        waiting = (
            await asked.buy(
                (self.variants[3], 2), payment_token="pm_card_3ds", email="ada@example.com"
            )
        ).body
        self.facts["orders"]["waiting"] = {
            "id": waiting["id"],
            "challenge": waiting["payments"][0]["action_url"].rpartition("/")[2],
        }
        buyer = await self._guest()
        placed = (await buyer.buy((self.variants[6], 2), email="lee@example.com")).body
        self.facts["orders"]["placed"] = {"id": placed["id"]}

    async def _settle(self) -> None:
        """Waits until every mail is sent and every touchpoint stored, and notes what staff see."""

        async def is_quiet() -> bool:
            mails = (await self.staff.call("GET", "/v1/staff/messages?page_size=100")).body[
                "messages"
            ]
            journey = await self.staff.journey(customer_id=self.facts["customers"]["sarah"]["id"])
            kinds = [touchpoint["kind"] for touchpoint in journey["touchpoints"]]
            is_sent = all(mail["state"] in ("sent", "suppressed") for mail in mails)
            return (
                is_sent
                and "feedback.given" in kinds
                and kinds.count("order.placed") == 4
                and "order.cancelled" in kinds
            )

        await eventually(is_quiet, within=30)
        await asyncio.sleep(2)
        for facts in self.facts["orders"].values():
            order = await self._order(facts["id"])
            facts.update(order_facts(order))
        journey = await self.staff.journey(customer_id=self.facts["customers"]["sarah"]["id"])
        self.facts["journey"] = touchpoint_facts(journey)
        self.facts["mails"] = mail_facts(
            (await self.staff.call("GET", "/v1/staff/messages?page_size=100")).body["messages"]
        )

    async def _last_minutes_without_a_broker(self) -> None:
        """Plays acts whose events wait in the outboxes when the release is stopped."""
        self.platform.kill("nats")
        late = await self._guest()
        order = (await late.buy((self.variants[7], 1), email="eve@example.com")).body
        self.facts["orders"]["late"] = order_facts(order)
        self.facts["stock"] = {
            sku: level_facts((await self.staff.call("GET", f"/v1/staff/stock/{sku}")).body)
            for sku in self.facts["skus"]
        }

    async def _order(self, order_id: str) -> Document:
        for status in ("placed", "shipped", "delivered", "cancelled", "action_required"):
            async for order in chaos.orders(self.staff, status):
                if order["id"] == order_id:
                    return dict(order)
        raise LookupError(order_id)

    async def _ship(self, order: Document, *, delivers: bool) -> None:
        path = f"/v1/staff/orders/{order['id']}/shipments"
        shipment = (
            await self.staff.call(
                "POST", path, {"carrier": "DHL", "tracking_number": "00340434161094042557"}
            )
        ).body["shipments"][0]
        if delivers:
            await self.staff.call("POST", f"{path}/{shipment['id']}/delivered")

    async def _refund(self, order: Document, amount_minor: int) -> None:
        body = {"amount": {"amount_minor": amount_minor, "currency": "EUR"}}
        await self.staff.call("POST", f"/v1/staff/orders/{order['id']}/refunds", body)


# Bulk that no later release reads again: answers that are not asked for a second time, and bodies
# of mails that were sent.
THINNED: Final = {
    "cart": "DELETE FROM idempotency WHERE method NOT LIKE '%AddLine'",
    "catalog": "DELETE FROM idempotency",
    "checkout": "DELETE FROM idempotency WHERE method NOT LIKE '%CancelOrder'",
    "notifications": "UPDATE mail SET body_html = '<p>' || subject || '</p>' WHERE state = 'sent'",
}


def dump(platform: Platform) -> None:
    """Writes each database as plain SQL, and the ledger of the payment simulator."""
    FOLDER.mkdir(exist_ok=True)
    for service, statement in THINNED.items():
        with psycopg.connect(platform.postgres.superuser_dsn(service)) as connection:
            connection.execute(statement)
    for component in platform.components:
        if component.database:
            pg_dump, dsn = (
                str(binaries.postgres_bin() / "pg_dump"),
                platform.postgres.superuser_dsn(component.name),
            )
            text = subprocess.run(
                [pg_dump, "--no-owner", "--no-privileges", dsn],
                check=True,
                capture_output=True,
                text=True,
                timeout=60,
            ).stdout
            lines = [
                line
                for line in text.splitlines()
                if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
            ]
            (FOLDER / f"{component.name}.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with sqlite3.connect(platform.home / "simulator" / "ledger.sqlite3") as ledger:
        ledger.execute("DELETE FROM webhook_event WHERE state <> 'pending'")
        ledger.commit()
        version = ledger.execute("PRAGMA user_version").fetchone()[0]
        lines = [f"PRAGMA user_version = {version};", *ledger.iterdump()]
    (FOLDER / "simulator.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="sojourn-record-"))
    platform = Platform(home=home, ports="free", clock="virtual", durable=False)
    keep_secrets(platform)
    life = Life(platform)
    try:
        platform.up()
        asyncio.run(life.play())
        for component in reversed(platform.components):
            platform.terminate(component.name)
        dump(platform)
    finally:
        platform.down(purge=True)
    # Business time is ahead of this machine's by what the life advanced it.
    life.facts["taken_at"] = (datetime.now(UTC) + timedelta(seconds=2 * 3700)).isoformat(
        timespec="seconds"
    )
    (FOLDER / "life.json").write_text(
        json.dumps(life.facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()

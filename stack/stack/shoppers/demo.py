"""The demo: fills the platform and plays a purchase through the public API."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from stack.platform import Platform
from stack.shoppers import demo_catalogue
from stack.shoppers.demo_studio import fill_studio
from stack.shoppers.mail import mail_to, token_in
from stack.shoppers.shopper import ADDRESS, Api, Reply
from stack.shoppers.virtual_time import advance
from stack.topology import STAFF_EMAIL

BATCH: Final = 250
PROMOTION: Final = {
    "label": {"en": "10 % off your first order", "de": "10 % auf die erste Bestellung"},
    "percent_basis_points": 1000,
    "first_order_only": True,
}


class Narrator:
    """Prints what is done, what came back, how long it took, and the trace."""

    def __init__(self, console: Console) -> None:
        self.console, self._number = console, 0

    def narrate(self, what: str, reply: Reply, came_back: str) -> None:
        self._number += 1
        self.console.print(f"[bold]{self._number:>2}[/] {what}")
        self.console.print(f"   {came_back}")
        self.console.print(
            f"   [dim]{reply.status} in {reply.seconds * 1000:.0f} ms · trace {reply.trace_id}[/]"
        )


def money(amount: dict[str, Any]) -> str:
    """An amount for people; the demo's currencies all have two digits."""
    return f"{amount['amount_minor'] / 100:,.2f} {amount['currency']}"


def total(document: dict[str, Any], kind: str = "total") -> str:
    """One of a document's totals for people."""
    return next((money(line["amount"]) for line in document["totals"] if line["type"] == kind), "–")


async def fill(platform: Platform, products: int, console: Console) -> None:
    """Imports the demo catalogue and the first-order promotion through the back office.

    A repeat changes nothing.
    """
    began = time.monotonic()
    async with Api(platform.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        await staff.call(
            "POST", "/v1/staff/categories/import", {"categories": list(demo_catalogue.categories())}
        )
        made = dict.fromkeys(("created", "updated", "unchanged"), 0)
        web_url = platform.web_url
        source, stocked = iter(demo_catalogue.products(products, web_url=web_url)), set[str]()
        while batch := list(islice(source, BATCH)):
            stocked.update(product["slug"] for product in batch)
            reply = await staff.call(
                "POST", "/v1/staff/products/import", {"source": "demo", "products": batch}
            )
            for name in made:
                made[name] += reply.body[name]
            console.print(f"  catalogue: {sum(made.values())} of {products} products", end="\r")
        for page in demo_catalogue.pages():
            # A page shows what there is of it in a small catalogue.
            slugs = [slug for slug in page["product_slugs"] if slug in stocked]
            body = {"title": page["title"], "body": page["body"], "product_slugs": slugs}
            await staff.call("PUT", f"/v1/staff/pages/{page['slug']}", body)
        await staff.call("PUT", "/v1/staff/promotions/first-order-10", PROMOTION)
    counts = ", ".join(f"{count} {name}" for name, count in made.items() if count)
    console.print(
        f"[green]✓[/] catalogue            {counts}, after {time.monotonic() - began:.1f} s"
    )


@asynccontextmanager
async def _people(platform: Platform) -> AsyncIterator[tuple[Api, Api]]:
    async with Api(platform.gateway_urls) as shopper, Api(platform.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        yield shopper, staff


async def play(platform: Platform, console: Console) -> None:
    """Plays one customer's journey, from the ad to the survey, and shows its map."""
    narrate = Narrator(console).narrate
    async with _people(platform) as (shopper, staff):
        products = await _browse(shopper, narrate)
        email = f"sarah.{uuid.uuid4().hex[:8]}@example.com"
        cart = await _fill_cart(shopper, products, email, narrate)
        await _agree(platform, shopper, email, narrate)
        await _come_back(platform, shopper, cart, email, narrate)
        customer_id, cart = await _register(shopper, email, narrate)
        await _confirm(platform, shopper, email, narrate)
        order = await _check_out(shopper, cart, narrate)
        await _ship(staff, shopper, order, narrate)
        await _answer(platform, shopper, email, narrate)
        await _show_journey(staff, customer_id, order, console)


async def _browse(shopper: Api, narrate: Any) -> list[dict[str, Any]]:
    shopper.consent = "analytics,marketing"
    slug = next(iter(demo_catalogue.pages()))["slug"]
    ad = (
        "utm_source=instagram&utm_medium=paid-social&utm_campaign=weekend&click_id="
        + uuid.uuid4().hex
    )
    reply = await shopper.call("GET", f"/v1/pages/{slug}?{ad}")
    shopper.visitor, shopper.session_id = (
        reply.headers["sojourn-visitor"],
        reply.headers["sojourn-session"],
    )
    narrate(
        "A fitness enthusiast clicks a sponsored post and agrees to the consent question",
        reply,
        f"visitor {shopper.visitor_id}",
    )
    narrate(
        f"She lands on “{reply.body['title']}”",
        reply,
        f"{len(reply.body['products'])} products shown",
    )
    reply = await shopper.become_guest()
    narrate("She becomes a guest", reply, f"guest {reply.body['subject_id']}")
    tree = (await shopper.call("GET", "/v1/categories")).body["categories"]
    category = max(
        (entry for entry in tree if entry["parent_slug"]), key=lambda entry: entry["product_count"]
    )
    reply = await shopper.call(
        "GET", f"/v1/categories/{category['slug']}/products?page_size=24&facets=true"
    )
    way = " › ".join(crumb["name"] for crumb in reply.body["breadcrumbs"])
    narrate(
        f"She browses {way}",
        reply,
        f"{reply.body['total_count']} products, {len(reply.body['facets'])} facets",
    )
    word = reply.body["products"][0]["title"].split()[-1].lower()
    reply = await shopper.call("GET", f"/v1/search?q={word}&filter=availability:in_stock")
    found = reply.body["products"]
    narrate(
        f"She searches for “{word}”",
        reply,
        f"{reply.body['total_count']} results, the first “{found[0]['title']}”",
    )
    pages = []
    for card in found[:2]:
        reply = await shopper.call("GET", f"/v1/products/{card['slug']}?currency=EUR")
        variants = reply.body["variants"]
        narrate(
            f"She opens “{reply.body['title']}”",
            reply,
            f"{len(variants)} variants from {money(variants[0]['price'])}",
        )
        pages.append(reply.body)
    return pages


async def _fill_cart(
    shopper: Api, products: Sequence[dict[str, Any]], email: str, narrate: Any
) -> dict[str, Any]:
    reply = await shopper.call("POST", "/v1/carts", {"currency": "EUR"})
    for product in products:
        variant = next(
            variant for variant in product["variants"] if variant["availability"] != "out_of_stock"
        )
        reply = await shopper.call(
            "POST",
            f"/v1/carts/{reply.body['id']}/lines?expand=delivery_options",
            {"variant_id": variant["id"], "quantity": 1},
        )
        narrate(f"She adds “{product['title']}”", reply, f"cart total {total(reply.body)}")
    offered = reply.body.get("delivery_options", [])
    if offered:
        narrate(
            "The cart shows how it could come",
            reply,
            ", ".join(f"{o['title']} {money(o['price'])} by {o['latest_on']}" for o in offered),
        )
    reply = await shopper.call(
        "POST", f"/v1/carts/{reply.body['id']}/save", {"email": email, "remind": True}
    )
    narrate(
        "She saves her cart, agrees to be reminded, and leaves",
        reply,
        f"saved: {reply.body['saved']}",
    )
    return dict(reply.body)


async def _agree(platform: Platform, shopper: Api, email: str, narrate: Any) -> None:
    """Nobody is reminded at an address whose owner did not agree by the link of a mail."""
    mail = await mail_to(platform.url("mailbox"), email, "remind")
    reply = await shopper.call(
        "POST", "/v1/subscriptions/confirm", {"token": token_in(mail, "/subscriptions/confirm")}
    )
    narrate(f"A mail asks “{mail['subject']}”; she follows its link", reply, "the address is hers")


async def _confirm(platform: Platform, shopper: Api, email: str, narrate: Any) -> None:
    mail = await mail_to(platform.url("mailbox"), email, "confirm your address")
    reply = await shopper.call(
        "POST", "/v1/customers/confirm", {"token": token_in(mail, "/account/confirm")}
    )
    narrate(
        f"A mail says “{mail['subject']}”; she does",
        reply,
        f"confirmed at {reply.body['confirmed_at']}",
    )
    welcome = await mail_to(platform.url("mailbox"), email, "welcome")
    narrate(f"A mail says “{welcome['subject']}”", reply, "only confirmed addresses get it")


async def _come_back(
    platform: Platform, shopper: Api, cart: dict[str, Any], email: str, narrate: Any
) -> None:
    """Time passes; a reminder comes, and she follows its link.

    Left out with a real clock, which nobody can move.
    """
    if platform.clock == "real":
        return
    # The cart counts as abandoned after an hour, and the reminder waits another: see
    # ABANDON_AFTER_SECONDS and RULE_DELAY_SECONDS.
    for _ in range(2):
        await advance(platform.nats.url(), 3700)
        await asyncio.sleep(1)
    mail = await mail_to(platform.url("mailbox"), email, "is waiting")
    token = token_in(mail, "/cart/restore")
    marks = "utm_source=sojourn&utm_medium=email&utm_campaign=cart_reminder"
    shopper.session_id = ""
    reply = await shopper.call("POST", f"/v1/carts/restore?{marks}", {"restore_token": token})
    shopper.session_id = reply.headers["sojourn-session"]
    narrate(
        f"Two hours later a mail says “{mail['subject']}”; she follows its link",
        reply,
        f"{len(reply.body['lines'])} lines are back",
    )


async def _register(shopper: Api, email: str, narrate: Any) -> tuple[str, dict[str, Any]]:
    reply = await shopper.register(email, uuid.uuid4().hex, first_name="Sarah", last_name="Jones")
    merged = reply.body["cart"]
    narrate(
        "She registers; her cart and her history become hers",
        reply,
        f"customer {reply.body['subject_id']}, {len(merged['lines'])} lines",
    )
    await shopper.call(
        "PUT", "/v1/me/consents", {"granted": {"analytics": True, "marketing": True}}
    )
    return str(reply.body["subject_id"]), dict(merged)


async def _check_out(shopper: Api, cart: dict[str, Any], narrate: Any) -> dict[str, Any]:
    reply = await shopper.call("POST", "/v1/checkouts", {"cart_id": cart["id"]})
    path = f"/v1/checkouts/{reply.body['id']}"
    narrate(
        "She begins to check out",
        reply,
        f"status {reply.body['status']}, missing: "
        f"{', '.join(m['code'] for m in reply.body['messages'])}",
    )
    reply = await shopper.call("PATCH", path, {"delivery_address": ADDRESS})
    options = reply.body["delivery_options"]
    narrate("She gives her address", reply, f"{len(options)} delivery options")
    choice = {
        "delivery_option_id": options[0]["id"],
        "payment_method_id": "card",
        "payment_token": "pm_card_ok",
    }
    reply = await shopper.call("PATCH", path, choice)
    narrate(
        f"She chooses {options[0]['title']} and a card", reply, f"status {reply.body['status']}"
    )
    reply = await shopper.call("GET", path)
    lines = ", ".join(f"{line['type']} {money(line['amount'])}" for line in reply.body["totals"])
    narrate("She reviews", reply, lines)
    key, checkout = str(uuid.uuid4()), reply.body
    reply = await shopper.complete(checkout, key=key)
    order = reply.body
    narrate(
        "She places the order",
        reply,
        f"order {order['number']} {order['status']}, {total(order)}, payment "
        f"{order['payments'][0]['status']}",
    )
    again = await shopper.complete(checkout, key=key)
    same = "the same order" if again.body["id"] == order["id"] else "ANOTHER ORDER"
    narrate(
        "She taps the button again",
        again,
        f"{same}; replayed: {again.headers.get('idempotency-replayed', 'false')}; charged once",
    )
    return dict(order)


async def _ship(staff: Api, shopper: Api, order: dict[str, Any], narrate: Any) -> None:
    path = f"/v1/staff/orders/{order['id']}/shipments"
    reply = await staff.call(
        "POST", path, {"carrier": "DHL", "tracking_number": "00340434161094042557"}
    )
    shipment = reply.body["shipments"][0]
    narrate(
        "The back office ships it",
        reply,
        f"order {reply.body['status']}, tracking {shipment['tracking_number']}",
    )
    reply = await staff.call("POST", f"{path}/{shipment['id']}/delivered")
    narrate("It is delivered", reply, f"order {reply.body['status']}")
    reply = await shopper.call("GET", f"/v1/orders/{order['id']}")
    narrate(
        "She looks at her order",
        reply,
        " → ".join(event["status"] for event in reply.body["history"]),
    )


async def _answer(platform: Platform, shopper: Api, email: str, narrate: Any) -> None:
    mails = platform.url("mailbox")
    confirmation = await mail_to(mails, email, "confirmed")
    await mail_to(mails, email, "on its way")
    arrived = await mail_to(mails, email, "arrived")
    reply = await shopper.call(
        "POST", "/v1/feedback", {"token": token_in(arrived, "/survey"), "score": 9}
    )
    narrate(
        f"Mails told her: “{confirmation['subject']}”, …, “{arrived['subject']}”; she answers the "
        "question",
        reply,
        "9 of 10",
    )


async def _show_journey(
    staff: Api, customer_id: str, order: dict[str, Any], console: Console
) -> None:
    """The customer's journey as a table, once the last touchpoint arrived."""
    deadline = time.monotonic() + 20
    while True:
        journey = await staff.journey(order_id=order["id"])
        if (
            any(touchpoint["kind"].startswith("feedback") for touchpoint in journey["touchpoints"])
            or time.monotonic() > deadline
        ):
            break
        await asyncio.sleep(0.2)
    table = Table("stage", "touchpoints", "time in stage", "outcome", box=None, pad_edge=False)
    for stage in journey["stages"]:
        kinds = [
            touchpoint["kind"]
            for touchpoint in journey["touchpoints"]
            if touchpoint["stage"] == stage["slug"]
        ]
        counts = ", ".join(
            f"{kind} ×{count}" if count > 1 else kind for kind, count in Counter(kinds).items()
        )
        table.add_row(stage["name"], counts, _span(stage["seconds"]), stage["outcome"])
    console.print(f"\n[bold]Her journey[/] (customer {customer_id})")
    console.print(table)


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02} min"
        if hours
        else f"{minutes} min {rest:02} s"
        if minutes
        else f"{seconds:.1f} s"
    )


def run(platform: Platform, products: int, console: Console) -> None:
    """Fills and plays on a running platform, and fills its studio."""

    async def both() -> None:
        await fill(platform, products, console)
        console.print()
        await play(platform, console)
        console.print()
        await fill_studio(platform, console)

    asyncio.run(both())

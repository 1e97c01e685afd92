"""What is measured: each scenario is a turn of a shopper's loop, made of calls of the public API."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

from stack.bench.catalogue import Draw, Drawer, Stocked
from stack.bench.load import Connection, Turn
from stack.shopper import ADDRESS

BEACON_BATCH: Final = 50
READS: Final = ("product page", "category listing", "search")
WRITES: Final = ("add to cart", "place order")
_KINDS: Final = ("page.view", "category.view", "product.view", "search", "cart.view")


def read(paths: Sequence[str], draw: Draw) -> Turn:
    """One GET of something drawn; the requests are written out before."""
    drawer = Drawer([f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for path in paths], draw)

    async def turn(connection: Connection) -> bool:
        return (await connection.exchange(drawer())).status == 200

    return turn


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}


def guest_session() -> Turn:
    """A new guest."""

    async def turn(connection: Connection) -> bool:
        return (await connection.send("POST", "/v1/sessions/guest")).status == 201

    return turn


def add_to_cart(tokens: Sequence[str], stocked: Stocked, draw: Draw) -> Turn:
    """A new cart with one line, answered with its totals: one call, by a guest who has a token."""
    drawer, guests = Drawer(stocked.variants, draw), itertools.cycle(tokens)

    async def turn(connection: Connection) -> bool:
        body = {"currency": "EUR", "lines": [{"variant_id": drawer(), "quantity": 1}]}
        answer = await connection.send("POST", "/v1/carts", body, _headers(next(guests)))
        return answer.status == 201

    return turn


def place_order(tokens: Sequence[str], stocked: Stocked, draw: Draw) -> Turn:
    """From a new cart of two lines to the placed and paid order: five calls, by a guest who has a token."""
    drawer, guests = Drawer(stocked.variants, draw), itertools.cycle(tokens)

    async def turn(connection: Connection) -> bool:
        token = next(guests)

        async def call(method: str, path: str, body: Any) -> Any:
            return (await connection.send(method, path, body, _headers(token))).json()

        first, second = drawer(), drawer()
        while second == first:
            second = drawer()
        lines = [{"variant_id": variant, "quantity": 1} for variant in (first, second)]
        cart = await call("POST", "/v1/carts", {"currency": "EUR", "lines": lines})
        checkout = await call("POST", "/v1/checkouts", {"cart_id": cart["id"], "email": f"{uuid.uuid4().hex}@example.com"})
        path = f"/v1/checkouts/{checkout['id']}"
        checkout = await call("PATCH", path, {"delivery_address": ADDRESS})
        choice = {
            "delivery_option_id": checkout["delivery_options"][0]["id"],
            "payment_method_id": checkout["payment_methods"][0]["id"],
            "payment_token": "pm_card_ok",
        }
        await call("PATCH", path, choice)
        order = await call("POST", f"{path}/complete", {})
        return bool(order["status"] == "placed")

    return turn


def beacon() -> Turn:
    """Fifty touchpoints of one visitor who agreed to be remembered, in one call."""
    numbers = itertools.count()

    async def turn(connection: Connection) -> bool:
        touchpoints = [
            {"id": str(uuid.uuid4()), "kind": _KINDS[number % len(_KINDS)], "subject": f"bench-{number % 100}"}
            for number in itertools.islice(numbers, BEACON_BATCH)
        ]
        headers = {"Sojourn-Visitor": str(uuid.uuid4()), "Sojourn-Consent": "analytics"}
        return (await connection.send("POST", "/v1/touchpoints", {"touchpoints": touchpoints}, headers)).status == 202

    return turn


def reads_of(stocked: Stocked) -> dict[str, Callable[[Draw], Turn]]:
    """The reads by name, each for a draw."""
    paths = dict(zip(READS, (stocked.products, stocked.categories, stocked.words), strict=True))
    return {name: lambda draw, paths=paths[name]: read(paths, draw) for name in READS}  # type: ignore[misc]


def writes_of(tokens: Sequence[str], stocked: Stocked) -> dict[str, Turn]:
    """The writes by name."""
    return {
        "guest session": guest_session(),
        "add to cart": add_to_cart(tokens, stocked, Draw.EVEN),
        "place order": place_order(tokens, stocked, Draw.EVEN),
    }

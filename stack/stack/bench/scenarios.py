"""Scenarios of the benchmark: each is one turn of a shopper's calls of the public API."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from stack.bench.catalogue import Draw, Drawer, Stocked
from stack.bench.load import Connection, Turn
from stack.shoppers.shopper import ADDRESS, amount_of

BEACON_BATCH: Final = 50
# Letters that a shopper has typed when suggestions are asked for.
TYPED: Final = 4
_KINDS: Final = ("page.view", "category.view", "product.view", "search", "cart.view")


def read(paths: Sequence[str], draw: Draw) -> Turn:
    """One GET of something drawn; the requests are written out before."""
    drawer = Drawer(
        [f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for path in paths], draw
    )

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
    """Orders as a guest in a one-page checkout, from a new cart of two lines to a paid order.

    The cart tells its delivery options; the checkout begins with address, delivery and payment, and
    is completed.
    """
    drawer, guests = Drawer(stocked.variants, draw), itertools.cycle(tokens)

    async def turn(connection: Connection) -> bool:
        token = next(guests)
        cart = await _cart(connection, token, drawer)
        body = {
            "cart_id": cart["id"],
            "email": f"{uuid.uuid4().hex}@example.com",
            "delivery_address": ADDRESS,
        }
        body |= {
            "delivery_option_id": cart["delivery_options"][0]["id"],
            "payment_method_id": "card",
            "payment_token": "pm_card_ok",
        }
        checkout = (await connection.send("POST", "/v1/checkouts", body, _headers(token))).json()
        return await _complete(connection, token, checkout)

    return turn


def place_order_in_steps(tokens: Sequence[str], stocked: Stocked, draw: Draw) -> Turn:
    """Orders in a checkout of several pages: address first, then delivery and payment."""
    drawer, guests = Drawer(stocked.variants, draw), itertools.cycle(tokens)

    async def turn(connection: Connection) -> bool:
        token = next(guests)
        cart = await _cart(connection, token, drawer)
        body = {"cart_id": cart["id"], "email": f"{uuid.uuid4().hex}@example.com"}
        checkout = (await connection.send("POST", "/v1/checkouts", body, _headers(token))).json()
        path = f"/v1/checkouts/{checkout['id']}"
        checkout = (
            await connection.send("PATCH", path, {"delivery_address": ADDRESS}, _headers(token))
        ).json()
        choice = {
            "delivery_option_id": checkout["delivery_options"][0]["id"],
            "payment_method_id": checkout["payment_methods"][0]["id"],
            "payment_token": "pm_card_ok",
        }
        checkout = (await connection.send("PATCH", path, choice, _headers(token))).json()
        return await _complete(connection, token, checkout)

    return turn


async def _cart(connection: Connection, token: str, drawer: Drawer) -> Any:
    first, second = drawer(), drawer()
    while second == first:
        second = drawer()
    lines = [{"variant_id": variant, "quantity": 1} for variant in (first, second)]
    return (
        await connection.send(
            "POST",
            "/v1/carts?expand=delivery_options",
            {"currency": "EUR", "lines": lines},
            _headers(token),
        )
    ).json()


async def _complete(connection: Connection, token: str, checkout: Any) -> bool:
    order = (
        await connection.send(
            "POST",
            f"/v1/checkouts/{checkout['id']}/complete",
            {"expected_total": amount_of(checkout)},
            _headers(token),
        )
    ).json()
    return bool(order["status"] == "placed")


def beacon() -> Turn:
    """Fifty touchpoints of one visitor who agreed to be remembered, in one call."""
    numbers = itertools.count()

    async def turn(connection: Connection) -> bool:
        touchpoints = [
            {
                "id": str(uuid.uuid4()),
                "kind": _KINDS[number % len(_KINDS)],
                "subject": f"bench-{number % 100}",
            }
            for number in itertools.islice(numbers, BEACON_BATCH)
        ]
        # Without a handle, each call is a new visitor's.
        headers = {"Sojourn-Consent": "analytics"}
        return (
            await connection.send("POST", "/v1/touchpoints", {"touchpoints": touchpoints}, headers)
        ).status == 202

    return turn


def reads_of(stocked: Stocked) -> dict[str, Callable[[Draw], Turn]]:
    """The reads by name, each for a draw."""
    paths = {
        "product page": stocked.products,
        "category listing": stocked.categories,
        "search": [f"/v1/search?q={quote(word)}&currency=EUR" for word in stocked.words],
        "search with facets": [
            f"/v1/search?q={quote(word)}&filter=availability:in_stock&currency=EUR"
            for word in stocked.words
        ],
        "suggestions": [
            f"/v1/search/suggestions?q={quote(typed)}&currency=EUR"
            for typed in dict.fromkeys(word[:TYPED] for word in stocked.words)
        ],
    }
    return {name: partial(read, own) for name, own in paths.items()}


def writes_of(tokens: Sequence[str], stocked: Stocked) -> dict[str, Turn]:
    """The writes by name."""
    return {
        "guest session": guest_session(),
        "add to cart": add_to_cart(tokens, stocked, Draw.EVEN),
        "place order": place_order(tokens, stocked, Draw.EVEN),
        "place order, in steps": place_order_in_steps(tokens, stocked, Draw.EVEN),
    }

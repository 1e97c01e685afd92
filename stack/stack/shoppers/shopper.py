"""A client of the public API, as a storefront has one: for tests, demo, bench and chaos."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import httpx

# The simulator's card that always pays.
CARD_OK: Final = "pm_card_ok"
ADDRESS: Final = {
    "first_name": "Sarah",
    "last_name": "Jones",
    "street_address": "Hauptstraße 5",
    "address_locality": "Berlin",
    "postal_code": "10827",
    "address_country": "DE",
}
RETRIED: Final = (503, 504)


def amount_of(document: dict[str, Any]) -> dict[str, Any]:
    """Returns the total of a cart, a checkout or an order, in minor units with its currency."""
    return dict(next(total["amount"] for total in document["totals"] if total["type"] == "total"))


def total_of(document: dict[str, Any]) -> int:
    """Returns the total of a cart, a checkout or an order in minor units."""
    return int(amount_of(document)["amount_minor"])


class ApiError(Exception):
    """An answer that is not what was hoped for; `problem` is its document."""

    def __init__(self, method: str, path: str, status: int, problem: dict[str, Any]) -> None:
        facts = problem.get("errors") or problem.get("metadata") or ""
        said = f"{problem.get('reason')} {problem.get('detail')} {facts}".strip()
        super().__init__(f"{method} {path}: {status} {said} (trace {problem.get('trace_id')})")
        self.status, self.problem = status, problem

    @property
    def reason(self) -> str:
        return str(self.problem.get("reason", ""))


@dataclass(frozen=True)
class Reply:
    """An answer of the API."""

    status: int
    body: Any
    headers: httpx.Headers
    seconds: float

    @property
    def trace_id(self) -> str:
        return str(self.headers.get("trace-id", ""))


@dataclass
class Api:
    """Calls one of some gateways, round robin.

    With `patience_seconds`, a lost connection, 503 or 504 is repeated with the same key. With
    `overload_seconds`, only the refusal for load (`OVERLOADED`) is, as its `Retry-After` asks;
    `turned_away` counts these refusals.

    `visitor` is the handle that the gateway signed. With `keeps_visitor` it is taken from the first
    answer.
    """

    urls: Sequence[str]
    patience_seconds: float = 0
    overload_seconds: float = 0
    turned_away: int = 0
    token: str = ""
    visitor: str = ""
    session_id: str = ""
    consent: str = ""
    keeps_visitor: bool = False
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30))
    _turns: itertools.count[int] = field(default_factory=itertools.count)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, *_: type[BaseException] | BaseException | TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """The answer.

        Changes get an idempotency key of their own unless `key` is given. Raises ApiError for 4xx
        and 5xx.
        """
        sent = {**self.headers(), **(headers or {})}
        if method not in ("GET", "HEAD"):
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        began = time.monotonic()
        while True:
            response = await self._send(
                method, path, body, sent, until=began + self.patience_seconds
            )
            # Who is told that the shop is too busy comes back when it says; what is away may be
            # back at once.
            is_busy = response.status_code == 503 and b'"OVERLOADED"' in response.content
            self.turned_away += is_busy
            patience = max(self.patience_seconds, self.overload_seconds if is_busy else 0)
            if response.status_code not in RETRIED or time.monotonic() - began > patience:
                break
            await asyncio.sleep(float(response.headers.get("retry-after", 1)) if is_busy else 0.1)
        if self.keeps_visitor and not self.visitor:
            self.visitor = response.headers.get("sojourn-visitor", "")
        parsed = (
            response.json() if "json" in response.headers.get("content-type", "") else response.text
        )
        if response.status_code >= 400:
            raise ApiError(
                method,
                path,
                response.status_code,
                parsed if isinstance(parsed, dict) else {"detail": str(parsed)[:200]},
            )
        return Reply(response.status_code, parsed, response.headers, time.monotonic() - began)

    async def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str], *, until: float
    ) -> httpx.Response:
        while True:
            url = self.urls[next(self._turns) % len(self.urls)]
            try:
                return await self.client.request(method, url + path, json=body, headers=headers)
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.05)

    async def put_file(self, path: str, content: bytes) -> None:
        """Sends a file as it is. Raises ApiError for 4xx and 5xx."""
        headers = {**self.headers(), "Content-Type": "application/octet-stream"}
        url = self.urls[next(self._turns) % len(self.urls)] + path
        response = await self.client.put(url, content=content, headers=headers)
        if response.status_code >= 400:
            raise ApiError("PUT", path, response.status_code, response.json())

    @property
    def visitor_id(self) -> str:
        """The id in the visitor's handle; staff find a journey by it."""
        return self.visitor.partition(".")[0]

    def headers(self) -> dict[str, str]:
        """The headers that say who calls."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.visitor:
            headers["Sojourn-Visitor"] = self.visitor
        if self.session_id:
            headers["Sojourn-Session"] = self.session_id
        if self.consent:
            headers["Sojourn-Consent"] = self.consent
        return headers

    async def become_guest(self) -> Reply:
        """Shops as a new guest from now on."""
        reply = await self.call("POST", "/v1/sessions/guest")
        self.token = reply.body["access_token"]
        return reply

    async def become_synthetic(self, api_key: str) -> Reply:
        """Shops as a new synthetic shopper from now on."""
        reply = await self.call("POST", "/v1/sessions/api-key", {"api_key": api_key})
        self.token = reply.body["access_token"]
        return reply

    async def register(self, email: str, password: str, **profile: str) -> Reply:
        """Makes an account and goes on as its customer; the guest's cart comes along."""
        reply = await self.call(
            "POST", "/v1/customers", {"email": email, "password": password, **profile}
        )
        self.token = reply.body["access_token"]
        return reply

    async def log_in(self, email: str, password: str) -> Reply:
        """Goes on as a customer or a member of the staff."""
        reply = await self.call("POST", "/v1/sessions", {"email": email, "password": password})
        self.token = reply.body["access_token"]
        return reply

    async def journey(self, **who: str) -> dict[str, Any]:
        """Returns a journey as staff see it, by `order_id`, `customer_id` or `visitor_id`.

        It has no touchpoints until the first one is stored.
        """
        query = "&".join(f"{name}={value}" for name, value in who.items())
        try:
            return dict((await self.call("GET", f"/v1/staff/journeys?{query}")).body)
        except ApiError as error:
            if error.status != 404:
                raise
            return {"stages": [], "touchpoints": []}

    async def start_cart(self, *lines: tuple[str, int], key: str | None = None) -> dict[str, Any]:
        """A new cart with (variant id, quantity) lines."""
        body = {
            "currency": "EUR",
            "lines": [{"variant_id": variant, "quantity": quantity} for variant, quantity in lines],
        }
        path = "/v1/carts?expand=delivery_options"
        return dict((await self.call("POST", path, body, key=key)).body)

    async def start_checkout(
        self, cart_id: str, *, payment_token: str = CARD_OK, email: str = "", method: str = ""
    ) -> dict[str, Any]:
        """A checkout that is ready to complete: address, cheapest delivery, card or `method`."""
        body = {"cart_id": cart_id, **({"email": email} if email else {})}
        checkout = (await self.call("POST", "/v1/checkouts", body)).body
        path = f"/v1/checkouts/{checkout['id']}"
        checkout = (await self.call("PATCH", path, {"delivery_address": ADDRESS})).body
        choice = {"delivery_option_id": checkout["delivery_options"][0]["id"]}
        if method:
            # A replica that did not list it yet looks for a method that is asked for.
            named = {"payment_method_id": method}
            checkout = (await self.call("PATCH", path, named)).body
        methods = {each["id"]: each for each in checkout["payment_methods"]}
        choice["payment_method_id"] = method or checkout["payment_methods"][0]["id"]
        if methods[choice["payment_method_id"]]["needs_token"]:
            choice["payment_token"] = payment_token
        return dict((await self.call("PATCH", path, choice)).body)

    async def complete(self, checkout: dict[str, Any], *, key: str | None = None) -> Reply:
        """Places the order for the total that the checkout shows. Raises ApiError for a refusal."""
        return await self.call(
            "POST",
            f"/v1/checkouts/{checkout['id']}/complete",
            {"expected_total": amount_of(checkout)},
            key=key,
        )

    async def buy(
        self, *lines: tuple[str, int], payment_token: str = CARD_OK, email: str = ""
    ) -> Reply:
        """From a new cart to the order, in one go."""
        cart = await self.start_cart(*lines)
        checkout = await self.start_checkout(
            cart["id"],
            payment_token=payment_token,
            email=email or f"{uuid.uuid4().hex}@example.com",
        )
        return await self.complete(checkout)

"""An account at Stripe in this process: calls, states and keys that the provider relies on.

Written from https://docs.stripe.com/api. Tokens: `pm_card_visa` pays, `pm_card_chargeDeclined` is
declined, `pm_card_threeDSecure2Required` asks for a challenge.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from services.checkout.tests.stripe_vault import CARD, Vault

DECLINED, CHALLENGED = "pm_card_chargeDeclined", "pm_card_threeDSecure2Required"
KEY, SECRET = "sk_test_account", "whsec_account"


@dataclass
class Account:
    """The objects of an account. `lost` answers are given up after their effect."""

    url: str = ""
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, tuple[bytes, int, dict[str, Any]]] = field(default_factory=dict)
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    vault: Vault = field(default_factory=Vault)
    lost: int = 0
    finds: bool = True

    def intent_of(self, reference: str) -> dict[str, Any]:
        """Returns the only intent of an order."""
        [found] = [
            each for each in self.intents.values() if each["metadata"].get("reference") == reference
        ]
        return found

    def pass_challenge(self, intent: dict[str, Any], *, passes: bool) -> None:
        """Lets the buyer answer the bank."""
        intent["next_action"] = None
        if passes:
            self._hold(intent)
        else:
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = {"code": "payment_intent_authentication_failure"}
            self._tell("payment_intent.payment_failed", intent)

    def dispute(self, intent: dict[str, Any], status: str, **fields: Any) -> dict[str, Any]:
        """Opens the dispute of an intent, or changes it; returns the event of it."""
        kind = "charge.dispute.updated" if f"du_{intent['id']}" in self.disputes else "created"
        made = self.disputes[f"du_{intent['id']}"] = {
            "id": f"du_{intent['id']}",
            "object": "dispute",
            "amount": intent["amount"],
            "currency": intent["currency"],
            "created": int(time.time()),
            "evidence_details": {"due_by": int(time.time()) + 7 * 86_400},
            "metadata": {},
            "payment_intent": intent["id"],
            "reason": "fraudulent",
            "status": status,
            **fields,
        }
        self._tell(kind if "." in kind else f"charge.dispute.{kind}", made)
        return self.events[-1]

    def webhook(self, event: dict[str, Any]) -> tuple[bytes, str]:
        """Returns the body and the signature with which Stripe sends an event."""
        body, at = json.dumps(event).encode(), int(time.time())
        signed = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256)
        return body, f"t={at},v1={signed.hexdigest()},v0={'0' * 64}"

    def _tell(self, kind: str, subject: dict[str, Any]) -> None:
        self.events.append(
            {
                "id": f"evt_{len(self.events):06}",
                "object": "event",
                "type": kind,
                "created": int(time.time()),
                "data": {"object": json.loads(json.dumps(subject))},
            }
        )

    def _hold(self, intent: dict[str, Any]) -> None:
        intent["status"], intent["amount_capturable"] = "requires_capture", intent["amount"]
        intent["latest_charge"] = {
            "id": f"ch_{intent['id']}",
            "amount_refunded": 0,
            "payment_method_details": {"card": dict(CARD)},
        }
        if intent.get("setup_future_usage"):
            kept = self.vault.attach(intent["payment_method"], intent["customer"])
            intent["payment_method"] = kept
        self._tell("payment_intent.amount_capturable_updated", intent)

    async def answer(self, request: web.Request) -> web.Response:
        """Answers a call as Stripe does."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"type": "invalid_request_error"}}, status=401)
        form = {name: str(value) for name, value in (await request.post()).items()}
        params = json.dumps([request.path, sorted(form.items())]).encode()
        key = request.headers.get("Idempotency-Key", "")
        if known := self.keys.get(key):
            if known[0] != params:
                error = {"type": "idempotency_error", "message": "other parameters"}
                return web.json_response({"error": error}, status=400)
            return web.json_response(
                known[2], status=known[1], headers={"Idempotent-Replayed": "true"}
            )
        status, body = self._do(request, form)
        copied = json.loads(json.dumps(body))
        if key:
            self.keys[key] = (params, status, copied)
        if self.lost and request.method == "POST":
            self.lost -= 1
            return web.json_response({"error": {"type": "api_error"}}, status=504)
        return web.json_response(copied, status=status)

    def _do(self, request: web.Request, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        match [request.method, *request.path.strip("/").split("/")[1:]]:
            case ["POST", "payment_intents"]:
                return self._create(form)
            case ["GET", "payment_intents", "search"]:
                return 200, {"data": self._search(request.query["query"])}
            case ["GET", "payment_intents"]:
                return 200, {"data": self._list(request), "has_more": False}
            case ["GET", "payment_intents", id] if id in self.intents:
                return 200, self.intents[id]
            case ["POST", "payment_intents", id, "capture"] if id in self.intents:
                return self._capture(self.intents[id], int(form["amount_to_capture"]))
            case ["POST", "payment_intents", id, "cancel"] if id in self.intents:
                return self._cancel(self.intents[id])
            case ["POST", "refunds"] if form["payment_intent"] in self.intents:
                return self._refund(self.intents[form["payment_intent"]], form)
            case ["GET", "refunds", id] if id in self.refunds:
                return 200, self.refunds[id]
            case ["GET", "disputes", id] if id in self.disputes:
                return 200, self.disputes[id]
            case ["GET", "events"]:
                return self._page(request)
            case [method, ("customers" | "payment_methods" | "setup_intents") as kind, *rest]:
                return self.vault.answer(method, [kind, *rest], form)
        return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}}

    def _create(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        intent: dict[str, Any] = {
            "id": f"pi_{len(self.intents):06}",
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "amount_received": 0,
            "currency": form["currency"],
            "created": int(time.time()),
            "status": "requires_payment_method",
            "metadata": {
                name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")
            },
            "latest_charge": None,
            "last_payment_error": None,
            "next_action": None,
        }
        self.intents[intent["id"]] = intent
        token, customer = form.get("payment_method", ""), form.get("customer")
        if form.get("confirm") != "true":
            return 200, intent
        if not self.vault.is_of(token, customer):
            return 400, {"error": {"type": "invalid_request_error", "code": "resource_missing"}}
        intent["customer"], intent["payment_method"] = customer, token
        intent["setup_future_usage"] = form.get("setup_future_usage")
        token = self.vault.token_of(token)
        if token == CHALLENGED and form.get("off_session") == "true":
            error = {"type": "card_error", "code": "authentication_required"}
            intent["last_payment_error"] = error
            return 402, {"error": {**error, "payment_intent": intent}}
        if token == DECLINED:
            error = {"type": "card_error", "code": "card_declined", "decline_code": "generic"}
            intent["last_payment_error"] = error
            return 402, {"error": {**error, "payment_intent": intent}}
        if token == CHALLENGED:
            page = form.get("return_url")
            intent["status"] = "requires_action"
            intent["next_action"] = (
                {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/1"}}
                if page
                else {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
            )
            self._tell("payment_intent.requires_action", intent)
            return 200, intent
        self._hold(intent)
        return 200, intent

    def _capture(self, intent: dict[str, Any], amount: int) -> tuple[int, dict[str, Any]]:
        if intent["status"] != "requires_capture":
            return _unexpected(intent)
        intent["status"], intent["amount_received"] = "succeeded", amount
        self._tell("payment_intent.succeeded", intent)
        return 200, intent

    def _cancel(self, intent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if intent["status"] in ("succeeded", "canceled", "processing"):
            return _unexpected(intent)
        intent["status"] = "canceled"
        self._tell("payment_intent.canceled", intent)
        return 200, intent

    def fail_refund(self, intent: dict[str, Any]) -> dict[str, Any]:
        """Lets the last refund of an intent fail; returns the event of it."""
        refund = [r for r in self.refunds.values() if r["payment_intent"] == intent["id"]][-1]
        refund["status"], refund["failure_reason"] = "failed", "lost_or_stolen_card"
        intent["latest_charge"]["amount_refunded"] -= refund["amount"]
        self._tell("refund.failed", refund)
        return self.events[-1]

    def _refund(self, intent: dict[str, Any], form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        charge, amount = intent["latest_charge"], int(form["amount"])
        if charge["amount_refunded"] + amount > intent["amount_received"]:
            error = {"type": "invalid_request_error", "code": "charge_already_refunded"}
            return 400, {"error": error}
        charge["amount_refunded"] += amount
        self._tell("charge.refunded", {**charge, "metadata": intent["metadata"]})
        made = {
            "id": f"re_{len(self.refunds):06}",
            "object": "refund",
            "amount": amount,
            "metadata": {"key": form.get("metadata[key]", "")},
            "payment_intent": intent["id"],
            "status": "succeeded",
        }
        self.refunds[str(made["id"])] = made
        return 200, made

    def _search(self, query: str) -> list[dict[str, Any]]:
        name, value = query.removeprefix("metadata['").removesuffix("'").split("']:'")
        return [
            each
            for each in self.intents.values()
            if self.finds and each["metadata"].get(name) == value
        ]

    def _list(self, request: web.Request) -> list[dict[str, Any]]:
        since, until = int(request.query["created[gte]"]), int(request.query["created[lte]"])
        found = [each for each in self.intents.values() if since <= each["created"] <= until]
        return sorted(found, key=lambda each: str(each["id"]), reverse=True)

    def _page(self, request: web.Request) -> tuple[int, dict[str, Any]]:
        """A page of events, newest first, of which `ending_before` are the next newer ones."""
        kinds, limit = request.query.getall("types[]"), int(request.query["limit"])
        found = [each for each in self.events if each["type"] in kinds]
        if newer := request.query.get("ending_before"):
            if newer not in {each["id"] for each in self.events}:
                return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}}
            found = [each for each in found if each["id"] > newer][:limit]
        if older := request.query.get("starting_after"):
            found = [each for each in found if each["id"] < older]
        return 200, {"data": found[-limit:][::-1]}


def _unexpected(intent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    code = "payment_intent_unexpected_state"
    return 400, {"error": {"type": "invalid_request_error", "code": code, "payment_intent": intent}}


@asynccontextmanager
async def an_account() -> AsyncIterator[Account]:
    """Runs an account on a port of its own."""
    account, app = Account(), web.Application()
    app.router.add_route("*", "/v1/{rest:.*}", account.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    account.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield account
    await runner.cleanup()

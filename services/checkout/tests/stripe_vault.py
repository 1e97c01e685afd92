"""Customers of an account at Stripe: their PaymentMethods, and SetupIntents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, dict[str, Any]]
MISSING = {"error": {"type": "invalid_request_error", "code": "resource_missing"}}
CARD = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034}


@dataclass
class Vault:
    """Customers, PaymentMethods by id, and SetupIntents."""

    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    methods: dict[str, dict[str, Any]] = field(default_factory=dict)
    set_ups: dict[str, dict[str, Any]] = field(default_factory=dict)

    def attach(self, token: str, customer: str) -> str:
        """Makes a PaymentMethod of a test token, and attaches it to a customer."""
        id = f"pm_{len(self.methods):06}"
        made = {"id": id, "object": "payment_method", "card": dict(CARD), "type": "card"}
        self.methods[id] = {**made, "customer": customer, "token": token}
        return id

    def is_of(self, token: str, customer: str | None) -> bool:
        """Whether a token is a test token, or a PaymentMethod that is attached to a customer."""
        known = self.methods.get(token)
        return known is None or (known["customer"] == customer and customer is not None)

    def token_of(self, token: str) -> str:
        """Returns the test token that a PaymentMethod was made of."""
        return str(self.methods.get(token, {}).get("token", token))

    def answer(self, method: str, path: list[str], form: dict[str, str]) -> Answer:
        """Answers a call about customers."""
        match [method, *path]:
            case ["POST", "customers"]:
                made = {"id": f"cus_{len(self.customers):06}", "object": "customer"}
                self.customers[made["id"]] = made
                return 200, made
            case ["DELETE", "customers", id] if id in self.customers:
                del self.customers[id]
                for each in self.methods.values():
                    each["customer"] = None if each["customer"] == id else each["customer"]
                return 200, {"id": id, "deleted": True}
            case ["GET", "customers", id, "payment_methods"] if id in self.customers:
                mine = [each for each in self.methods.values() if each["customer"] == id]
                return 200, {"data": mine}
            case ["POST", "payment_methods", id, "detach"] if id in self.methods:
                self.methods[id]["customer"] = None
                return 200, self.methods[id]
            case ["POST", "setup_intents"] if form["customer"] in self.customers:
                return self._set_up(form)
            case ["GET", "setup_intents"]:
                return 200, {"data": [self._shown(each) for each in self.set_ups.values()]}
            case ["GET", "setup_intents", id] if id in self.set_ups:
                return 200, self._shown(self.set_ups[id])
            case ["POST", "setup_intents", id, "cancel"] if id in self.set_ups:
                self.set_ups[id]["status"] = "canceled"
                return 200, self._shown(self.set_ups[id])
        return 404, MISSING

    def finish(self, set_up: dict[str, Any]) -> None:
        """Lets the buyer pass the challenge of a set-up."""
        set_up["status"], set_up["next_action"] = "succeeded", None
        set_up["payment_method"] = self.attach("pm_card_visa", set_up["customer"])

    def _set_up(self, form: dict[str, str]) -> Answer:
        id = f"seti_{len(self.set_ups):06}"
        made: dict[str, Any] = {
            "id": id,
            "object": "setup_intent",
            "client_secret": f"{id}_secret",
            "customer": form["customer"],
            "metadata": {"key": form["metadata[key]"]},
            "status": "requires_payment_method",
            "payment_method": None,
            "last_setup_error": None,
            "next_action": None,
        }
        self.set_ups[id] = made
        token = form.get("payment_method", "")
        if token.endswith("chargeDeclined"):
            error = {"type": "card_error", "code": "card_declined", "decline_code": "generic"}
            made["last_setup_error"] = error
            return 402, {"error": {**error, "setup_intent": self._shown(made)}}
        if token.endswith("threeDSecure2Required"):
            page = {"redirect_to_url": {"url": "https://bank.example/2"}}
            made["status"], made["next_action"] = "requires_action", page
        elif token:
            self.finish(made)
        return 200, self._shown(made)

    def _shown(self, set_up: dict[str, Any]) -> dict[str, Any]:
        method = self.methods.get(set_up["payment_method"] or "")
        return {**set_up, "payment_method": method}

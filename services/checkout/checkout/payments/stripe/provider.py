"""PaymentProvider of Stripe.

A payment is a PaymentIntent that is confirmed with the buyer's token and captured by hand. Its
metadata have the order's id (`reference`) and the key of the `authorize` call (`key`), by which it
is found where an answer was lost. Payments and refunds are made under our idempotency keys, which
Stripe keeps for a day; a capture and a cancellation are idempotent by themselves.

Wallets are cards to Stripe: the browser's token says which.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from chassis.money import Money
from checkout.errors.payments import PaymentInDoubt, ProviderRefused, ProviderUnavailable
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import (
    Authorization,
    Method,
    Movement,
    PaymentProvider,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    WebhookEvent,
)
from checkout.payments.stripe import webhooks
from checkout.payments.stripe.client import Form, Json, StripeClient, StripeRefusal
from checkout.payments.stripe.messages import dispute_of, payment_of, to_stripe
from checkout.payments.stripe.search import find_intents
from checkout.payments.stripe.settings import StripeSettings
from checkout.payments.stripe.vault import StripeVault

_INTENTS: Final = "/v1/payment_intents"
_EXPANDED: Final = ("expand[]", "latest_charge")
# By our method: the type that a PaymentIntent is limited to.
_TYPES: Final = {
    "card": "card",
    "apple_pay": "card",
    "google_pay": "card",
    "link": "link",
    "paypal": "paypal",
    "klarna": "klarna",
}
# Events after which a payment may hold or have taken money.
_MONEY_EVENTS: Final = (
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.requires_action",
    "charge.refunded",
)
# https://docs.stripe.com/payments/multicapture: the charge says whether it is available.
_IN_PARTS: Final[Form] = (("payment_method_options[card][request_multicapture]", "if_available"),)
# Stripe's own bound of a page.
_PAGE: Final = 100
# What takes an idempotency key first and is cancelled at once: no money is ever asked for it.
_TOMBSTONE: Final[Form] = (
    ("amount", "100"),
    ("currency", "eur"),
    ("payment_method_types[]", "card"),
    ("capture_method", "manual"),
    ("description", "cancelled before it was asked for"),
)


class Stripe:
    """PaymentProvider of an account at Stripe."""

    name: Final = "stripe"
    methods: Final[Sequence[Method]] = (
        Method("card", "Credit or debit card", can_be_saved=True),
        Method("apple_pay", "Apple Pay", is_usual=False),
        Method("google_pay", "Google Pay", is_usual=False),
        Method("link", "Link", is_usual=False),
        Method("paypal", "PayPal", is_usual=False),
        Method("klarna", "Klarna", is_usual=False),
    )

    def __init__(self, settings: StripeSettings, *, timeout_seconds: float) -> None:
        self._client = StripeClient(
            settings.stripe_url,
            settings.stripe_secret_key.get_secret_value(),
            timeout_seconds=timeout_seconds,
        )
        secrets = settings.stripe_webhook_secret.get_secret_value().split(",")
        self._webhook_secrets = [secret.strip().encode() for secret in secrets if secret.strip()]
        self._return_url = settings.stripe_return_url
        self.vault: Final = StripeVault(self._client, self._return_url)

    async def authorize(self, wanted: Authorization) -> ProviderPayment:
        try:
            reply = await self._client.post(_INTENTS, self._form_of(wanted), key=wanted.key)
        except PaymentInDoubt:
            # Stripe repeats a stored failure to its key: the payment itself says what is true.
            if found := await self.look_up(wanted.key):
                return await self._with_page(found, wanted)
            raise
        except StripeRefusal as refusal:
            if refusal.intent is None:
                raise ProviderRefused(code=refusal.code or refusal.type) from None
            intent = refusal.intent
            found = await self._get(intent["id"]) if refusal.is_replayed else payment_of(intent)
            if found.status is PaymentStatus.DECLINED:
                code = found.decline_code or refusal.decline_code
                return replace(found, decline_code=code)
            return await self._with_page(found, wanted)
        # A stored answer shows the payment as it was at first.
        now = await self._get(reply.body["id"]) if reply.is_replayed else payment_of(reply.body)
        return await self._with_page(now, wanted)

    async def capture(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        form = (("amount_to_capture", str(to_stripe(amount))), _EXPANDED)
        try:
            reply = await self._client.post(f"{_INTENTS}/{payment_id}/capture", form)
        except (PaymentInDoubt, StripeRefusal) as error:
            found = await self._get(payment_id)
            if found.captured_minor:
                return found
            raise _refused(error) from None
        return payment_of(reply.body)

    async def capture_part(
        self,
        payment_id: str,
        *,
        amount: Money,
        captured_before_minor: int,
        key: str,
        is_last: bool,
    ) -> ProviderPayment:
        form = (
            ("amount_to_capture", str(to_stripe(amount))),
            ("final_capture", "true" if is_last else "false"),
            _EXPANDED,
        )
        try:
            reply = await self._client.post(f"{_INTENTS}/{payment_id}/capture", form, key=key)
        except (PaymentInDoubt, StripeRefusal) as error:
            found = await self._get(payment_id)
            if found.captured_minor >= captured_before_minor + amount.amount_minor:
                return found
            raise _refused(error) from None
        return payment_of(reply.body)

    async def release_rest(self, payment_id: str) -> None:
        form = (("amount_to_capture", "0"), ("final_capture", "true"))
        with contextlib.suppress(StripeRefusal):
            await self._client.post(f"{_INTENTS}/{payment_id}/capture", form)

    async def refund(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        form = (
            ("payment_intent", payment_id),
            ("amount", str(to_stripe(amount))),
            ("metadata[key]", key),
        )
        try:
            reply = await self._client.post("/v1/refunds", form, key=key)
        except StripeRefusal as refusal:
            raise _refused(refusal) from None
        if reply.body.get("status") in ("failed", "canceled"):
            raise ProviderRefused(code=str(reply.body.get("failure_reason") or "refund_failed"))
        return await self._get(payment_id)

    async def void(self, payment_id: str, *, key: str) -> ProviderPayment:
        return await self._cancel(payment_id)

    async def look_up(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        if payment_id:
            return await self._get(payment_id)
        found = await find_intents(self._client, "key", key)
        return payment_of(found[0]) if found else None

    async def cancel_by_key(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        if not payment_id:
            payment_id = await self._claim(key)
        if not payment_id:
            return None
        found = await self._get(payment_id)
        if found.net_minor:
            net = Money(found.net_minor, found.currency)
            return await self.refund(found.id, amount=net, key=f"{key}:undo:{net.amount_minor}")
        if found.status in (PaymentStatus.VOIDED, PaymentStatus.REFUNDED):
            return found
        voided = await self._cancel(payment_id)
        if voided.net_minor:
            raise ProviderUnavailable("the payment was captured meanwhile: cancel it again")
        return voided

    async def of_reference(self, reference: str) -> list[ProviderPayment]:
        return [
            payment_of(found) for found in await find_intents(self._client, "reference", reference)
        ]

    async def movements(self, *, after: str, limit: int) -> list[Movement]:
        """Returns events of money, which Stripe keeps for 30 days.

        Where the cursor is older than that, the ledger begins with the oldest event that is left.
        """
        events = list[Json]()
        try:
            while after and len(events) < limit:
                page = await self._events(("ending_before", after))
                if not page:
                    return [_movement(event) for event in events]
                events += page
                after = page[-1]["id"]
        except StripeRefusal:
            events = []
        if not events:
            events = await self._oldest_events()
        return [_movement(event) for event in events[:limit]]

    async def find_refund(self, refund_id: str) -> ProviderRefund | None:
        try:
            found = await self._client.get(f"/v1/refunds/{quote(refund_id, safe='')}")
        except StripeRefusal:
            return None
        return ProviderRefund(
            id=str(found["id"]),
            key=str((found.get("metadata") or {}).get("key", "")),
            has_failed=found.get("status") in ("failed", "canceled"),
            failure_code=str(found.get("failure_reason") or ""),
        )

    async def find_dispute(self, dispute_id: str) -> ProviderDispute | None:
        try:
            found = await self._client.get(f"/v1/disputes/{quote(dispute_id, safe='')}")
            payment = await self._get(str(found.get("payment_intent") or "none"))
        except (StripeRefusal, ProviderRefused):
            return None
        return dispute_of(found, payment.reference)

    def verify_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        return webhooks.verify(body, signature, self._webhook_secrets)

    async def close(self) -> None:
        await self._client.close()

    def _form_of(self, wanted: Authorization) -> Form:
        page = wanted.return_url or self._return_url
        return (
            ("amount", str(to_stripe(wanted.amount))),
            ("currency", wanted.amount.currency.lower()),
            ("payment_method", wanted.token),
            ("payment_method_types[]", _TYPES.get(wanted.method, "card")),
            ("capture_method", "manual"),
            ("confirm", "true"),
            *((("return_url", page),) if page else ()),
            *((("customer", wanted.customer),) if wanted.customer else ()),
            *((("setup_future_usage", "off_session"),) if wanted.saves else ()),
            *((("off_session", "true"),) if wanted.is_off_session else ()),
            *(_IN_PARTS if wanted.in_parts and _TYPES.get(wanted.method, "card") == "card" else ()),
            ("metadata[reference]", wanted.reference),
            ("metadata[key]", wanted.key),
            _EXPANDED,
        )

    async def _with_page(self, found: ProviderPayment, wanted: Authorization) -> ProviderPayment:
        """Returns a payment that the buyer can go on with, or a decline.

        Without a page to return to only Stripe's script in a browser could show the challenge.
        """
        if found.status is not PaymentStatus.REQUIRES_ACTION or found.action_url:
            return found
        await self._cancel(found.id)
        return replace(
            found, status=PaymentStatus.DECLINED, decline_code="authentication_needs_return_url"
        )

    async def _claim(self, key: str) -> str:
        """Takes an idempotency key, so that no later `authorize` can use it.

        Returns the id of the payment that used it before; empty if there was none.
        """
        try:
            reply = await self._client.post(_INTENTS, _TOMBSTONE, key=key)
        except StripeRefusal as refusal:
            if not refusal.is_key_reused:
                raise _refused(refusal) from None
            found = await find_intents(self._client, "key", key)
            return str(found[0]["id"]) if found else ""
        await self._cancel(str(reply.body["id"]))
        return ""

    async def _cancel(self, payment_id: str) -> ProviderPayment:
        """Cancels a payment; one that is over is an answer, not an error."""
        try:
            await self._client.post(f"{_INTENTS}/{payment_id}/cancel", ())
        except (PaymentInDoubt, StripeRefusal) as error:
            found = await self._get(payment_id)
            if found.status in (PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION):
                raise ProviderUnavailable(retry_after_seconds=1) from None
            if found.status is PaymentStatus.AUTHORIZED:
                raise _refused(error) from None
            return found
        return await self._get(payment_id)

    async def _get(self, payment_id: str) -> ProviderPayment:
        try:
            return payment_of(await self._client.get(f"{_INTENTS}/{payment_id}", (_EXPANDED,)))
        except StripeRefusal as refusal:
            raise _refused(refusal) from None

    async def _events(self, position: tuple[str, str] | None) -> list[Json]:
        """Returns a page of events, oldest first."""
        params = [("types[]", kind) for kind in _MONEY_EVENTS]
        params += [("limit", str(_PAGE)), *([position] if position else [])]
        return list(reversed((await self._client.get("/v1/events", params))["data"]))

    async def _oldest_events(self) -> list[Json]:
        """Returns all events that are left, oldest first."""
        events = list[Json]()
        page = await self._events(None)
        while page:
            events[:0] = page
            if len(page) < _PAGE:
                break
            page = await self._events(("starting_after", page[0]["id"]))
        return events


def connect(timeout_seconds: float) -> PaymentProvider:
    """Connects the account of the environment."""
    return Stripe(StripeSettings(), timeout_seconds=timeout_seconds)  # type: ignore[call-arg]  # the environment gives them


def _refused(error: Exception) -> Exception:
    """Returns a refusal of Stripe as one of the port; other errors as they are."""
    if isinstance(error, StripeRefusal):
        return ProviderRefused(code=error.code or error.type)
    return error


def _movement(event: Json) -> Movement:
    subject: dict[str, Any] = event["data"]["object"]
    return Movement(
        cursor=str(event["id"]),
        reference=str((subject.get("metadata") or {}).get("reference", "")),
        at=datetime.fromtimestamp(int(event["created"]), UTC),
    )

"""The payment simulator as a provider, over its HTTP API."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.clock import real_now
from chassis.errors import Internal
from chassis.money import Money
from checkout.errors import PaymentInDoubt, ProviderRefused, ProviderUnavailable, WrongSignature
from checkout.payments import PaymentStatus
from checkout.providers import Authorization, Method, Movement, PaymentProvider, ProviderPayment, WebhookEvent

WEBHOOK_MAX_AGE_SECONDS: Final = 300
_SIGNATURE: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_REPLAYED: Final = "Idempotency-Replayed"
# The answers of a create that say that the instrument, not the call, is at fault.
_NO_SUCH_METHOD: Final = "unknown_payment_method"


class SimulatorSettings(BaseSettings):
    """Names are environment variables in upper case."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    simulator_url: str = Field(pattern=r"^https?://")
    simulator_api_key: SecretStr = Field(min_length=1)
    webhook_secret: SecretStr = Field(min_length=1)


class Simulator:
    """A PaymentProvider. A call that is not answered in time is looked up and repeated once under its key before it is left in doubt."""

    name: Final = "simulator"
    methods: Final = (Method("card", "Credit or debit card"),)

    def __init__(self, settings: SimulatorSettings, *, timeout_seconds: float) -> None:
        self._secret = settings.webhook_secret.get_secret_value().encode()
        self._client = httpx.AsyncClient(
            base_url=settings.simulator_url,
            headers={"Authorization": f"Bearer {settings.simulator_api_key.get_secret_value()}"},
            timeout=timeout_seconds,
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=20),
            trust_env=False,
        )

    async def authorize(self, wanted: Authorization) -> ProviderPayment:
        body = {
            "reference": wanted.reference,
            "amount_minor": wanted.amount.amount_minor,
            "currency": wanted.amount.currency,
            "payment_method": wanted.token,
        }
        try:
            response = await self._send("POST", "/v1/payments", key=wanted.key, body=body)
        except PaymentInDoubt:
            if found := await self.look_up(wanted.key):
                return found
            response = await self._send("POST", "/v1/payments", key=wanted.key, body=body)
        except ProviderRefused as refusal:
            if refusal.metadata.get("code") == _NO_SUCH_METHOD:
                return _declined(wanted)
            raise
        if _REPLAYED in response.headers:
            # The stored answer is as old as the payment.
            return await self.look_up(wanted.key) or _payment(response.json())
        return _payment(response.json())

    async def capture(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        path, body = f"/v1/payments/{quote(payment_id)}/capture", {"amount_minor": amount.amount_minor}
        try:
            return _payment((await self._send("POST", path, key=key, body=body)).json())
        except (PaymentInDoubt, ProviderRefused):
            payment = _payment((await self._send("GET", f"/v1/payments/{quote(payment_id)}")).json())
            if payment.status is PaymentStatus.AUTHORIZED:
                return _payment((await self._send("POST", path, key=key, body=body)).json())
            if not payment.captured_minor:
                raise
            return payment

    async def refund(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        path, body = f"/v1/payments/{quote(payment_id)}/refund", {"amount_minor": amount.amount_minor}
        try:
            return _payment((await self._send("POST", path, key=key, body=body)).json())
        except PaymentInDoubt:
            return _payment((await self._send("POST", path, key=key, body=body)).json())

    async def void(self, payment_id: str, *, key: str) -> ProviderPayment:
        return _payment((await self._send("POST", f"/v1/payments/{quote(payment_id)}/void", key=key)).json())

    async def look_up(self, key: str) -> ProviderPayment | None:
        response = await self._send("GET", f"/v1/payments/by-key/{quote(key)}", may_miss=True)
        return None if response.status_code == httpx.codes.NOT_FOUND else _payment(response.json())

    async def cancel_by_key(self, key: str) -> ProviderPayment | None:
        response = await self._send("POST", f"/v1/payments/by-key/{quote(key)}/cancel")
        found = response.json()["payment"]
        return _payment(found) if found else None

    async def of_reference(self, reference: str) -> list[ProviderPayment]:
        response = await self._send("GET", "/v1/payments", params={"reference": reference})
        return [_payment(found) for found in response.json()["payments"]]

    async def movements(self, *, after: str, limit: int) -> list[Movement]:
        response = await self._send("GET", "/ledger", params={"after_seq": after or "0", "limit": str(limit)})
        return [Movement(str(each["seq"]), each["reference"], datetime.fromisoformat(each["at"])) for each in response.json()["entries"]]

    def verify_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        matched = _SIGNATURE.fullmatch(signature)
        if matched is None:
            raise WrongSignature
        at, digest = matched.groups()
        expected = hmac.new(self._secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
        # The provider's clock is real, whatever ours is.
        if not hmac.compare_digest(digest, expected) or abs(real_now().timestamp() - int(at)) > WEBHOOK_MAX_AGE_SECONDS:
            raise WrongSignature
        event = json.loads(body)
        return WebhookEvent(id=str(event["id"]), type=str(event["type"]), reference=str(event["data"]["reference"]))

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(
        self, method: str, path: str, *, key: str = "", body: Any = None, params: Mapping[str, str] | None = None, may_miss: bool = False
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            response = await self._client.request(method, path, json=body, params=params, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderUnavailable(retry_after_seconds=1) from error
        except httpx.TransportError as error:
            raise PaymentInDoubt(retry_after_seconds=1) from error
        if response.is_success or (may_miss and response.status_code == httpx.codes.NOT_FOUND):
            return response
        if response.status_code == httpx.codes.GATEWAY_TIMEOUT:
            raise PaymentInDoubt(retry_after_seconds=1)
        if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY):
            raise ProviderRefused(code=response.json().get("code", ""))
        if response.is_client_error and response.status_code != httpx.codes.TOO_MANY_REQUESTS:
            raise Internal("the provider does not take our calls", status=response.status_code)
        raise ProviderUnavailable(retry_after_seconds=1)


def connect(timeout_seconds: float) -> PaymentProvider:
    """The simulator that the environment names."""
    return Simulator(SimulatorSettings(), timeout_seconds=timeout_seconds)  # type: ignore[call-arg]  # the environment gives them


def _declined(wanted: Authorization) -> ProviderPayment:
    return ProviderPayment(
        id="",
        reference=wanted.reference,
        status=PaymentStatus.DECLINED,
        currency=wanted.amount.currency,
        amount_minor=wanted.amount.amount_minor,
        captured_minor=0,
        refunded_minor=0,
        decline_code=_NO_SUCH_METHOD,
    )


def _payment(found: Mapping[str, Any]) -> ProviderPayment:
    captured, refunded = int(found["captured_minor"]), int(found["refunded_minor"])
    status = PaymentStatus(found["status"])
    if refunded:
        status = PaymentStatus.REFUNDED if refunded == captured else PaymentStatus.PARTIALLY_REFUNDED
    return ProviderPayment(
        id=str(found["id"]),
        reference=str(found["reference"]),
        status=status,
        currency=str(found["currency"]),
        amount_minor=int(found["amount_minor"]),
        captured_minor=captured,
        refunded_minor=refunded,
        decline_code=str(found["decline_code"] or ""),
        action_url=str((found["action"] or {}).get("url", "")),
    )

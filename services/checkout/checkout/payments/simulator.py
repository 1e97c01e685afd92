"""Client of the payment simulator: a provider over HTTP."""

import contextlib
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from yarl import URL

from chassis.data.connections import require_no_connection
from chassis.money import Money
from chassis.rpc.errors import Internal
from chassis.runtime.clock import real_now
from chassis.text import normalize
from checkout.errors.payments import (
    MalformedWebhook,
    PaymentInDoubt,
    ProviderRefused,
    ProviderUnavailable,
    WrongSignature,
)
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import (
    Authorization,
    DisputeStatus,
    Method,
    Movement,
    PaymentProvider,
    ProviderDispute,
    ProviderPayment,
    WebhookEvent,
)
from checkout.payments.signals import PaymentSignals, check_result_of, risk_level_of, score_of
from checkout.payments.vaults.simulator import SimulatorVault, instrument_of

WEBHOOK_MAX_AGE_SECONDS: Final = 300
_SIGNATURE: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_REPLAYED: Final = "Idempotency-Replayed"
# Code of a refusal of the instrument, which is a decline.
_NO_SUCH_METHOD: Final = "unknown_payment_method"


class SimulatorSettings(BaseSettings):
    """Names are environment variables in upper case."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    simulator_url: str = Field(pattern=r"^https?://")
    simulator_api_key: SecretStr = Field(min_length=1)
    webhook_secret: SecretStr = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A reply of the simulator."""

    status: int
    body: Any
    is_replayed: bool


class Simulator:
    """PaymentProvider of the simulator.

    After a timeout it looks the payment up and repeats the call once under its key.
    """

    name: Final = "simulator"
    methods: Final = (Method("card", "Credit or debit card", can_be_saved=True),)

    def __init__(self, settings: SimulatorSettings, *, timeout_seconds: float) -> None:
        self._secret = settings.webhook_secret.get_secret_value().encode()
        self._url = settings.simulator_url.rstrip("/")
        self._authorization = f"Bearer {settings.simulator_api_key.get_secret_value()}"
        # The timeout holds for the connect and for each read, not for the whole call.
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=timeout_seconds, sock_read=timeout_seconds
        )
        self._opened: aiohttp.ClientSession | None = None
        self.vault: Final = SimulatorVault(self._send)

    @property
    def _session(self) -> aiohttp.ClientSession:
        """The session; created by the first call, because it belongs to the running event loop."""
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=50),
                timeout=self._timeout,
                headers={"Authorization": self._authorization},
            )
        return self._opened

    async def authorize(self, wanted: Authorization) -> ProviderPayment:
        body = {
            "reference": wanted.reference,
            "amount_minor": wanted.amount.amount_minor,
            "currency": wanted.amount.currency,
            "payment_method": wanted.token,
            **({"return_url": wanted.return_url} if wanted.return_url else {}),
            **({"customer": wanted.customer} if wanted.customer else {}),
            **({"save": True} if wanted.saves else {}),
            **({"off_session": True} if wanted.is_off_session else {}),
            **({"in_parts": True} if wanted.in_parts else {}),
        }
        try:
            answer = await self._send("POST", "/v1/payments", key=wanted.key, body=body)
        except PaymentInDoubt:
            if found := await self.look_up(wanted.key):
                return found
            answer = await self._send("POST", "/v1/payments", key=wanted.key, body=body)
        except ProviderRefused as refusal:
            if refusal.metadata.get("code") == _NO_SUCH_METHOD:
                return _declined(wanted)
            raise
        if answer.is_replayed:
            # The stored answer shows the payment as it was at first.
            return await self.look_up(wanted.key) or _payment(answer.body)
        return _payment(answer.body)

    async def capture(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        path, body = (
            f"/v1/payments/{quote(payment_id)}/capture",
            {"amount_minor": amount.amount_minor},
        )
        try:
            return _payment((await self._send("POST", path, key=key, body=body)).body)
        except (PaymentInDoubt, ProviderRefused):
            payment = _payment((await self._send("GET", f"/v1/payments/{quote(payment_id)}")).body)
            if payment.status is PaymentStatus.AUTHORIZED:
                return _payment((await self._send("POST", path, key=key, body=body)).body)
            if not payment.captured_minor:
                raise
            return payment

    async def capture_part(
        self,
        payment_id: str,
        *,
        amount: Money,
        captured_before_minor: int,
        key: str,
        is_last: bool,
    ) -> ProviderPayment:
        path = f"/v1/payments/{quote(payment_id)}/capture"
        body = {"amount_minor": amount.amount_minor, "final": is_last}
        try:
            return _payment((await self._send("POST", path, key=key, body=body)).body)
        except PaymentInDoubt:
            return _payment((await self._send("POST", path, key=key, body=body)).body)

    async def release_rest(self, payment_id: str) -> None:
        with contextlib.suppress(ProviderRefused):
            await self._send("POST", f"/v1/payments/{quote(payment_id)}/void")

    async def refund(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        path, body = (
            f"/v1/payments/{quote(payment_id)}/refund",
            {"amount_minor": amount.amount_minor},
        )
        try:
            return _payment((await self._send("POST", path, key=key, body=body)).body)
        except PaymentInDoubt:
            return _payment((await self._send("POST", path, key=key, body=body)).body)

    async def void(self, payment_id: str, *, key: str) -> ProviderPayment:
        return _payment(
            (await self._send("POST", f"/v1/payments/{quote(payment_id)}/void", key=key)).body
        )

    async def look_up(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        answer = await self._send("GET", f"/v1/payments/by-key/{quote(key)}", may_miss=True)
        return None if answer.status == HTTPStatus.NOT_FOUND else _payment(answer.body)

    async def cancel_by_key(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        found = (await self._send("POST", f"/v1/payments/by-key/{quote(key)}/cancel")).body[
            "payment"
        ]
        return _payment(found) if found else None

    async def of_reference(self, reference: str) -> list[ProviderPayment]:
        answer = await self._send("GET", "/v1/payments", params={"reference": reference})
        return [_payment(found) for found in answer.body["payments"]]

    async def movements(self, *, after: str, limit: int) -> list[Movement]:
        answer = await self._send(
            "GET", "/ledger", params={"after_seq": after or "0", "limit": str(limit)}
        )
        return [
            Movement(str(each["seq"]), each["reference"], datetime.fromisoformat(each["at"]))
            for each in answer.body["entries"]
        ]

    async def find_dispute(self, dispute_id: str) -> ProviderDispute | None:
        path = f"/v1/disputes/{quote(dispute_id, safe='')}"
        answer = await self._send("GET", path, may_miss=True)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        found = answer.body
        return ProviderDispute(
            id=str(found["id"]),
            payment_id=str(found["payment_id"]),
            reference=str(found["reference"]),
            status=DisputeStatus(found["status"]),
            reason=str(found["reason"]),
            amount=Money(int(found["amount_minor"]), str(found["currency"])),
            respond_by=datetime.fromisoformat(found["respond_by"]),
            opened_at=datetime.fromisoformat(found["created_at"]),
        )

    def verify_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        matched = _SIGNATURE.fullmatch(signature)
        if matched is None:
            raise WrongSignature
        at, digest = matched.groups()
        expected = hmac.new(self._secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
        # The provider signs with real time; our clock may be virtual.
        if (
            not hmac.compare_digest(digest, expected)
            or abs(real_now().timestamp() - int(at)) > WEBHOOK_MAX_AGE_SECONDS
        ):
            raise WrongSignature
        try:
            event = json.loads(body)
            id, kind, reference = event["id"], event["type"], event["data"]["reference"]
            dispute_id = event.get("dispute") or ""
        except (ValueError, KeyError, TypeError, RecursionError):
            raise MalformedWebhook("the body is not an event of the provider") from None
        return WebhookEvent(
            id=_line(id),
            type=_line(kind),
            reference=_line(reference),
            dispute_id=_line(dispute_id),
        )

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _send(
        self,
        method: str,
        path: str,
        *,
        key: str = "",
        body: Any = None,
        params: Mapping[str, str] | None = None,
        may_miss: bool = False,
    ) -> _Answer:
        require_no_connection("ask the payment provider")
        headers = {"Idempotency-Key": key} if key else {}
        url = URL(f"{self._url}{path}{'?' + urlencode(params) if params else ''}", encoded=True)
        try:
            async with self._session.request(method, url, json=body, headers=headers) as response:
                status, raw, is_replayed = (
                    response.status,
                    await response.read(),
                    _REPLAYED in response.headers,
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ProviderUnavailable(retry_after_seconds=1) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PaymentInDoubt(retry_after_seconds=1) from error
        if status < HTTPStatus.MULTIPLE_CHOICES or (may_miss and status == HTTPStatus.NOT_FOUND):
            return _Answer(status, json.loads(raw), is_replayed)
        if status == HTTPStatus.GATEWAY_TIMEOUT:
            raise PaymentInDoubt(retry_after_seconds=1)
        if status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise ProviderRefused(code=json.loads(raw).get("code", ""))
        if (
            HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
            and status != HTTPStatus.TOO_MANY_REQUESTS
        ):
            raise Internal("the provider refuses our calls: check SIMULATOR_API_KEY", status=status)
        raise ProviderUnavailable(retry_after_seconds=1)


def _line(value: object) -> str:
    """Returns a value as text of one line. Raises InvalidText."""
    return normalize(str(value), one_line=True)


def connect(timeout_seconds: float) -> PaymentProvider:
    """Connects the simulator of the environment."""
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
    if refunded and status is PaymentStatus.CAPTURED:
        status = (
            PaymentStatus.REFUNDED if refunded == captured else PaymentStatus.PARTIALLY_REFUNDED
        )
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
        signals=_signals(found.get("signals")),
        card_fingerprint=str((found.get("signals") or {}).get("card_fingerprint") or ""),
        instrument=instrument_of(found["kept"]) if found.get("kept") else None,
        captures_parts=bool(found.get("in_parts")),
    )


def _signals(found: Mapping[str, Any] | None) -> PaymentSignals | None:
    if not found:
        return None
    return PaymentSignals(
        risk_level=risk_level_of(found.get("risk_level")),
        risk_score=score_of(found.get("risk_score")),
        cvc_check=check_result_of(found.get("cvc_check")),
        address_check=check_result_of(found.get("address_check")),
        postal_code_check=check_result_of(found.get("postal_code_check")),
        card_country=str(found.get("card_country") or ""),
    )

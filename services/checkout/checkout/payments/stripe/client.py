"""HTTP client of Stripe's API: forms in, JSON out, errors as refusals or doubts.

https://docs.stripe.com/api/errors and https://docs.stripe.com/api/idempotent_requests are the
source of what a status means.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from pydantic import JsonValue
from yarl import URL

from chassis.data.connections import require_no_connection
from chassis.rpc.errors import Internal
from checkout.errors.payments import PaymentInDoubt, ProviderUnavailable

# The shapes of this version are those that `messages` reads.
API_VERSION: Final = "2024-06-20"
_REPLAYED: Final = "Idempotent-Replayed"

Json = Mapping[str, Any]
Form = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of Stripe; `is_replayed` says that it is the stored one of its key."""

    body: Json
    is_replayed: bool


class StripeRefusal(Exception):
    """Stripe answers that it did not do what was asked; a repeat would get the same answer."""

    def __init__(self, error: Mapping[str, JsonValue], *, is_replayed: bool) -> None:
        self.type, self.code = str(error.get("type", "")), str(error.get("code") or "")
        self.decline_code = str(error.get("decline_code") or self.code)
        self.is_replayed = is_replayed
        intent = error.get("payment_intent")
        self.intent: Json | None = intent if isinstance(intent, dict) else None
        set_up = error.get("setup_intent")
        self.set_up: Json | None = set_up if isinstance(set_up, dict) else None
        super().__init__(f"{self.type}: {self.code}")

    @property
    def is_key_reused(self) -> bool:
        """Whether the key came with other parameters before."""
        return self.type == "idempotency_error"


class StripeClient:
    """Calls Stripe. Each call may take `timeout_seconds` to connect and for each read."""

    def __init__(self, url: str, secret_key: str, *, timeout_seconds: float) -> None:
        self._url, self._secret_key = url.rstrip("/"), secret_key
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=timeout_seconds, sock_read=timeout_seconds
        )
        self._opened: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        """The session; created by the first call, because it belongs to the running event loop."""
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=50),
                timeout=self._timeout,
                headers={
                    "Authorization": f"Bearer {self._secret_key}",
                    "Stripe-Version": API_VERSION,
                },
            )
        return self._opened

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def get(self, path: str, params: Form = ()) -> Json:
        """Reads. Raises StripeRefusal, ProviderUnavailable."""
        try:
            return (await self._send("GET", path, params=params)).body
        except PaymentInDoubt as error:
            # A read that is not answered had no effect.
            raise ProviderUnavailable(retry_after_seconds=1) from error

    async def delete(self, path: str) -> None:
        """Deletes. Raises StripeRefusal, ProviderUnavailable, PaymentInDoubt."""
        await self._send("DELETE", path)

    async def post(self, path: str, form: Form, *, key: str = "") -> Reply:
        """Changes something, with a key once: Stripe repeats its answer, also that of a failure.

        Raises StripeRefusal, ProviderUnavailable, PaymentInDoubt.
        """
        return await self._send("POST", path, form=form, key=key)

    async def _send(
        self, method: str, path: str, *, params: Form = (), form: Form = (), key: str = ""
    ) -> Reply:
        require_no_connection("ask the payment provider")
        headers = {"Idempotency-Key": key} if key else {}
        url = URL(f"{self._url}{path}").with_query(list(params))
        data = aiohttp.FormData(list(form)) if method == "POST" else None
        try:
            async with self._session.request(method, url, data=data, headers=headers) as response:
                status, raw = response.status, await response.read()
                is_replayed = _REPLAYED in response.headers
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ProviderUnavailable(retry_after_seconds=1) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PaymentInDoubt(retry_after_seconds=1) from error
        return _reply(status, raw, is_replayed=is_replayed)


def _reply(status: int, raw: bytes, *, is_replayed: bool) -> Reply:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ProviderUnavailable(retry_after_seconds=1)
    # 409: another call with this key is under way.
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.CONFLICT:
        raise PaymentInDoubt(retry_after_seconds=1)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise Internal("Stripe refuses our key: check STRIPE_SECRET_KEY", status=status)
    try:
        body = json.loads(raw)
    except ValueError:
        raise PaymentInDoubt(retry_after_seconds=1) from None
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return Reply(body, is_replayed)
    error = body.get("error") if isinstance(body, dict) else None
    raise StripeRefusal(error if isinstance(error, dict) else {}, is_replayed=is_replayed)

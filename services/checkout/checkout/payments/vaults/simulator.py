"""Vault of the payment simulator."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import quote

from checkout.errors.payments import PaymentInDoubt, ProviderRefused
from checkout.payments.vaults.instrument import Instrument
from checkout.payments.vaults.vault import ProviderSetUp, SetUp, SetUpStatus


class Answer(Protocol):
    """A reply of the simulator."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> Any: ...


Send = Callable[..., Awaitable[Answer]]
_CUSTOMERS: Final = "/v1/customers"
_SETUPS: Final = "/v1/set-ups"


class SimulatorVault:
    """Vault of the simulator; `send` is the call of its client."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def create_customer(self, reference: str, *, key: str) -> str:
        answer = await self._repeat("POST", _CUSTOMERS, key=key, body={"reference": reference})
        return str(answer.body["id"])

    async def delete_customer(self, customer: str) -> None:
        await self._send("DELETE", f"{_CUSTOMERS}/{quote(customer)}", may_miss=True)

    async def set_up(self, wanted: SetUp) -> ProviderSetUp:
        body = {
            "customer": wanted.customer,
            **({"payment_method": wanted.token} if wanted.token else {}),
            **({"return_url": wanted.return_url} if wanted.return_url else {}),
        }
        try:
            answer = await self._repeat("POST", _SETUPS, key=wanted.key, body=body)
        except ProviderRefused as refusal:
            if refusal.metadata.get("code") != "unknown_payment_method":
                raise
            return ProviderSetUp("", SetUpStatus.DECLINED, decline_code="unknown_payment_method")
        made = _set_up_of(answer.body)
        return await self.find_set_up(wanted.customer, wanted.key, set_up_id=made.id) or made

    async def find_set_up(
        self, customer: str, key: str, *, set_up_id: str = ""
    ) -> ProviderSetUp | None:
        path = f"{_SETUPS}/{quote(set_up_id)}" if set_up_id else f"{_SETUPS}/by-key/{quote(key)}"
        answer = await self._send("GET", path, may_miss=True)
        return None if answer.status == HTTPStatus.NOT_FOUND else _set_up_of(answer.body)

    async def cancel_set_up(self, set_up_id: str) -> None:
        await self._send("POST", f"{_SETUPS}/{quote(set_up_id)}/cancel", may_miss=True)

    async def instruments(self, customer: str) -> Sequence[Instrument]:
        path = f"{_CUSTOMERS}/{quote(customer)}/payment-methods"
        answer = await self._send("GET", path, may_miss=True)
        if answer.status == HTTPStatus.NOT_FOUND:
            return []
        return [instrument_of(each) for each in answer.body["payment_methods"]]

    async def detach(self, token: str) -> None:
        await self._send("POST", f"/v1/payment-methods/{quote(token)}/detach", may_miss=True)

    async def _repeat(self, method: str, path: str, **call: Any) -> Answer:
        """Sends a call with a key, and once more where its answer is lost."""
        try:
            return await self._send(method, path, **call)
        except PaymentInDoubt:
            return await self._send(method, path, **call)


def instrument_of(found: Mapping[str, Any]) -> Instrument:
    """Returns an instrument of the simulator."""
    return Instrument(
        token=str(found["id"]),
        brand=str(found["brand"]),
        last_four=str(found["last_four"]),
        expires_month=int(found["expires_month"]),
        expires_year=int(found["expires_year"]),
    )


def _set_up_of(found: Mapping[str, Any]) -> ProviderSetUp:
    kept = found["payment_method"]
    return ProviderSetUp(
        id=str(found["id"]),
        status=SetUpStatus(found["status"]),
        instrument=instrument_of(kept) if kept else None,
        client_secret=str(found["client_secret"] or ""),
        action_url=str((found["action"] or {}).get("url", "")),
        decline_code=str(found["decline_code"] or ""),
    )

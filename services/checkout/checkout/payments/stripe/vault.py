"""Vault of Stripe: customers, their PaymentMethods, and SetupIntents that add one.

A customer at Stripe has our id of it as its only datum. https://docs.stripe.com/payments/save-and-reuse
is the source of the flow.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from checkout.errors.payments import ProviderRefused
from checkout.payments.stripe.client import Form, Json, StripeClient, StripeRefusal
from checkout.payments.stripe.messages import action_url_of, instrument_of
from checkout.payments.vaults.instrument import Instrument
from checkout.payments.vaults.vault import ProviderSetUp, SetUp, SetUpStatus

_SETUPS: Final = "/v1/setup_intents"
_CUSTOMERS: Final = "/v1/customers"
_EXPANDED: Final = ("expand[]", "payment_method")
# Stripe's own bound of a page.
_PAGE: Final = "100"
_STATUSES: Final[Mapping[str, SetUpStatus]] = {
    "requires_action": SetUpStatus.REQUIRES_ACTION,
    "succeeded": SetUpStatus.DONE,
    "canceled": SetUpStatus.DECLINED,
}


class StripeVault:
    """Vault of an account at Stripe."""

    def __init__(self, client: StripeClient, return_url: str) -> None:
        self._client, self._return_url = client, return_url

    async def create_customer(self, reference: str, *, key: str) -> str:
        try:
            form = (("metadata[reference]", reference),)
            return str((await self._client.post(_CUSTOMERS, form, key=key)).body["id"])
        except StripeRefusal as refusal:
            raise _refused(refusal) from None

    async def delete_customer(self, customer: str) -> None:
        await self._ask(self._client.delete(f"{_CUSTOMERS}/{quote(customer, safe='')}"))

    async def set_up(self, wanted: SetUp) -> ProviderSetUp:
        try:
            reply = await self._client.post(_SETUPS, self._form_of(wanted), key=wanted.key)
        except StripeRefusal as refusal:
            if refusal.set_up is None:
                raise _refused(refusal) from None
            return _set_up_of(refusal.set_up)
        if reply.is_replayed:
            # A stored answer shows it as it was at first.
            return _set_up_of(await self._client.get(f"{_SETUPS}/{reply.body['id']}", (_EXPANDED,)))
        return _set_up_of(reply.body)

    async def find_set_up(
        self, customer: str, key: str, *, set_up_id: str = ""
    ) -> ProviderSetUp | None:
        try:
            if set_up_id:
                path = f"{_SETUPS}/{quote(set_up_id, safe='')}"
                return _set_up_of(await self._client.get(path, (_EXPANDED,)))
            params = (("customer", customer), ("limit", _PAGE), ("expand[]", "data.payment_method"))
            found = (await self._client.get(_SETUPS, params))["data"]
        except StripeRefusal:
            return None
        mine = [each for each in found if (each.get("metadata") or {}).get("key") == key]
        return _set_up_of(mine[0]) if mine else None

    async def cancel_set_up(self, set_up_id: str) -> None:
        path = f"{_SETUPS}/{quote(set_up_id, safe='')}/cancel"
        await self._ask(self._client.post(path, ()))

    async def instruments(self, customer: str) -> Sequence[Instrument]:
        path = f"{_CUSTOMERS}/{quote(customer, safe='')}/payment_methods"
        try:
            found = (await self._client.get(path, (("type", "card"), ("limit", _PAGE))))["data"]
        except StripeRefusal:
            return []
        return [instrument_of(each) for each in found]

    async def detach(self, token: str) -> None:
        path = f"/v1/payment_methods/{quote(token, safe='')}/detach"
        await self._ask(self._client.post(path, ()))

    async def _ask(self, call: Any) -> None:
        """Awaits a call whose refusal says that what it takes away is not there."""
        try:
            await call
        except StripeRefusal:
            return

    def _form_of(self, wanted: SetUp) -> Form:
        page = wanted.return_url or self._return_url
        given = (("payment_method", wanted.token), ("confirm", "true")) if wanted.token else ()
        return (
            ("customer", wanted.customer),
            ("usage", "off_session"),
            ("payment_method_types[]", "card"),
            ("metadata[key]", wanted.key),
            *given,
            *((("return_url", page),) if page and given else ()),
            _EXPANDED,
        )


def _set_up_of(found: Json) -> ProviderSetUp:
    error = found.get("last_setup_error") or {}
    status = _STATUSES.get(str(found["status"]), SetUpStatus.PENDING)
    if status is SetUpStatus.PENDING and error:
        # An attempt was refused: this set-up ends with it.
        status = SetUpStatus.DECLINED
    method = found.get("payment_method")
    is_done = status is SetUpStatus.DONE and isinstance(method, dict)
    is_open = status in (SetUpStatus.PENDING, SetUpStatus.REQUIRES_ACTION)
    return ProviderSetUp(
        id=str(found["id"]),
        status=status,
        instrument=instrument_of(method) if is_done and isinstance(method, dict) else None,
        client_secret=str(found.get("client_secret") or "") if is_open else "",
        action_url=action_url_of(found) if status is SetUpStatus.REQUIRES_ACTION else "",
        decline_code=str(error.get("decline_code") or error.get("code") or ""),
    )


def _refused(refusal: StripeRefusal) -> ProviderRefused:
    return ProviderRefused(code=refusal.code or refusal.type)

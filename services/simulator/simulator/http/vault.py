"""Customers, what is kept for them, and set-ups, as a merchant's back end calls them."""

import sqlite3
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic_core import to_json

from simulator import messages
from simulator.http.middleware import (
    ProviderDep,
    RequiredKey,
    admitted,
    authenticated,
    json,
    problems,
    respond,
)
from simulator.messages import ConfirmSetUp, NewCustomer, NewSetUp
from simulator.payments import vault
from simulator.payments.vault import SetUp
from simulator.storage.idempotency import Answer, Claim, answer_once, fingerprint_of

router = APIRouter(
    prefix="/v1",
    tags=["vault"],
    dependencies=[Depends(authenticated), Depends(admitted)],
    responses=problems(401, 404, 422, 503),
)


@router.post("/customers", status_code=201)
async def create_customer(new: NewCustomer, key: RequiredKey, provider: ProviderDep) -> Response:
    """Makes a customer. A repeat of the key is answered with the stored response."""

    def effect(tx: sqlite3.Connection) -> Answer:
        return Answer(201, to_json({"id": vault.create_customer(tx, new.reference)}))

    claim = Claim("customer", key, fingerprint_of(new))
    return await respond(provider, lambda tx: answer_once(tx, claim, effect))


@router.delete("/customers/{customer_id}", status_code=204)
async def delete_customer(customer_id: str, provider: ProviderDep) -> Response:
    """Deletes a customer with all that is kept for it."""

    def effect(tx: sqlite3.Connection) -> Answer:
        vault.delete_customer(tx, customer_id)
        return Answer(200, to_json({"id": customer_id, "deleted": True}))

    return await respond(provider, effect)


@router.get("/customers/{customer_id}/payment-methods")
async def list_payment_methods(customer_id: str, provider: ProviderDep) -> Response:
    """All that is kept for a customer, oldest first."""
    found = await provider.database.read(lambda tx: vault.instruments_of(tx, customer_id))
    return json({"payment_methods": [messages.instrument_of(each) for each in found]})


@router.post("/payment-methods/{instrument_id}/detach")
async def detach(instrument_id: str, provider: ProviderDep) -> Response:
    """Forgets what is kept. Idempotent."""

    def effect(tx: sqlite3.Connection) -> Answer:
        vault.detach(tx, instrument_id)
        return Answer(200, to_json({"id": instrument_id}))

    return await respond(provider, effect)


@router.post("/set-ups", status_code=201)
async def create_set_up(new: NewSetUp, key: RequiredKey, provider: ProviderDep) -> Response:
    """Begins to keep an instrument; without a `payment_method` its confirmation is awaited."""

    def effect(tx: sqlite3.Connection) -> Answer:
        made = vault.create_set_up(
            tx,
            key=key,
            customer_id=new.customer,
            token=new.payment_method,
            return_url=new.return_url,
            challenge_base_url=provider.settings.challenge_base_url,
        )
        return Answer(201, to_json(_shown(tx, made)))

    claim = Claim("set_up", key, fingerprint_of(new))
    return await respond(provider, lambda tx: answer_once(tx, claim, effect))


@router.get("/set-ups/by-key/{key:path}")
async def set_up_by_key(key: str, provider: ProviderDep) -> Response:
    """The set-up of a key as it is now."""
    return json(await provider.database.read(lambda tx: _shown(tx, vault.set_up_by_key(tx, key))))


@router.get("/set-ups/{set_up_id}")
async def get_set_up(set_up_id: str, provider: ProviderDep) -> Response:
    """A set-up as it is now."""
    return json(
        await provider.database.read(lambda tx: _shown(tx, vault.get_set_up(tx, set_up_id)))
    )


@router.post("/set-ups/{set_up_id}/confirm")
async def confirm_set_up(set_up_id: str, request: ConfirmSetUp, provider: ProviderDep) -> Response:
    """Gives a pending set-up its instrument: what a script in the customer's browser would do."""

    def effect(tx: sqlite3.Connection) -> Answer:
        made = vault.confirm_set_up(
            tx, set_up_id, request.payment_method, provider.settings.challenge_base_url
        )
        return Answer(200, to_json(_shown(tx, made)))

    return await respond(provider, effect)


@router.post("/set-ups/{set_up_id}/cancel")
async def cancel_set_up(set_up_id: str, provider: ProviderDep) -> Response:
    """Cancels a set-up that is not done. Idempotent."""

    def effect(tx: sqlite3.Connection) -> Answer:
        return Answer(200, to_json(_shown(tx, vault.cancel_set_up(tx, set_up_id))))

    return await respond(provider, effect)


def _shown(tx: sqlite3.Connection, found: SetUp) -> dict[str, Any]:
    kept = vault.find_instrument(tx, found.instrument_id) if found.instrument_id else None
    return messages.set_up_of(found, kept)

"""The payment API, as a merchant's back end calls it."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic_core import to_json

from simulator import messages
from simulator.errors import NothingUnderCancelledKey, PaymentNotFound
from simulator.http.middleware import (
    OptionalKey,
    ProviderDep,
    RequiredKey,
    admitted,
    authenticated,
    json,
    problems,
    respond,
)
from simulator.messages import (
    Cancellation,
    CaptureRequest,
    NewPayment,
    PaymentList,
    PaymentView,
    RefundRequest,
)
from simulator.payments import charge, queries, reverse
from simulator.payments.model import Payment
from simulator.storage import idempotency
from simulator.storage.idempotency import Answer, Claim, answer_once, fingerprint_of

router = APIRouter(
    prefix="/v1/payments",
    tags=["payments"],
    dependencies=[Depends(authenticated), Depends(admitted)],
    responses=problems(401, 422, 503),
)


@router.post("", status_code=201, response_model=PaymentView, responses=problems(409, 504))
async def create_payment(new: NewPayment, key: RequiredKey, provider: ProviderDep) -> Response:
    """Makes a payment: the money is held, or taken with `capture`.

    A declined payment is a payment too: 201 with status `declined`. A repeat of the key is answered
    with the stored response and `Idempotency-Replayed: true`; with another body it is 409
    `key_reused`; where the key was cancelled first, 409 `cancelled_before_creation`. An unknown
    payment method is 422 `unknown_payment_method`.
    """

    def effect(tx: sqlite3.Connection) -> Answer:
        charged = charge.create_payment(
            tx, new, key=key, challenge_base_url=provider.settings.challenge_base_url
        )
        return Answer(
            201, messages.encoded(charged.payment), is_withheld=charged.is_answer_withheld
        )

    claim = Claim(idempotency.CREATE, key, fingerprint_of(new))
    return await respond(provider, lambda tx: answer_once(tx, claim, effect))


@router.get("", response_model=PaymentList)
async def list_payments(
    reference: Annotated[str, Query(min_length=1, max_length=255)], provider: ProviderDep
) -> Response:
    """All payments of one of the merchant's orders, oldest first; none is an empty list."""
    found = await provider.database.read(lambda tx: queries.payments_of_reference(tx, reference))
    return json({"payments": [messages.snapshot_of(payment) for payment in found]})


@router.get("/by-key/{idempotency_key:path}", response_model=PaymentView, responses=problems(404))
async def payment_by_key(idempotency_key: str, provider: ProviderDep) -> Response:
    """The payment made under a key, as it is now: what a client asks when an answer didn't come.

    404 `payment_not_found` means that none was made *so far*: to be sure that none will be, cancel
    the key. After that it is 404 `nothing_under_cancelled_key`.
    """

    def find(tx: sqlite3.Connection) -> Payment:
        payment = queries.payment_by_key(tx, idempotency_key)
        if payment is None and idempotency.is_key_buried(tx, idempotency_key):
            raise NothingUnderCancelledKey(
                "the key was cancelled before a payment was made under it"
            )
        if payment is None:
            raise PaymentNotFound("no payment was made under this key")
        return payment

    return json(messages.snapshot_of(await provider.database.read(find)))


@router.post("/by-key/{idempotency_key:path}/cancel", response_model=Cancellation)
async def cancel_by_key(idempotency_key: str, provider: ProviderDep) -> Response:
    """Undoes whatever was done under a key: voids a hold, refunds what was captured. Idempotent.

    Where nothing was done yet it leaves a tombstone, so that a create that arrives late is refused.
    """
    return await respond(
        provider, lambda tx: Answer(200, to_json(reverse.cancel_payment(tx, idempotency_key)))
    )


@router.get("/{payment_id}", response_model=PaymentView, responses=problems(404))
async def get_payment(payment_id: str, provider: ProviderDep) -> Response:
    """A payment as it is now."""
    return json(
        messages.snapshot_of(
            await provider.database.read(lambda tx: queries.payment_by_id(tx, payment_id))
        )
    )


@router.post("/{payment_id}/capture", response_model=PaymentView, responses=problems(404, 409, 504))
async def capture_payment(
    payment_id: str,
    provider: ProviderDep,
    request: CaptureRequest | None = None,
    key: OptionalKey = None,
) -> Response:
    """Takes what is held, wholly or in part, once; what a partial capture leaves is released.

    409 `capture_exceeds_authorization`, or `wrong_payment_status` when the payment isn't
    `authorized`.
    """
    request = request or CaptureRequest()

    def effect(tx: sqlite3.Connection) -> Answer:
        charged = charge.capture_payment(
            tx, payment_id, amount_minor=request.amount_minor, is_final=request.final
        )
        return Answer(
            200, messages.encoded(charged.payment), is_withheld=charged.is_answer_withheld
        )

    claim = Claim("capture", key, fingerprint_of(request, payment_id=payment_id)) if key else None
    return await respond(provider, lambda tx: answer_once(tx, claim, effect))


@router.post("/{payment_id}/void", response_model=PaymentView, responses=problems(404, 409))
async def void_payment(payment_id: str, provider: ProviderDep, key: OptionalKey = None) -> Response:
    """Releases what is held, or withdraws a payment that waits for a challenge.

    Idempotent with or without a key.

    409 `wrong_payment_status` when the payment is captured or declined.
    """
    claim = Claim("void", key, fingerprint_of(None, payment_id=payment_id)) if key else None
    return await respond(
        provider,
        lambda tx: answer_once(
            tx,
            claim,
            lambda tx: Answer(200, messages.encoded(reverse.void_payment(tx, payment_id))),
        ),
    )


@router.post("/{payment_id}/refund", response_model=PaymentView, responses=problems(404, 409))
async def refund_payment(
    payment_id: str,
    provider: ProviderDep,
    request: RefundRequest | None = None,
    key: OptionalKey = None,
) -> Response:
    """Gives back what was captured, wholly or in parts.

    Send a key: without one, a repeated partial refund refunds again.

    409 `refund_exceeds_captured`, or `wrong_payment_status` when the payment isn't `captured`.
    """
    request = request or RefundRequest()

    def effect(tx: sqlite3.Connection) -> Answer:
        return Answer(
            200,
            messages.encoded(
                reverse.refund_payment(tx, payment_id, amount_minor=request.amount_minor)
            ),
        )

    claim = Claim("refund", key, fingerprint_of(request, payment_id=payment_id)) if key else None
    return await respond(provider, lambda tx: answer_once(tx, claim, effect))

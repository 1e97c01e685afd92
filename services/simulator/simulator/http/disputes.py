"""Disputes: merchants read them, and tests and operators open and decide them."""

import sqlite3
from dataclasses import asdict
from enum import StrEnum

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import Field
from pydantic_core import to_json

from simulator.http.middleware import ProviderDep, admitted, authenticated, json, problems, respond
from simulator.messages import AmountMinor, Request
from simulator.payments import dispute
from simulator.payments.dispute import Dispute, DisputeStatus
from simulator.storage.idempotency import Answer

router = APIRouter(
    tags=["disputes"],
    dependencies=[Depends(authenticated), Depends(admitted)],
    responses=problems(401, 404, 409, 422, 503),
)


class NewDispute(Request):
    payment_id: str = Field(min_length=1, max_length=64)
    reason: str = Field(default="fraudulent", pattern=r"^[a-z_]{1,40}$")
    amount_minor: AmountMinor | None = Field(
        default=None, description="Default: all that is left of the payment."
    )


class Decision(StrEnum):
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


class DisputeDecision(Request):
    status: Decision


@router.get("/v1/disputes/{dispute_id}")
async def get_dispute(dispute_id: str, provider: ProviderDep) -> Response:
    """The dispute as it is now."""
    return json(
        await provider.database.read(lambda tx: asdict(dispute.dispute_by_id(tx, dispute_id)))
    )


@router.post("/disputes", status_code=201)
async def open_dispute(new: NewDispute, provider: ProviderDep) -> Response:
    """Has the buyer of a captured payment ask the bank for the money back."""

    def effect(tx: sqlite3.Connection) -> Answer:
        opened = dispute.open_dispute(
            tx, new.payment_id, reason=new.reason, amount_minor=new.amount_minor
        )
        return Answer(201, _encoded(opened))

    return await respond(provider, effect)


@router.post("/disputes/{dispute_id}/decision")
async def decide_dispute(
    dispute_id: str, decision: DisputeDecision, provider: ProviderDep
) -> Response:
    """Has the bank look at it, or decide it. A repeat changes nothing."""

    def effect(tx: sqlite3.Connection) -> Answer:
        status = DisputeStatus(decision.status)
        return Answer(200, _encoded(dispute.decide_dispute(tx, dispute_id, status)))

    return await respond(provider, effect)


def _encoded(found: Dispute) -> bytes:
    return to_json(asdict(found))

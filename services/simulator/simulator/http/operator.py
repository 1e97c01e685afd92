"""Routes for tests and operators: the ledger, the misbehaviour, the health."""

import asyncio
import logging
import sqlite3
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from simulator import misbehaviour
from simulator.http.middleware import ProviderDep, authenticated, json, problem, problems
from simulator.messages import LedgerPage, LedgerSummary, LedgerTotals
from simulator.misbehaviour import Rules
from simulator.payments import ledger, queries
from simulator.storage import database

READY_WITHIN_SECONDS = 1.0

log = logging.getLogger(__name__)

ledger_router = APIRouter(
    prefix="/ledger",
    tags=["ledger"],
    dependencies=[Depends(authenticated)],
    responses=problems(401, 422),
)
misbehaviour_router = APIRouter(
    prefix="/misbehaviour",
    tags=["misbehaviour"],
    dependencies=[Depends(authenticated)],
    responses=problems(401, 422),
)
health_router = APIRouter(tags=["health"])

Reference = Annotated[
    str | None, Query(max_length=255, description="Only this order of the merchant's.")
]


@ledger_router.get("", response_model=LedgerPage)
async def list_entries(
    provider: ProviderDep,
    reference: Reference = None,
    after_seq: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Response:
    """The append-only record, in order of `seq`."""

    def read(tx: sqlite3.Connection) -> list[dict[str, Any]]:
        return ledger.list_entries(tx, reference=reference, after_seq=after_seq, limit=limit + 1)

    found = await provider.database.read(read)
    page = found[:limit]
    return json(
        {"entries": page, "next_after_seq": page[-1]["seq"] if len(found) > limit else None}
    )


@ledger_router.get("/summary", response_model=LedgerSummary)
async def summarize(provider: ProviderDep, reference: Reference = None) -> Response:
    """Sums per reference and currency: who paid what net, and what is on hold."""
    return json(
        {
            "references": await provider.database.read(
                lambda tx: ledger.summarize_by_reference(tx, reference=reference)
            )
        }
    )


@ledger_router.get("/totals", response_model=LedgerTotals)
async def total(provider: ProviderDep) -> Response:
    """The length of the ledger, its sums per currency, and how many payments are in each status."""
    return json(
        await provider.database.read(
            lambda tx: {
                **ledger.total_by_currency(tx),
                "payments_by_status": queries.counts_by_status(tx),
            }
        )
    )


@misbehaviour_router.get("", response_model=Rules)
async def get_rules(provider: ProviderDep) -> Response:
    """The rules that stand; those that count down show what is left."""
    return json(await provider.database.read(misbehaviour.current_rules))


@misbehaviour_router.put("", response_model=Rules)
async def put_rules(rules: Rules, provider: ProviderDep) -> Response:
    """Replaces all rules; what is left out goes back to its default.

    Counts start anew. They survive a restart.
    """
    await provider.misbehave(rules)
    return json(rules)


@misbehaviour_router.delete("", response_model=Rules)
async def delete_rules(provider: ProviderDep) -> Response:
    """Lifts all rules; events that a delay held back are due at once."""
    await provider.misbehave(Rules())
    return json(Rules())


@health_router.get("/livez")
async def livez() -> Response:
    """The program runs."""
    return json({"status": "ok"})


@health_router.get("/readyz", responses=problems(503))
async def readyz(provider: ProviderDep) -> Response:
    """A charge could be recorded now: a row was just written to the ledger file."""
    if provider.stopping.is_set():
        return problem(503, "stopping", "the program is stopping")
    try:
        async with asyncio.timeout(READY_WITHIN_SECONDS):
            await provider.database.write(database.prove_writable)
    except (sqlite3.Error, RuntimeError, TimeoutError) as error:
        log.warning("the ledger takes no writes", extra={"error": type(error).__name__})
        return problem(503, "ledger_unwritable", "the ledger takes no writes")
    return json({"status": "ok"})


@health_router.get("/")
async def describe() -> Response:
    """Says what this program is."""
    return json(
        {
            "name": "Sojourn payment simulator",
            "description": "Stands in for a payment provider. No real money moves.",
            "openapi": "/openapi.json",
        }
    )

"""Audit: who of the staff changed what, written in the transaction that changes it."""

from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis import telemetry
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7

# Stands for the operator of a command, who has a shell instead of an account.
OPERATOR: Final = UUID(int=0)


async def audit(
    tx: Tx, actor_id: UUID | None, action: str, subject: str, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> None:
    """Notes a change. `subject` is what was changed, e.g. sku:ABC-1; nothing personal."""
    await tx.run(
        "INSERT INTO audit (id, at, actor_id, action, subject, before, after, trace_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            uuid7(), tx.now, actor_id or OPERATOR, action, subject,
            Jsonb(before) if before is not None else None, Jsonb(after) if after is not None else None, telemetry.trace_id(),
        ],
    )  # fmt: skip

"""The audit trail: a row in the transaction of every staff write."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import JsonValue
from sqlalchemy import Index

from chassis import telemetry
from chassis.data.rows import Field, Row, document
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7

# Who acts where no caller does: a command of an operator.
OPERATOR: Final = UUID(int=0)


class Audit(Row, table=True):
    """A staff write: who did what to which subject, and the values before and after."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_subject", "subject", "at"),)

    id: UUID = Field(primary_key=True)
    at: datetime
    actor_id: UUID
    action: str
    subject: str
    before: dict[str, JsonValue] | None = document(dict[str, JsonValue] | None, default=None)
    after: dict[str, JsonValue] | None = document(dict[str, JsonValue] | None, default=None)
    trace_id: str


def record_audit(
    tx: Tx,
    actor: Caller | UUID | None,
    action: str,
    subject: str,
    *,
    before: Mapping[str, JsonValue] | None = None,
    after: Mapping[str, JsonValue] | None,
) -> None:
    """Writes an audit row with the commit.

    `subject` names what was changed, e.g. `promotion:summer`; no value may be personal.

    An `actor` without an id is a service or, where there is none, an operator.
    """
    tx.deferred.insert(
        Audit(
            id=uuid7(),
            at=tx.now,
            actor_id=actor_id_of(actor) if isinstance(actor, Caller) else actor or OPERATOR,
            action=action,
            subject=subject,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
            trace_id=telemetry.trace_id(),
        )
    )


def actor_id_of(caller: Caller) -> UUID:
    """Returns the id under which a caller's writes are recorded.

    Services have names: theirs is a UUID made of the name.
    """
    return caller.subject_id or uuid5(NAMESPACE_URL, f"service:{caller.client_id}")

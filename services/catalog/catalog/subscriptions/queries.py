"""Reads of alerts."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from catalog.channels.model import View
from catalog.subscriptions.model import Alert, AlertKind
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx

_OF_ADDRESS: Final = prepare(
    select(Alert)
    .where(
        col(Alert.email_digest) == bindparam("digest"),
        col(Alert.variant_id) == bindparam("variant_id"),
        col(Alert.kind) == bindparam("kind"),
        col(Alert.channel) == bindparam("channel"),
        col(Alert.currency) == bindparam("currency"),
    )
    .with_for_update()
)
_COUNT: Final = prepare(
    select(func.count()).select_from(Alert).where(col(Alert.email_digest) == bindparam("digest"))
)
_BY_TOKEN: Final = prepare(
    select(Alert).where(col(Alert.token_digest) == bindparam("digest")).with_for_update()
)
_OF_CUSTOMER: Final = prepare(
    select(Alert)
    .where(col(Alert.customer_id) == bindparam("customer_id"), col(Alert.id) < bindparam("before"))
    .order_by(col(Alert.id).desc())
    .limit(bindparam("size"))
)


async def alert_of_address(
    tx: Tx, digest: str, variant_id: UUID, kind: AlertKind, view: View
) -> Alert | None:
    """The alert that an address has, locked."""
    found: Alert | None = await tx.one(
        _OF_ADDRESS,
        digest=digest,
        variant_id=variant_id,
        kind=kind,
        channel=view.channel,
        currency=view.currency,
    )
    return found


async def count_of_address(read: Read, digest: str) -> int:
    """The number of alerts of an address."""
    return await read.one(_COUNT, digest=digest) or 0


async def lock_by_token(tx: Tx, digest: str) -> Alert | None:
    """The alert of a link, locked."""
    found: Alert | None = await tx.one(_BY_TOKEN, digest=digest)
    return found


async def list_alerts(read: Read, customer_id: UUID, *, before: UUID, size: int) -> Sequence[Alert]:
    """A customer's alerts before an id, newest first."""
    found: list[Alert] = await read.all(
        _OF_CUSTOMER, customer_id=customer_id, before=before, size=size
    )
    return found

"""Keeping webhooks, and queuing what they tell. Each change by staff leaves an audit row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import bindparam, delete
from sqlmodel import col

from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import real_now, uuid7
from chassis.runtime.outside import is_web_url
from journey.errors import InvalidWebhook, TooManyWebhooks, WebhookDeliveryNotFound
from journey.insights.model import Insight, Measure
from journey.map_sharing.model import MapRole
from journey.map_sharing.queries import get_sharing
from journey.webhooks.model import (
    BACKOFF,
    KEPT,
    LEASE,
    MOST_ATTEMPTS,
    MOST_WEBHOOKS,
    DeliveryState,
    InsightWebhook,
    WebhookDelivery,
    WebhookSecrets,
)
from journey.webhooks.queries import list_webhooks, lock_due_delivery, lock_webhook

# A webhook that tells nothing is asked again so late.
_ASLEEP: Final = timedelta(hours=1)
_DELETE_OF: Final = prepare(
    delete(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == bindparam("id"))
)
_DELETE_OLD: Final = prepare(
    delete(WebhookDelivery).where(
        col(WebhookDelivery.state) != DeliveryState.WAITING.value,
        col(WebhookDelivery.finished_at) < bindparam("before"),
    )
)


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """The part of a webhook that staff write."""

    name: str
    url: str
    maps: Sequence[str]
    measures: Sequence[Measure]
    is_active: bool = True

    def require_sound(self) -> None:
        """Raises InvalidWebhook for an address that is no https URL."""
        if not is_web_url(self.url, schemes=("https",)):
            said = "is an https URL without a login, encoded"
            raise InvalidWebhook(said, path="url")


async def create_webhook(
    tx: Tx, facts: WebhookFacts, secrets: WebhookSecrets, *, actor_id: UUID
) -> tuple[InsightWebhook, str]:
    """Creates a webhook; returns it with its secret. Raises InvalidWebhook, TooManyWebhooks."""
    facts.require_sound()
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended('insight_webhook', 14))")
    if len(await list_webhooks(tx)) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(most=MOST_WEBHOOKS)
    id = uuid7()
    told, sealed = secrets.create(id)
    row = InsightWebhook(
        id=id,
        name=facts.name,
        url=facts.url,
        secret=sealed,
        maps=[*facts.maps],
        measures=[*facts.measures],
        created_by=actor_id,
        created_at=tx.now,
        changed_at=tx.now,
    )
    await tx.insert(row)
    _audit(tx, row, actor_id, "create_insight_webhook", before=None)
    return row, told


async def put_webhook(
    tx: Tx, id: UUID, facts: WebhookFacts, *, actor_id: UUID, expected_version: int
) -> InsightWebhook:
    """Replaces all of a webhook but its secret. Idempotent.

    Raises InsightWebhookNotFound, InvalidWebhook, VersionMismatch.
    """
    facts.require_sound()
    before = await lock_webhook(tx, id)
    _require_version(before, expected_version)
    row = before.copy_row(
        name=facts.name,
        url=facts.url,
        maps=[*facts.maps],
        measures=[*facts.measures],
        is_active=facts.is_active,
        changed_at=tx.now,
    )
    if _told(row) == _told(before) and row.name == before.name:
        return before
    await tx.update(row)
    _audit(tx, row, actor_id, "put_insight_webhook", before=before)
    return row


async def delete_webhook(tx: Tx, id: UUID, *, actor_id: UUID, expected_version: int) -> None:
    """Deletes a webhook with its deliveries.

    Raises InsightWebhookNotFound, VersionMismatch.
    """
    row = await lock_webhook(tx, id)
    _require_version(row, expected_version)
    await tx.execute(_DELETE_OF, id=id)
    await tx.delete(row)
    record_audit(
        tx,
        actor_id,
        "delete_insight_webhook",
        f"insight_webhook:{id}",
        before=_told(row),
        after=None,
    )


async def resend_delivery(
    tx: Tx, webhook_id: UUID, delivery_id: UUID, *, actor_id: UUID
) -> WebhookDelivery:
    """Queues a delivery anew. Raises WebhookDeliveryNotFound."""
    row = await tx.lock(WebhookDelivery, delivery_id)
    if row is None or row.webhook_id != webhook_id:
        raise WebhookDeliveryNotFound
    again = row.copy_row(
        state=DeliveryState.WAITING, attempts=0, due_at=real_now(), finished_at=None
    )
    await tx.update(again)
    record_audit(
        tx,
        actor_id,
        "resend_webhook_delivery",
        f"insight_webhook:{webhook_id}",
        before={"state": row.state.value},
        after={"delivery_id": str(delivery_id)},
    )
    return again


async def queue_deliveries(tx: Tx, insight: Insight, type: str) -> None:
    """Queues what happened to an insight for each webhook that wants it."""
    sharing = await get_sharing(tx, insight.map_slug)
    is_for_all = sharing.staff_role is not MapRole.NONE
    for webhook in await list_webhooks(tx):
        if not webhook.wants(insight.map_slug, insight.measure, is_for_all=is_for_all):
            continue
        row = WebhookDelivery(
            id=uuid7(),
            webhook_id=webhook.id,
            insight_id=insight.id,
            type=type,
            body={"type": type, "timestamp": tx.now.isoformat(), "data": insight.facts},
            created_at=tx.now,
            due_at=real_now(),
        )
        await tx.insert(row)


async def claim_delivery(tx: Tx) -> tuple[WebhookDelivery, InsightWebhook] | None:
    """Begins an attempt at the next delivery; one of a webhook that tells nothing waits.

    The attempt counts from now on, so that one that ends the process is not made forever.
    """
    now = real_now()
    while (row := await lock_due_delivery(tx, now)) is not None:
        webhook = await tx.get(InsightWebhook, row.webhook_id)
        if webhook is None:
            await tx.delete(row)
        elif not webhook.is_active:
            await tx.update(row.copy_row(due_at=now + _ASLEEP))
        else:
            row.attempts, row.due_at = row.attempts + 1, now + LEASE
            await tx.update(row)
            return row, webhook
    return None


async def finish_attempt(
    tx: Tx, delivery: WebhookDelivery, *, status: int, problem: str
) -> WebhookDelivery | None:
    """Records an attempt: it arrived, is tried again later, or is given up.

    Returns None where it was sent again or deleted meanwhile.
    """
    row = await tx.lock(WebhookDelivery, delivery.id)
    if row is None or row.version != delivery.version or row.state is not DeliveryState.WAITING:
        return None
    now = real_now()
    row.last_status, row.last_problem = status, problem
    if not problem:
        row.state, row.finished_at = DeliveryState.DELIVERED, now
    elif row.attempts >= MOST_ATTEMPTS:
        row.state, row.finished_at = DeliveryState.DEAD, now
    else:
        row.due_at = now + timedelta(seconds=BACKOFF.after(row.attempts))
    await tx.update(row)
    return row


async def delete_old_deliveries(tx: Tx, now: datetime) -> None:
    """Deletes deliveries that ended long ago. `now` is real time."""
    await tx.execute(_DELETE_OLD, before=now - KEPT)


def _require_version(row: InsightWebhook, expected_version: int) -> None:
    if expected_version and row.version != expected_version:
        raise VersionMismatch(version=row.version)


def _audit(
    tx: Tx, row: InsightWebhook, actor_id: UUID, action: str, *, before: InsightWebhook | None
) -> None:
    record_audit(
        tx,
        actor_id,
        action,
        f"insight_webhook:{row.id}",
        before=_told(before) if before else None,
        after=_told(row),
    )


def _told(row: InsightWebhook) -> dict[str, JsonValue]:
    maps: list[JsonValue] = [*row.maps]
    measures: list[JsonValue] = [one.value for one in row.measures]
    return {"url": row.url, "maps": maps, "measures": measures, "is_active": row.is_active}

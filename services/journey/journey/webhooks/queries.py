"""Reads of webhooks and their deliveries."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from journey.errors import InsightWebhookNotFound
from journey.webhooks.model import (
    MOST_WEBHOOKS,
    DeliveryState,
    InsightWebhook,
    WebhookDelivery,
)

_ALL: Final = prepare(
    select(InsightWebhook).order_by(col(InsightWebhook.id).desc()).limit(MOST_WEBHOOKS)
)
_COUNTS: Final = prepare(
    select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count())
    .where(col(WebhookDelivery.state) != DeliveryState.DELIVERED.value)
    .group_by(col(WebhookDelivery.webhook_id), col(WebhookDelivery.state))
)
_NEXT: Final = prepare(
    select(WebhookDelivery)
    .where(
        col(WebhookDelivery.state) == DeliveryState.WAITING.value,
        col(WebhookDelivery.due_at) <= bindparam("now"),
    )
    .order_by(col(WebhookDelivery.due_at))
    .limit(1)
    .with_for_update(skip_locked=True)
)


async def list_webhooks(read: Read) -> list[InsightWebhook]:
    """Returns all webhooks, the newest first."""
    return await read.all(_ALL)


async def get_webhook(read: Read, id: UUID) -> InsightWebhook:
    """Returns a webhook. Raises InsightWebhookNotFound."""
    if (found := await read.get(InsightWebhook, id)) is None:
        raise InsightWebhookNotFound
    return found


async def lock_webhook(tx: Tx, id: UUID) -> InsightWebhook:
    """Returns a webhook, locked. Raises InsightWebhookNotFound."""
    if (found := await tx.lock(InsightWebhook, id)) is None:
        raise InsightWebhookNotFound
    return found


async def count_deliveries(read: Read) -> dict[tuple[UUID, DeliveryState], int]:
    """Returns how many deliveries of each webhook wait or were given up."""
    return {(id, DeliveryState(state)): count for id, state, count in await read.all(_COUNTS)}


async def list_deliveries(
    read: Read,
    webhook_id: UUID,
    *,
    state: DeliveryState | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[WebhookDelivery]:
    """Returns deliveries of a webhook, the newest first."""
    id = col(WebhookDelivery.id)
    query = select(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id)
    if state is not None:
        query = query.where(col(WebhookDelivery.state) == state.value)
    if before is not None:
        query = query.where(id < before)
    return await read.all(query.order_by(id.desc()).limit(limit))


async def lock_due_delivery(tx: Tx, now: datetime) -> WebhookDelivery | None:
    """Returns a delivery whose time has come, locked; None for none."""
    return await tx.one(_NEXT, now=now)

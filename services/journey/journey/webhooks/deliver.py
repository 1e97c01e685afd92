"""Delivering to webhooks: signed, at least once, with growing waits, and given up at last.

Each message has the headers of Standard Webhooks 1.0 (standardwebhooks.com): `webhook-id`, by which
a receiver tells a repeat, `webhook-timestamp`, and `webhook-signature`.
"""

import time
from functools import partial
from typing import Final

from pydantic_core import to_json

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically
from chassis.runtime.outside import (
    IsAllowed,
    OutsideFailed,
    OutsideRefused,
    is_public,
    post_outside,
)
from chassis.runtime.sealing import WrongSeal
from journey import metrics
from journey.webhooks.actions import claim_delivery, delete_old_deliveries, finish_attempt
from journey.webhooks.model import (
    DeliveryState,
    InsightWebhook,
    WebhookDelivery,
    WebhookSecrets,
    signature_of,
)

log = telemetry.log("webhooks")
_LOOK_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 10.0


async def deliver_webhooks(database: Database, secrets: WebhookSecrets) -> None:
    """Delivers until cancelled, through absences of the database."""
    deliver = partial(deliver_due, database, secrets)
    await run_periodically(deliver, every_seconds=_LOOK_SECONDS, name="webhooks")


async def deliver_due(
    database: Database, secrets: WebhookSecrets, *, is_allowed: IsAllowed = is_public
) -> int:
    """Makes an attempt at each delivery whose time has come. Returns how many it made."""
    made = 0
    while True:
        async with database.tx() as tx:
            claimed = await claim_delivery(tx)
        if claimed is None:
            break
        delivery, webhook = claimed
        # No transaction is open while the receiver is asked.
        status, problem = await _send(delivery, webhook, secrets, is_allowed)
        async with database.tx() as tx:
            row = await finish_attempt(tx, delivery, status=status, problem=problem)
        made += 1
        if row is not None:
            metrics.webhook_attempts.labels(
                "failed" if row.state is DeliveryState.WAITING else row.state.value
            ).inc()
        if problem:
            log.warning(
                "a webhook was not delivered",
                webhook_id=str(webhook.id),
                attempts=delivery.attempts,
                problem=problem,
                status=status,
            )
    async with database.tx() as tx:
        await delete_old_deliveries(tx, real_now())
    return made


async def _send(
    delivery: WebhookDelivery,
    webhook: InsightWebhook,
    secrets: WebhookSecrets,
    is_allowed: IsAllowed,
) -> tuple[int, str]:
    """Returns the status of the answer, and why it is none that counts; empty for a good one."""
    body, at, id = to_json(delivery.body), int(time.time()), str(delivery.id)
    try:
        signature = signature_of(secrets.open(webhook), id, at, body)
        status = await post_outside(
            webhook.url,
            body,
            [
                ("Content-Type", "application/json"),
                ("User-Agent", "Sojourn"),
                ("webhook-id", id),
                ("webhook-timestamp", str(at)),
                ("webhook-signature", signature),
            ],
            seconds=_ANSWER_SECONDS,
            is_allowed=is_allowed,
        )
    except OutsideRefused:
        return 0, "inside"
    except OutsideFailed as error:
        return 0, error.reason
    except WrongSeal:
        return 0, "secret"
    return status, "" if 200 <= status < 300 else "status"

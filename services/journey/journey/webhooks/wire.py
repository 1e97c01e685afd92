"""Webhooks and their deliveries as messages."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from chassis.rpc.wire import EnumCodec, timestamp
from journey.insights.wire import MEASURES
from journey.webhooks.actions import WebhookFacts
from journey.webhooks.model import DeliveryState, InsightWebhook, WebhookDelivery
from sojourn.journey.v1 import insights_pb2 as pb

STATES: Final = EnumCodec(pb.DeliveryState, DeliveryState)


def facts_of(
    request: pb.CreateInsightWebhookRequest | pb.PutInsightWebhookRequest,
) -> WebhookFacts:
    """Returns what staff say of a webhook; a new one is active."""
    return WebhookFacts(
        request.name,
        request.url,
        list(dict.fromkeys(request.maps)),
        list(dict.fromkeys(map(MEASURES.decode, request.measures))),
        not isinstance(request, pb.PutInsightWebhookRequest) or request.is_active,
    )


def encode_webhook(
    row: InsightWebhook, counts: Mapping[tuple[UUID, DeliveryState], int]
) -> pb.InsightWebhook:
    return pb.InsightWebhook(
        id=str(row.id),
        version=row.version,
        name=row.name,
        url=row.url,
        maps=row.maps,
        measures=[MEASURES.encode(one) for one in row.measures],
        is_active=row.is_active,
        created_at=timestamp(row.created_at),
        changed_at=timestamp(row.changed_at),
        dead=counts.get((row.id, DeliveryState.DEAD), 0),
        waiting=counts.get((row.id, DeliveryState.WAITING), 0),
    )


def encode_delivery(row: WebhookDelivery) -> pb.WebhookDelivery:
    return pb.WebhookDelivery(
        id=str(row.id),
        webhook_id=str(row.webhook_id),
        insight_id=str(row.insight_id),
        type=row.type,
        state=STATES.encode(row.state),
        attempts=row.attempts,
        last_status=row.last_status,
        last_problem=row.last_problem,
        created_at=timestamp(row.created_at),
        due_at=timestamp(row.due_at if row.state is DeliveryState.WAITING else None),
        finished_at=timestamp(row.finished_at),
    )

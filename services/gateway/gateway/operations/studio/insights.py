"""Insights: what changed on journeys, and the webhooks that tell of it."""

from typing import Final

from pydantic import JsonValue

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.journey.v1.insights_pb2_grpc import (
    InsightServiceServicer,
    InsightWebhookServiceServicer,
)

_READ: Final = staff("journeys.read")
_WRITE: Final = staff("journeys.write")
_WEBHOOKS: Final = "/v1/staff/insight-webhooks"
_DELIVERIES: Final = f"{_WEBHOOKS}/{{webhook_id}}/deliveries"
_WEBHOOK: Final[dict[str, JsonValue]] = {
    "name": "Chat of the shop",
    "url": "https://hooks.example.com/journeys",
    "measures": ["conversion", "errors"],
}
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/insights",
        rpc=rpc(InsightServiceServicer.ListInsights),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 20}),
        text="Significant changes of journeys, those that changed last first: what, since when, "
        "for whom, and the money at risk.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/insights/{id}",
        rpc=rpc(InsightServiceServicer.GetInsight),
        callers=_READ,
        touchpoint=None,
        text="One significant change.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/insight-settings",
        rpc=rpc(InsightServiceServicer.GetInsightSettings),
        callers=_READ,
        touchpoint=None,
        text="Which journey maps are watched, and what counts as a change.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/insight-settings",
        rpc=rpc(InsightServiceServicer.PutInsightSettings),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        example={
            "settings": {
                "maps": ["five-stages"],
                "time_zone": "Europe/Berlin",
                "threshold": 3.5,
                "least_volume": 30,
                "least_change": 0.1,
                "slow_ms": 1000,
            }
        },
        text="Replaces what is watched and what counts as a change.",
    ),
    Endpoint(
        method="GET",
        path=_WEBHOOKS,
        rpc=rpc(InsightWebhookServiceServicer.ListInsightWebhooks),
        callers=_WRITE,
        touchpoint=None,
        text="Webhooks to which insights are told, without their secrets.",
    ),
    Endpoint(
        method="POST",
        path=_WEBHOOKS,
        rpc=rpc(InsightWebhookServiceServicer.CreateInsightWebhook),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        is_secret=True,
        example=_WEBHOOK,
        text="Creates a webhook. The secret by which its messages are signed (Standard Webhooks) "
        "is in this answer alone.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_WEBHOOKS}/{{id}}",
        rpc=rpc(InsightWebhookServiceServicer.PutInsightWebhook),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        example={**_WEBHOOK, "is_active": True},
        text="Replaces all of a webhook but its secret.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_WEBHOOKS}/{{id}}",
        rpc=rpc(InsightWebhookServiceServicer.DeleteInsightWebhook),
        callers=_WRITE,
        touchpoint=None,
        status=204,
        text="Deletes a webhook with what waits for it.",
    ),
    Endpoint(
        method="GET",
        path=_DELIVERIES,
        rpc=rpc(InsightWebhookServiceServicer.ListWebhookDeliveries),
        callers=_WRITE,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 20}),
        text="What a webhook was told, the newest first, with what became of it.",
    ),
    Endpoint(
        method="POST",
        path=f"{_DELIVERIES}/{{delivery_id}}/resend",
        rpc=rpc(InsightWebhookServiceServicer.ResendWebhookDelivery),
        callers=_WRITE,
        touchpoint=None,
        text="Sends a delivery again, also one that was given up.",
    ),
)

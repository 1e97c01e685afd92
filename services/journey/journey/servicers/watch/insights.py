"""Edge of InsightService and InsightWebhookService: what changed, and whom it is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from journey.errors import InsightNotFound, InvalidQuestion, MapNotFound
from journey.insights import wire
from journey.insights.actions import put_settings
from journey.insights.queries import (
    get_insight,
    get_last_judged,
    get_settings,
    list_insights,
    list_maps_of_insights,
)
from journey.map_sharing.model import MapRole
from journey.map_sharing.queries import list_hidden_maps, require_role
from journey.maps.model import get_map
from journey.webhooks import wire as webhook_wire
from journey.webhooks.actions import create_webhook, delete_webhook, put_webhook, resend_delivery
from journey.webhooks.model import WebhookSecrets
from journey.webhooks.queries import (
    count_deliveries,
    get_webhook,
    list_deliveries,
    list_webhooks,
)
from sojourn.journey.v1 import insights_pb2 as pb
from sojourn.journey.v1 import insights_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
_WRITE: Final = "journeys.write"
_USUAL_SIZE: Final = 20


class InsightServicer(Servicer, pb_grpc.InsightServiceServicer):
    """Staff see what changed on maps that they may see."""

    @read(scope=_READ)
    async def ListInsights(
        self, request: pb.ListInsightsRequest, call: Call
    ) -> pb.ListInsightsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        async with call.read() as read:
            hidden = await list_hidden_maps(read, call.caller, await list_maps_of_insights(read))
            found = await list_insights(
                read,
                map=request.map,
                state=wire.STATES.decode(request.state) if request.state else None,
                measure=wire.MEASURES.decode(request.measure) if request.measure else None,
                hidden=sorted(hidden),
                after=_position(request.page.token),
                limit=size + 1,
            )
            judged = await get_last_judged(read)
        page = found[:size]
        last = page[-1] if found[size:] else None
        return pb.ListInsightsResponse(
            insights=[wire.encode_insight(one) for one in page],
            next_page_token=pagination.token_of([last.changed_at.isoformat(), str(last.id)])
            if last
            else "",
            judged_until=str(judged) if judged else "",
        )

    @read(scope=_READ)
    async def GetInsight(self, request: pb.GetInsightRequest, call: Call) -> pb.Insight:
        async with call.read() as read:
            found = await get_insight(read, parse_id(request.id, "id"))
            if await list_hidden_maps(read, call.caller, [found.map_slug]):
                raise InsightNotFound
            return wire.encode_insight(found)

    @read(scope=_READ)
    async def GetInsightSettings(
        self, request: pb.GetInsightSettingsRequest, call: Call
    ) -> pb.InsightSettings:
        async with call.read() as read:
            return wire.encode_settings(await get_settings(read))

    @write(scope=_WRITE)
    async def PutInsightSettings(
        self, request: pb.PutInsightSettingsRequest, call: Call
    ) -> pb.InsightSettings:
        actor_id, settings = call.caller.person_id, wire.settings_of(request.settings)
        async with call.tx() as tx:
            try:
                await _require_maps(tx, settings.maps, call.caller)
            except MapNotFound:
                raise InvalidQuestion("no such map", field="settings.maps") from None
            row = await put_settings(
                tx, settings, actor_id=actor_id, expected_version=request.expected_version
            )
            return wire.encode_settings(row)


class InsightWebhookServicer(Servicer, pb_grpc.InsightWebhookServiceServicer):
    """Staff say where insights are told, and look at what did not arrive."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, secrets: WebhookSecrets
    ) -> None:
        super().__init__(database, verifier)
        self._secrets = secrets

    @read(scope=_WRITE)
    async def ListInsightWebhooks(
        self, request: pb.ListInsightWebhooksRequest, call: Call
    ) -> pb.ListInsightWebhooksResponse:
        async with call.read() as read:
            rows, counts = await list_webhooks(read), await count_deliveries(read)
        return pb.ListInsightWebhooksResponse(
            webhooks=[webhook_wire.encode_webhook(row, counts) for row in rows]
        )

    @write(scope=_WRITE, needs_key=True)
    async def CreateInsightWebhook(
        self, request: pb.CreateInsightWebhookRequest, call: Call
    ) -> pb.CreateInsightWebhookResponse:
        actor_id, facts = call.caller.person_id, webhook_wire.facts_of(request)
        # The reply holds a secret, which is stored nowhere.
        async with call.tx(stores_reply=False) as tx:
            await _require_maps(tx, facts.maps, call.caller)
            row, secret = await create_webhook(tx, facts, self._secrets, actor_id=actor_id)
        return pb.CreateInsightWebhookResponse(
            webhook=webhook_wire.encode_webhook(row, {}), secret=secret
        )

    @write(scope=_WRITE)
    async def PutInsightWebhook(
        self, request: pb.PutInsightWebhookRequest, call: Call
    ) -> pb.InsightWebhook:
        actor_id, facts = call.caller.person_id, webhook_wire.facts_of(request)
        async with call.tx() as tx:
            await _require_maps(tx, facts.maps, call.caller)
            row = await put_webhook(
                tx,
                parse_id(request.id, "id"),
                facts,
                actor_id=actor_id,
                expected_version=request.expected_version,
            )
            return webhook_wire.encode_webhook(row, await count_deliveries(tx))

    @write(scope=_WRITE)
    async def DeleteInsightWebhook(
        self, request: pb.DeleteInsightWebhookRequest, call: Call
    ) -> pb.DeleteInsightWebhookResponse:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            await delete_webhook(
                tx,
                parse_id(request.id, "id"),
                actor_id=actor_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteInsightWebhookResponse()

    @read(scope=_WRITE)
    async def ListWebhookDeliveries(
        self, request: pb.ListWebhookDeliveriesRequest, call: Call
    ) -> pb.ListWebhookDeliveriesResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        position = pagination.position_of(request.page.token, length=1)
        async with call.read() as read:
            webhook = await get_webhook(read, parse_id(request.webhook_id, "webhook_id"))
            found = await list_deliveries(
                read,
                webhook.id,
                state=webhook_wire.STATES.decode(request.state) if request.state else None,
                before=_id(position[0]) if position else None,
                limit=size + 1,
            )
        return pb.ListWebhookDeliveriesResponse(
            deliveries=[webhook_wire.encode_delivery(one) for one in found[:size]],
            next_page_token=pagination.token_of([str(found[size - 1].id)]) if found[size:] else "",
        )

    @write(scope=_WRITE)
    async def ResendWebhookDelivery(
        self, request: pb.ResendWebhookDeliveryRequest, call: Call
    ) -> pb.WebhookDelivery:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            row = await resend_delivery(
                tx,
                parse_id(request.webhook_id, "webhook_id"),
                parse_id(request.delivery_id, "delivery_id"),
                actor_id=actor_id,
            )
            return webhook_wire.encode_delivery(row)


async def _require_maps(read: Read, maps: Sequence[str], caller: Caller) -> None:
    """Raises MapNotFound for a map that is not there for the caller."""
    for slug in maps:
        await get_map(read, slug)
        await require_role(read, slug, caller, MapRole.VIEW)


def _position(token: str) -> tuple[datetime, UUID] | None:
    """Returns the place of the last insight of the page before. Raises InvalidPageToken."""
    if (position := pagination.position_of(token, length=2)) is None:
        return None
    try:
        at = datetime.fromisoformat(str(position[0]))
    except ValueError:
        raise InvalidPageToken from None
    if at.tzinfo is None:
        raise InvalidPageToken
    return at, _id(position[1])


def _id(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidPageToken from None

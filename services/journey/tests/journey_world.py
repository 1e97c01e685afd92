"""A journey service on a real database, with fakes of its peers, and its callers."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as otlp_grpc

from catalog.testing import FakeCatalog
from chassis.data.database import Database
from chassis.events.consumer import Envelope
from chassis.rpc.client import Peer, ServiceTokens
from chassis.rpc.documents import fill
from chassis.runtime.clock import uuid7
from chassis.testing import ServiceUnderTest, Tokens, eur
from checkout.testing import an_order
from identity.testing import FakeIdentity
from journey import handlers
from journey.consents.model import Answer
from journey.feedback.survey_tokens import SurveyTokens
from journey.handlers import Handlers
from journey.journeys.traces import Traces
from journey.peers import Catalog, NotificationsChannel
from journey.servicers.exports import ExportServicer
from journey.servicers.imports import ImportServicer
from journey.servicers.journeys import JourneyServicer
from journey.servicers.mails import MailTouchpointServicer
from journey.servicers.map_comments import MapCommentServicer
from journey.servicers.map_documents import MapDocumentServicer
from journey.servicers.map_sharing import MapSharingServicer
from journey.servicers.people import PeopleServicer
from journey.servicers.questions import QuestionServicer
from journey.servicers.saved_questions import SavedQuestionServicer
from journey.servicers.survey_answers import SurveyAnswerServicer
from journey.servicers.surveys import FollowUpServicer, SurveyServicer
from journey.servicers.touchpoints import TouchpointServicer
from journey.servicers.watch.back_stage import BackStageServicer, MetricsReceiver
from journey.servicers.watch.insights import InsightServicer, InsightWebhookServicer
from journey.settings import Settings
from journey.store.postgres import PostgresStore
from journey.surveys.tokens import InvitationTokens
from journey.touchpoints.model import Touchpoint, derive_touchpoint_id
from journey.touchpoints.record import Recorded, Seen, record_touchpoints
from journey.webhooks.model import WebhookSecrets
from notifications.testing import FakeNotifications
from sojourn.catalog.v1 import catalog_pb2_grpc
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_TOTAL, Total
from sojourn.identity.v1 import identity_pb2_grpc
from sojourn.journey.v1 import (
    back_stage_pb2_grpc,
    events_pb2,
    exports_pb2_grpc,
    imports_pb2_grpc,
    insights_pb2_grpc,
    mails_pb2_grpc,
    map_comments_pb2_grpc,
    map_documents_pb2_grpc,
    map_sharing_pb2_grpc,
    people_pb2_grpc,
    questions_pb2_grpc,
    saved_questions_pb2_grpc,
    surveys_pb2_grpc,
)
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc
from sojourn.notifications.v1 import notifications_pb2_grpc

SECRET = "a secret of at least sixteen"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def settings(**changes: Any) -> Settings:
    return Settings(
        **{
            "catalog_target": "unused",
            "notifications_target": "unused",
            "survey_secret": SECRET,
            "client_id": "journey",
            **changes,
        }
    )


def at(seconds: float) -> datetime:
    """A business time after the start of the test's story."""
    return START + timedelta(seconds=seconds)


def an_id(name: str) -> UUID:
    """The same id for the same name."""
    return derive_touchpoint_id("test", name)


def a_touchpoint(
    kind: str = "product.view",
    *,
    seconds: float = 0,
    visitor: str = "",
    guest: str = "",
    customer: str = "",
    **facts: Any,
) -> Touchpoint:
    defaults: dict[str, Any] = {
        "id": uuid7(),
        "visitor_id": an_id(visitor) if visitor else None,
        "guest_id": an_id(guest) if guest else None,
        "customer_id": an_id(customer) if customer else None,
        "trace_id": None,
        "occurred_at": at(seconds),
        "received_at": at(seconds),
        "duration_ms": None,
        "kind": kind,
        "source": "gateway",
        "channel": "default",
    }
    return Touchpoint(**{**defaults, **facts})


# Answers by their names; empty for none.
CONSENTS: dict[str | int, Any] = {
    "granted": events_pb2.CONSENT_GRANTED,
    "denied": events_pb2.CONSENT_DENIED,
    "": events_pb2.CONSENT_UNSPECIFIED,
}


def from_gateway(
    kind: str = "product.view",
    *,
    seconds: float = 0,
    visitor: str = "V",
    consent: str | int = "granted",
    **facts: Any,
) -> events_pb2.Touchpoint:
    message = events_pb2.Touchpoint(
        **{
            "id": str(uuid7()),
            "visitor_id": str(an_id(visitor)),
            "kind": kind,
            "consent": CONSENTS.get(consent, consent),
            "outcome": events_pb2.OUTCOME_OK,
            "duration_ms": 12,
            "trace_id": "ab" * 16,
            **facts,
        }
    )
    message.occurred_at.FromDatetime(at(seconds))
    return message


def order_placed(order: str = "O", owner: str = "C", cart: str = "K") -> checkout.OrderPlaced:
    """An order of 55.00 EUR, each part named."""
    placed = an_order(
        id=str(an_id(order)),
        owner_id=str(an_id(owner)),
        channel="default",
        email="ana.secret@example.com",
        totals=[Total(type=TOTAL_TYPE_TOTAL, amount=eur(55_00))],
    )
    return checkout.OrderPlaced(order=placed, cart_id=str(an_id(cart)))


@dataclass
class World:
    """The service under test."""

    database: Database
    settings: Settings
    tokens: Tokens
    peer: Peer
    catalog: FakeCatalog
    notifications: FakeNotifications
    timers: dict[str, Any]

    def __post_init__(self) -> None:
        self.touchpoints = pb_grpc.TouchpointServiceStub(self.peer.channel)
        self.journeys = pb_grpc.JourneyServiceStub(self.peer.channel)
        self.people = people_pb2_grpc.PeopleServiceStub(self.peer.channel)
        self.imports = imports_pb2_grpc.ImportServiceStub(self.peer.channel)
        self.mails = mails_pb2_grpc.MailTouchpointServiceStub(self.peer.channel)
        self.survey_staff = surveys_pb2_grpc.SurveyServiceStub(self.peer.channel)
        self.survey_answers = surveys_pb2_grpc.SurveyAnswerServiceStub(self.peer.channel)
        self.follow_ups = surveys_pb2_grpc.FollowUpServiceStub(self.peer.channel)
        self.questions = questions_pb2_grpc.QuestionServiceStub(self.peer.channel)
        self.saved = saved_questions_pb2_grpc.SavedQuestionServiceStub(self.peer.channel)
        self.exports = exports_pb2_grpc.ExportServiceStub(self.peer.channel)
        self.documents = map_documents_pb2_grpc.MapDocumentServiceStub(self.peer.channel)
        self.sharing = map_sharing_pb2_grpc.MapSharingServiceStub(self.peer.channel)
        self.insights = insights_pb2_grpc.InsightServiceStub(self.peer.channel)
        self.webhooks = insights_pb2_grpc.InsightWebhookServiceStub(self.peer.channel)
        self.comments = map_comments_pb2_grpc.MapCommentServiceStub(self.peer.channel)
        self.surveys = SurveyTokens(SECRET)

    @property
    def staff(self) -> str:
        return self.tokens.staff("journeys.read", "journeys.write")

    async def ask(self, method: Any, request: Any, token: str = "", *, key: str = "") -> Any:
        return await self.peer.ask(method, request, authorization=token, key=key or str(uuid7()))

    async def record_touchpoints(
        self, *rows: Touchpoint, answer: Answer = Answer.GRANTED
    ) -> Recorded:
        async with self.database.tx() as tx:
            return await record_touchpoints(
                tx, [Seen(row, answer) for row in rows], self.settings.is_granted_by_default
            )

    async def hear(
        self,
        event: Message,
        *,
        seconds: float = 0,
        visitor: str = "",
        consent: str = "",
        event_id: UUID | None = None,
        trace: str = "cd" * 16,
    ) -> UUID:
        """Handles an event as the consumer does, emitted in a visitor's request."""
        carried = {"visitor": str(an_id(visitor)) if visitor else "", "consent": consent}
        baggage = ",".join(f"{name}={value}" for name, value in carried.items() if value)
        headers = {"baggage": baggage, "traceparent": f"00-{trace}-{'ef' * 8}-01"}
        envelope = Envelope(
            event_id or uuid7(), event.DESCRIPTOR.full_name, "", at(seconds), headers
        )
        async with self.database.tx() as tx:
            await Handlers(self.settings).events[type(event)](tx, event, envelope)
        return envelope.event_id

    async def rows(self, order: str = "occurred_at, id") -> list[Touchpoint]:
        columns = ", ".join(Touchpoint._fields)
        async with self.database.read() as read:
            found = await (await read.connected()).execute(
                f"SELECT {columns} FROM touchpoint ORDER BY {order}".encode()
            )
            return [Touchpoint(*row) for row in await found.fetchall()]

    async def kinds(self) -> list[str]:
        return [row.kind for row in await self.rows()]

    async def persons(self) -> dict[str, str | None]:
        """Returns the owner of each row, by its subject."""
        from journey.touchpoints.model import FROM_TOUCHPOINT, PERSON

        async with self.database.read() as read:
            found = await (await read.connected()).execute(
                f"SELECT t.subject, {PERSON} FROM {FROM_TOUCHPOINT}".encode()
            )
            return dict(await found.fetchall())

    async def journey(self, token: str = "", **request: Any) -> pb.Journey:
        return await self.ask(
            self.journeys.GetJourney, pb.GetJourneyRequest(**request), token or self.staff
        )

    async def funnel(self, **request: Any) -> pb.Funnel:
        return await self.ask(self.journeys.GetFunnel, pb.GetFunnelRequest(**request), self.staff)

    async def put_map(self, slug: str, *stages: Sequence[dict[str, Any]]) -> pb.JourneyMap:
        """A map whose stages have these rules."""
        chart = pb.JourneyMap(slug=slug, name={"en": slug})
        for number, rules in enumerate(stages):
            chart.stages.add(
                slug=f"stage-{number}",
                name={"en": f"Stage {number}"},
                rules=[a_rule(rule) for rule in rules],
            )
        return await self.ask(self.journeys.PutMap, pb.PutMapRequest(map=chart), self.staff)


def a_rule(document: dict[str, Any]) -> pb.Rule:
    """A rule from its document."""
    rule = pb.Rule()
    fill(rule, document)
    return rule


def kinds(*names: str, occurrence: str = "any", after: Sequence[str] = ()) -> dict[str, Any]:
    """A rule."""
    return {
        "when": [{"field": "kind", "any_of": list(names)}],
        "occurrence": occurrence,
        "after": list(after),
    }


@contextlib.asynccontextmanager
async def a_world(database: Database, **changes: Any) -> AsyncIterator[World]:
    chosen = settings(**changes)
    async with ServiceUnderTest(database) as service, contextlib.AsyncExitStack() as exits:
        catalog, notifications = FakeCatalog(service.tokens), FakeNotifications(service.tokens)
        traces = Traces(chosen.trace_api)
        exits.push_async_callback(traces.close)
        verifier = service.tokens.verifier()
        peer = await service.serve(
            partial(
                pb_grpc.add_TouchpointServiceServicer_to_server,
                TouchpointServicer(database, verifier, chosen),
            ),
            partial(
                pb_grpc.add_JourneyServiceServicer_to_server,
                JourneyServicer(database, verifier, chosen, traces, PostgresStore(database)),
            ),
            partial(
                back_stage_pb2_grpc.add_BackStageServiceServicer_to_server,
                BackStageServicer(database, verifier, PostgresStore(database)),
            ),
            partial(
                otlp_grpc.add_MetricsServiceServicer_to_server,
                MetricsReceiver(database, chosen.otlp_token),
            ),
            partial(
                people_pb2_grpc.add_PeopleServiceServicer_to_server,
                PeopleServicer(database, verifier, chosen),
            ),
            partial(
                insights_pb2_grpc.add_InsightServiceServicer_to_server,
                InsightServicer(database, verifier),
            ),
            partial(
                insights_pb2_grpc.add_InsightWebhookServiceServicer_to_server,
                InsightWebhookServicer(database, verifier, WebhookSecrets(chosen.webhook_key)),
            ),
            partial(
                imports_pb2_grpc.add_ImportServiceServicer_to_server,
                ImportServicer(database, verifier),
            ),
            partial(
                questions_pb2_grpc.add_QuestionServiceServicer_to_server,
                QuestionServicer(database, verifier, PostgresStore(database)),
            ),
            partial(
                saved_questions_pb2_grpc.add_SavedQuestionServiceServicer_to_server,
                SavedQuestionServicer(database, verifier, PostgresStore(database)),
            ),
            partial(
                mails_pb2_grpc.add_MailTouchpointServiceServicer_to_server,
                MailTouchpointServicer(database, verifier, chosen),
            ),
            partial(
                surveys_pb2_grpc.add_SurveyServiceServicer_to_server,
                SurveyServicer(database, verifier, PostgresStore(database)),
            ),
            partial(
                surveys_pb2_grpc.add_FollowUpServiceServicer_to_server,
                FollowUpServicer(database, verifier),
            ),
            partial(
                surveys_pb2_grpc.add_SurveyAnswerServiceServicer_to_server,
                SurveyAnswerServicer(database, verifier, chosen),
            ),
            partial(
                map_documents_pb2_grpc.add_MapDocumentServiceServicer_to_server,
                MapDocumentServicer(database, verifier, PostgresStore(database)),
            ),
            partial(
                map_sharing_pb2_grpc.add_MapSharingServiceServicer_to_server,
                MapSharingServicer(database, verifier, PostgresStore(database)),
            ),
            partial(
                map_comments_pb2_grpc.add_MapCommentServiceServicer_to_server,
                MapCommentServicer(database, verifier),
            ),
            partial(
                exports_pb2_grpc.add_ExportServiceServicer_to_server,
                ExportServicer(database, verifier, PostgresStore(database)),
            ),
            name="journey",
        )
        peers = await service.serve(
            partial(catalog_pb2_grpc.add_CatalogServiceServicer_to_server, catalog),
            partial(
                notifications_pb2_grpc.add_NotificationServiceServicer_to_server, notifications
            ),
            partial(
                identity_pb2_grpc.add_IdentityServiceServicer_to_server,
                FakeIdentity(service.tokens, scopes=["notifications.send"]),
            ),
        )
        channel = NotificationsChannel(peers, ServiceTokens(peers, chosen))
        timers = handlers.timers(database, Catalog(peers), channel) | handlers.survey_timers(
            database, channel, InvitationTokens(SECRET)
        )
        yield World(database, chosen, service.tokens, peer, catalog, notifications, timers)


def orders_of(parts: Sequence[Any], most: int = 24) -> list[tuple[Any, ...]]:
    """Some orders of the parts, all of them where they are few."""
    return list(itertools.islice(itertools.permutations(parts), most))

"""The composition root:

main("journey", Settings, build, **commands.COMMANDS, compact=compact_history)
"""

from functools import partial
from typing import Final

from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as otlp_grpc

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from journey import commands, handlers
from journey.ask import ASK
from journey.cleanup import delete_expired
from journey.exports.command import EXPORT
from journey.exports.jobs import run_exports
from journey.funnels.reconcile import RECONCILE
from journey.handlers import Handlers
from journey.history.command import COMPACT
from journey.history.worker import keep_history, store_of, table_of
from journey.imports.jobs import run_imports
from journey.insights.jobs import find_insights
from journey.journeys.traces import Traces
from journey.memory import keep_freed_memory
from journey.objectives.jobs import count_objectives
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
from journey.servicers.seen_products import SeenProductServicer
from journey.servicers.survey_answers import SurveyAnswerServicer
from journey.servicers.surveys import FollowUpServicer, SurveyServicer
from journey.servicers.touchpoints import TouchpointServicer
from journey.servicers.watch.back_stage import BackStageServicer, MetricsReceiver
from journey.servicers.watch.insights import InsightServicer, InsightWebhookServicer
from journey.settings import Settings
from journey.surveys.tokens import InvitationTokens
from journey.touchpoints import stream
from journey.touchpoints.bots import tell_bots
from journey.touchpoints.stream import GatewayTouchpoints
from journey.webhooks.deliver import deliver_webhooks
from journey.webhooks.model import WebhookSecrets
from sojourn.journey.v1 import (
    back_stage_pb2_grpc,
    exports_pb2_grpc,
    insights_pb2_grpc,
    mails_pb2_grpc,
    map_comments_pb2_grpc,
    map_documents_pb2_grpc,
    map_sharing_pb2_grpc,
    questions_pb2_grpc,
    saved_questions_pb2_grpc,
)
from sojourn.journey.v1 import imports_pb2_grpc as imports_grpc
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc
from sojourn.journey.v1 import people_pb2_grpc as people_grpc
from sojourn.journey.v1 import seen_products_pb2_grpc as seen_products_grpc
from sojourn.journey.v1 import surveys_pb2_grpc as surveys_grpc

# A chunk of an import and the one that is read meanwhile are no garbage.
MOST_NEW_OBJECTS: Final = 100_000


def build(settings: Settings) -> Service:
    """The service, ready to run in any role."""
    keep_freed_memory()
    service = Service("journey", settings)
    service.most_new_objects = MOST_NEW_OBJECTS
    database = service.database
    table = table_of(database, settings)
    store = store_of(database, table)
    traces = Traces(settings.trace_api)
    service.on_stop(traces.close)
    pb_grpc.add_TouchpointServiceServicer_to_server(
        TouchpointServicer(database, service.verifier, settings), service.server
    )
    pb_grpc.add_JourneyServiceServicer_to_server(
        JourneyServicer(database, service.verifier, settings, traces, store), service.server
    )
    map_documents_pb2_grpc.add_MapDocumentServiceServicer_to_server(
        MapDocumentServicer(database, service.verifier, store), service.server
    )
    map_sharing_pb2_grpc.add_MapSharingServiceServicer_to_server(
        MapSharingServicer(database, service.verifier, store), service.server
    )
    map_comments_pb2_grpc.add_MapCommentServiceServicer_to_server(
        MapCommentServicer(database, service.verifier), service.server
    )
    back_stage_pb2_grpc.add_BackStageServiceServicer_to_server(
        BackStageServicer(database, service.verifier, store), service.server
    )
    otlp_grpc.add_MetricsServiceServicer_to_server(  # type: ignore[no-untyped-call]  # its stubs have no types
        MetricsReceiver(database, settings.otlp_token), service.server
    )
    insights_pb2_grpc.add_InsightServiceServicer_to_server(
        InsightServicer(database, service.verifier), service.server
    )
    webhook_secrets = WebhookSecrets(settings.webhook_key)
    insights_pb2_grpc.add_InsightWebhookServiceServicer_to_server(
        InsightWebhookServicer(database, service.verifier, webhook_secrets), service.server
    )
    imports_grpc.add_ImportServiceServicer_to_server(
        ImportServicer(database, service.verifier), service.server
    )
    questions_pb2_grpc.add_QuestionServiceServicer_to_server(
        QuestionServicer(database, service.verifier, store), service.server
    )
    saved_questions_pb2_grpc.add_SavedQuestionServiceServicer_to_server(
        SavedQuestionServicer(database, service.verifier, store), service.server
    )
    exports_pb2_grpc.add_ExportServiceServicer_to_server(
        ExportServicer(database, service.verifier, store), service.server
    )
    mails_pb2_grpc.add_MailTouchpointServiceServicer_to_server(
        MailTouchpointServicer(database, service.verifier, settings), service.server
    )
    surveys_grpc.add_SurveyServiceServicer_to_server(
        SurveyServicer(database, service.verifier, store), service.server
    )
    surveys_grpc.add_FollowUpServiceServicer_to_server(
        FollowUpServicer(database, service.verifier), service.server
    )
    surveys_grpc.add_SurveyAnswerServiceServicer_to_server(
        SurveyAnswerServicer(database, service.verifier, settings), service.server
    )
    seen_products_grpc.add_SeenProductServiceServicer_to_server(
        SeenProductServicer(database, service.verifier), service.server
    )
    people_grpc.add_PeopleServiceServicer_to_server(
        PeopleServicer(database, service.verifier, settings), service.server
    )
    service.handle(Handlers(settings).events)
    if settings.notifications_target:
        channel = NotificationsChannel(
            service.peer("notifications", settings.notifications_target), service.tokens
        )
        service.time(
            handlers.timers(
                database, Catalog(service.peer("catalog", settings.catalog_target)), channel
            )
            | handlers.survey_timers(
                database, channel, InvitationTokens(settings.survey_secret.get_secret_value())
            )
        )
    service.consume(stream.DURABLE, GatewayTouchpoints(database, service.broker, settings).run)
    service.beside_working(partial(delete_expired, database, settings))
    service.beside_working(partial(tell_bots, database, settings))
    if table is not None:
        service.beside_working(partial(keep_history, database, table, settings))
    service.beside_working(partial(run_imports, database, settings))
    service.beside_working(partial(run_exports, database, store))
    service.beside_working(partial(find_insights, database, store, settings))
    service.beside_working(partial(count_objectives, database, store, settings))
    service.beside_working(partial(deliver_webhooks, database, webhook_secrets))
    return service


if __name__ == "__main__":
    main(
        "journey",
        Settings,
        build,
        **commands.COMMANDS,
        ask=ASK,
        compact=COMPACT,
        export=EXPORT,
        reconcile=RECONCILE,
    )

"""Edge of BackStageService, and the OTLP receiver that feeds it."""

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as otlp
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as otlp_grpc
from pydantic import SecretStr

from chassis import telemetry
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import Unavailable
from chassis.rpc.server import Call, Servicer, read
from journey.back_stage.model import Measured, Role
from journey.back_stage.otlp import Refusal, read_metrics
from journey.back_stage.store import keep_told, list_operations
from journey.back_stage.view import Behind, ServiceBehind, describe_back_stage
from journey.errors import InvalidQuestion
from journey.map_sharing.queries import require_reader
from journey.maps.model import get_map
from journey.questions.analyses.kind_money import KindMoney
from journey.questions.filters import Filter
from journey.questions.fold import ask
from journey.store.store import TouchpointStore
from journey.touchpoints.acts import EVENT_OF_REQUEST
from journey.wire import time_or_none
from sojourn.journey.v1 import back_stage_pb2 as pb
from sojourn.journey.v1 import back_stage_pb2_grpc as pb_grpc
from sojourn.journey.v1.questions_pb2 import CurrencyAmount

log = telemetry.log("back stage")
_READ: Final = "journeys.read"
_USUAL_TIME: Final = timedelta(days=7)
_USUAL_SLOW_MS: Final = 1_000
_ROLES: Final = {
    Role.SERVER: pb.BACK_STAGE_ROLE_SERVER,
    Role.CLIENT: pb.BACK_STAGE_ROLE_CLIENT,
    Role.PRODUCER: pb.BACK_STAGE_ROLE_PRODUCER,
    Role.CONSUMER: pb.BACK_STAGE_ROLE_CONSUMER,
    Role.INTERNAL: pb.BACK_STAGE_ROLE_INTERNAL,
}
Money = Mapping[str, int]


class BackStageServicer(Servicer, pb_grpc.BackStageServiceServicer):
    """Staff see what stood behind the touchpoints of a map."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._store = store

    @read(scope=_READ)
    async def GetBackStage(self, request: pb.GetBackStageRequest, call: Call) -> pb.BackStage:
        asked, now = request.time_range, self.database.clock.now()
        until = time_or_none(asked, "until") or now
        since = time_or_none(asked, "since") or until - _USUAL_TIME
        if since >= until:
            raise InvalidQuestion("since is before until", field="time_range")
        async with call.read() as read:
            await require_reader(read, request.slug, call.caller)
            chart = await get_map(read, request.slug)
            operations = await list_operations(read, since, until)
        found = describe_back_stage(chart.stages, operations)
        money: Mapping[str, Money] = {}
        if request.with_money and found:
            # The store is asked when no transaction is open: it may take seconds.
            money = await ask(self._store, Filter(since=since, until=until), KindMoney())
        slow_ms = request.slow_ms or _USUAL_SLOW_MS
        return pb.BackStage(
            touchpoints=[_touchpoint(one, slow_ms, _money_of(one.kind, money)) for one in found],
            is_connected=bool(operations),
        )


class MetricsReceiver(otlp_grpc.MetricsServiceServicer):
    """Takes OTLP metrics from a collector that knows the token; without one, from nobody."""

    def __init__(self, database: Database, token: SecretStr) -> None:
        self._database, self._token = database, token.get_secret_value()

    async def Export(
        self, request: otlp.ExportMetricsServiceRequest, context: Any
    ) -> otlp.ExportMetricsServiceResponse:
        """Keeps what a request tells; what is refused of it is named in the answer."""
        headers = dict(context.invocation_metadata() or ())
        given = str(headers.get("authorization", "")).encode()
        if not self._token or not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the collector's token is wrong")
        try:
            told, refused = read_metrics(request, self._database.clock.now())
            async with self._database.tx() as tx:
                await keep_told(tx, request.SerializeToString(deterministic=True), told)
        except Refusal as refusal:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(refusal))
        except Unavailable:
            # A collector repeats it, and a repeat counts once.
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the database is not answering")
        answer = otlp.ExportMetricsServiceResponse()
        if refused:
            log.warning("metrics refused", points=refused)
            answer.partial_success.rejected_data_points = refused
            answer.partial_success.error_message = (
                "histograms of delta temporality in ms or s are taken"
            )
        return answer


def _money_of(kind: str, money: Mapping[str, Money]) -> Money:
    """Returns the money of a kind; of a request, that of the event of its success."""
    events: Mapping[str, str] = {**EVENT_OF_REQUEST}
    return money.get(kind) or money.get(events.get(kind, ""), {})


def _touchpoint(one: Behind, slow_ms: int, money: Money) -> pb.BackStageTouchpoint:
    return pb.BackStageTouchpoint(
        stage=one.stage,
        kind=one.kind,
        services=[_service(service, slow_ms, money) for service in one.services],
        money=_amounts(money, 1.0),
    )


def _service(one: ServiceBehind, slow_ms: int, money: Money) -> pb.BehindService:
    total = one.total
    # A call that failed slowly is one call: errors are told apart by no bucket.
    hurt = min(total.errors + total.slow(slow_ms), total.calls)
    return pb.BehindService(
        name=one.name,
        calls=total.calls,
        errors=total.errors,
        slow=total.slow(slow_ms),
        p50_ms=total.quantile_ms(0.5),
        p95_ms=total.quantile_ms(0.95),
        operations=[
            pb.BackStageOperation(
                name=operation.name,
                role=_ROLES[operation.role],
                trace_ids=[trace for _, trace in measured.traces],
                **_figures(measured, slow_ms),
            )
            for operation, measured in one.operations
        ],
        at_risk=_amounts(money, hurt / total.calls) if hurt else [],
    )


def _figures(measured: Measured, slow_ms: int) -> dict[str, Any]:
    return {
        "calls": measured.calls,
        "errors": measured.errors,
        "slow": measured.slow(slow_ms),
        "p50_ms": measured.quantile_ms(0.5),
        "p95_ms": measured.quantile_ms(0.95),
    }


def _amounts(money: Money, share: float) -> list[CurrencyAmount]:
    return [
        CurrencyAmount(currency=currency, amount_minor=round(minor * share))
        for currency, minor in sorted(money.items())
    ]

"""Edge of MailTouchpointService."""

from chassis import telemetry
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, write
from chassis.rpc.wire import EnumCodec
from journey import metrics
from journey import wire as messages
from journey.errors import InvalidMailToken
from journey.mails.actions import Proxy, record_mail_touchpoint
from journey.mails.tokens import read_mail_token
from journey.settings import Settings
from journey.touchpoints.model import MOST_DEVICE, Source, clean_text
from sojourn.journey.v1 import mails_pb2 as pb
from sojourn.journey.v1 import mails_pb2_grpc as pb_grpc

_PROXIES = EnumCodec(pb.MailProxy, Proxy, unspecified=Proxy.NONE)


class MailTouchpointServicer(Servicer, pb_grpc.MailTouchpointServiceServicer):
    """Opens and clicks, by the tokens in mails."""

    def __init__(self, database: Database, verifier: TokenVerifier, settings: Settings) -> None:
        super().__init__(database, verifier)
        self._settings = settings

    @write(public=True)
    async def RecordMailTouchpoint(
        self, request: pb.RecordMailTouchpointRequest, call: Call
    ) -> pb.RecordMailTouchpointResponse:
        secret = self._settings.survey_secret.get_secret_value()
        if (act := read_mail_token(secret, request.token)) is None:
            raise InvalidMailToken
        if not request.is_prefetch and not call.caller.is_synthetic:
            async with call.tx(stores_reply=False) as tx:
                recorded = await record_mail_touchpoint(
                    tx,
                    act,
                    device=clean_text(request.device, MOST_DEVICE),
                    proxy=_PROXIES.decode(request.proxy),
                    answer=messages.CONSENTS.decode(request.consent),
                    is_granted_by_default=self._settings.is_granted_by_default,
                    trace_id=messages.trace_of(telemetry.trace_id()),
                )
            metrics.count(Source.EVENT, recorded)
        return pb.RecordMailTouchpointResponse(path=act.path)

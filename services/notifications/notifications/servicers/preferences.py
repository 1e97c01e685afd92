"""The gRPC edge of preferences and opt-ins."""

from uuid import UUID

from chassis.data.database import Database
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.errors import Denied
from chassis.rpc.server import Call, Servicer, read, write
from notifications import metrics
from notifications.codecs import TOPICS
from notifications.opt_ins.actions import confirm_address
from notifications.preferences.actions import set_preferences, unsubscribe
from notifications.preferences.queries import get_preferences
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.preferences.wire import encode_preferences
from sojourn.notifications.v1 import notifications_pb2 as pb
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc


class PreferenceServicer(Servicer, pb_grpc.PreferenceServiceServicer):
    """Topics that an address wants mail about, and confirmations of addresses."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, tokens: UnsubscribeTokens
    ) -> None:
        super().__init__(database, verifier)
        self._tokens = tokens

    @read()
    async def GetPreferences(self, request: pb.GetPreferencesRequest, call: Call) -> pb.Preferences:
        customer_id = _require_customer(call.caller)
        async with call.read() as read:
            return encode_preferences(await get_preferences(read, customer_id))

    @write()
    async def SetPreferences(self, request: pb.SetPreferencesRequest, call: Call) -> pb.Preferences:
        customer_id = _require_customer(call.caller)
        async with call.tx() as tx:
            wanted = await set_preferences(tx, customer_id, request.wanted)
        return encode_preferences(wanted)

    @write(public=True)
    async def Unsubscribe(
        self, request: pb.UnsubscribeRequest, call: Call
    ) -> pb.UnsubscribeResponse:
        # The action is idempotent, so the reply need not be stored.
        async with call.tx(stores_reply=False) as tx:
            topic = await unsubscribe(tx, request.token, self._tokens)
        metrics.unsubscribes.labels(topic).inc()
        return pb.UnsubscribeResponse(topic=TOPICS.encode(topic))

    @write(public=True)
    async def ConfirmAddress(
        self, request: pb.ConfirmAddressRequest, call: Call
    ) -> pb.ConfirmAddressResponse:
        # The action is idempotent, so the reply need not be stored.
        async with call.tx(stores_reply=False) as tx:
            await confirm_address(tx, request.token)
        metrics.confirmations.inc()
        return pb.ConfirmAddressResponse()


def _require_customer(caller: Caller) -> UUID:
    """Returns the id of the customer who calls, or for whom a service calls. Raises Denied."""
    if caller.kind not in ("customer", "service"):
        raise Denied("only customers have preferences", kind=caller.kind)
    return caller.shopper_id

"""The gRPC edge of delegations."""

from chassis.rpc.server import Call, Servicer, write
from identity.delegations.actions import delegate_session
from identity.delegations.wire import decode_delegation, encode_delegated_session
from identity.wiring import Wiring
from sojourn.identity.v1 import delegations_pb2 as pb
from sojourn.identity.v1 import delegations_pb2_grpc as pb_grpc


class DelegationServicer(Servicer, pb_grpc.DelegationServiceServicer):
    """Tokens with which staff act in the place of shoppers. No reply is stored."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)
        self._issuer = wiring.issuer

    @write(scope="orders.place")
    async def DelegateSession(
        self, request: pb.DelegateSessionRequest, call: Call
    ) -> pb.DelegatedSession:
        delegation = decode_delegation(request)
        async with call.tx(stores_reply=False) as tx:
            token = await delegate_session(tx, delegation, self._issuer, actor=call.caller)
        return encode_delegated_session(delegation, token, self._issuer.access_token_seconds)

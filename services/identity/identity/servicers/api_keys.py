"""The gRPC edge of API keys, for staff."""

from typing import Final
from uuid import UUID

from chassis.rpc.errors import Denied
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from identity.api_keys.actions import create_api_key, revoke_api_key
from identity.api_keys.queries import list_api_keys
from identity.api_keys.wire import API_KEY_ROLES, encode_api_key
from identity.wiring import Wiring
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc

SCOPE: Final = "api_keys.write"


class ApiKeyServicer(Servicer, pb_grpc.ApiKeyServiceServicer):
    """API keys of machines. A reply may hold the text of a key, so no reply is stored."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)

    @write(scope=SCOPE, needs_key=True)
    async def CreateApiKey(
        self, request: pb.CreateApiKeyRequest, call: Call
    ) -> pb.CreateApiKeyResponse:
        staff_id, role = _staff_id(call), API_KEY_ROLES.decode(request.role)
        async with call.tx(stores_reply=False) as tx:
            key, text = await create_api_key(
                tx, name=request.name, role=role, staff_id=staff_id, idempotency_key=call.key
            )
        if not text:
            call.answers_again()
        return pb.CreateApiKeyResponse(key=encode_api_key(key), api_key=text)

    @read(scope=SCOPE)
    async def ListApiKeys(
        self, request: pb.ListApiKeysRequest, call: Call
    ) -> pb.ListApiKeysResponse:
        async with call.read() as read:
            keys = await list_api_keys(read)
        return pb.ListApiKeysResponse(keys=[encode_api_key(key) for key in keys])

    @write(scope=SCOPE)
    async def RevokeApiKey(self, request: pb.RevokeApiKeyRequest, call: Call) -> pb.ApiKey:
        staff_id, key_id = _staff_id(call), parse_id(request.key_id)
        async with call.tx() as tx:
            key = await revoke_api_key(tx, key_id, staff_id=staff_id)
        return encode_api_key(key)


def _staff_id(call: Call) -> UUID:
    """Returns the id of the calling staff member, for the audit. Raises Denied."""
    if call.caller.kind != "staff" or call.caller.subject_id is None:
        raise Denied("only staff members change keys", kind=call.caller.kind)
    return call.caller.subject_id

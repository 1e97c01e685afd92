"""The gRPC edge of API keys, for staff."""

from typing import Final
from uuid import UUID

from chassis.rpc.errors import Denied
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from identity.api_keys import actions as keying
from identity.api_keys import model as api_keys
from identity.customers import wire as messages
from identity.wiring import Parts
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc

SCOPE: Final = "api_keys.write"


class ApiKeyServicer(Servicer, pb_grpc.ApiKeyServiceServicer):
    """Keys of machines. A reply may hold a key, so that none is stored."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.database, parts.verifier)

    @write(scope=SCOPE, needs_key=True)
    async def CreateApiKey(self, request: pb.CreateApiKeyRequest, call: Call) -> pb.CreateApiKeyResponse:
        staff_id, role = _staff(call), messages.ROLES.decode(request.role)
        async with call.tx(stores_reply=False) as tx:
            key, text = await keying.create(tx, name=request.name, role=role, staff_id=staff_id, idempotency_key=call.key)
        if not text:
            call.answers_again()
        return pb.CreateApiKeyResponse(key=messages.api_key(key), api_key=text)

    @read(scope=SCOPE)
    async def ListApiKeys(self, request: pb.ListApiKeysRequest, call: Call) -> pb.ListApiKeysResponse:
        async with call.read() as read:
            found = await api_keys.newest(read)
        return pb.ListApiKeysResponse(keys=[messages.api_key(key) for key in found])

    @write(scope=SCOPE)
    async def RevokeApiKey(self, request: pb.RevokeApiKeyRequest, call: Call) -> pb.ApiKey:
        staff_id, key_id = _staff(call), parse_id(request.key_id)
        async with call.tx() as tx:
            key = await keying.revoke(tx, key_id, staff_id=staff_id)
        return messages.api_key(key)


def _staff(call: Call) -> UUID:
    """Who changes keys: a person, whom the audit names."""
    if call.caller.kind != "staff" or call.caller.subject_id is None:
        raise Denied("only people change keys", kind=call.caller.kind)
    return call.caller.subject_id

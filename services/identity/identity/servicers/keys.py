"""The gRPC edge of signing keys."""

from chassis.rpc.server import Call, Servicer, write
from identity import metrics
from identity.signing_keys.actions import rotate_keys
from identity.wiring import Wiring
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc


class KeyServicer(Servicer, pb_grpc.KeyServiceServicer):
    """Keys that sign tokens. The caller needs the scope `keys.rotate`."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)
        self._wiring = wiring

    @write(scope="keys.rotate", needs_key=True)
    async def RotateKeys(self, request: pb.RotateKeysRequest, call: Call) -> pb.RotateKeysResponse:
        settings = self._wiring.settings
        async with call.tx() as tx:
            key = await rotate_keys(
                tx,
                self._wiring.vault,
                token_seconds=settings.access_token_seconds,
                publish_delay_seconds=settings.key_publish_delay_seconds,
            )
        metrics.keys_rotated.inc()
        return pb.RotateKeysResponse(key_id=str(key.id))

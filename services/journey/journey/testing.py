"""A fake of journey for other services' tests.

`tests/integration/test_contract.py` and `test_import_contract.py` hold it to what the real service
does.
"""

from chassis.rpc.errors import Invalid
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call
from chassis.runtime.clock import uuid7
from chassis.testing import Calls, FakePeer, Tokens, answers
from sojourn.journey.v1 import events_pb2, imports_pb2, imports_pb2_grpc
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc


class InvalidTouchpoint(Invalid): ...


class FakeTouchpoints(FakePeer, pb_grpc.TouchpointServiceServicer):
    """Touchpoints by id, each with an id, and the visitors who were named, in order."""

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.recorded: dict[str, pb.BeaconTouchpoint] = {}
        self.visitors: list[str] = []

    @answers(public=True)
    async def RecordTouchpoints(
        self, request: pb.RecordTouchpointsRequest, call: Call
    ) -> pb.RecordTouchpointsResponse:
        if call.caller.is_synthetic or request.consent == events_pb2.CONSENT_DENIED:
            return pb.RecordTouchpointsResponse(refused=len(request.touchpoints))
        self.visitors.append(str(parse_id(request.visitor_id, "visitor_id")))
        new = {each.id: each for each in request.touchpoints if each.id not in self.recorded}
        self.recorded.update(new)
        return pb.RecordTouchpointsResponse(stored=len(new))

    @answers(public=True)
    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, call: Call
    ) -> pb.WithdrawConsentResponse:
        self.visitors.append(str(parse_id(request.visitor_id, "visitor_id")))
        return pb.WithdrawConsentResponse()


class FakeImports(FakePeer, imports_pb2_grpc.ImportServiceServicer):
    """Imports whose parts are kept by number, and that never run."""

    service = "journey"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.parts: dict[int, bytes] = {}

    @answers(scope="journeys.write", needs_key=True)
    async def CreateImport(
        self, request: imports_pb2.CreateImportRequest, call: Call
    ) -> imports_pb2.Import:
        return self._import(str(uuid7()), request.options)

    @answers(scope="journeys.write")
    async def AddImportPart(
        self, request: imports_pb2.AddImportPartRequest, call: Call
    ) -> imports_pb2.Import:
        self.parts[request.number] = request.content
        return self._import(request.id)

    @answers(scope="journeys.write")
    async def StartImport(
        self, request: imports_pb2.StartImportRequest, call: Call
    ) -> imports_pb2.Import:
        return self._import(request.id)

    def _import(
        self, id: str, options: imports_pb2.ImportOptions | None = None
    ) -> imports_pb2.Import:
        received = sum(map(len, self.parts.values()))
        message = imports_pb2.Import(id=id, options=options, bytes_received=received)
        message.state = imports_pb2.IMPORT_STATE_RECEIVING
        message.created_at.GetCurrentTime()
        return message

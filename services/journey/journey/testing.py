"""A fake of journey for other services' tests.

`tests/integration/test_contract.py` holds it to what the real service does.
"""

from chassis.rpc.errors import Invalid
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call
from chassis.testing import Calls, FakePeer, Tokens, answers
from sojourn.journey.v1 import events_pb2
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

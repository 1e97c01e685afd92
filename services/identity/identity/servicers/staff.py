"""The gRPC edge of staff members, for their colleagues."""

from typing import Final

from chassis import pagination
from chassis.rpc.server import Call, Servicer, read
from identity.staff.queries import list_staff
from identity.wiring import Wiring
from sojourn.identity.v1 import staff_pb2 as pb
from sojourn.identity.v1 import staff_pb2_grpc as pb_grpc

SCOPE: Final = "staff.read"
_USUAL_SIZE: Final = 50


class StaffServicer(Servicer, pb_grpc.StaffServiceServicer):
    """Members of the staff."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)

    @read(scope=SCOPE)
    async def ListStaffMembers(
        self, request: pb.ListStaffMembersRequest, call: Call
    ) -> pb.ListStaffMembersResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        after = pagination.code_of(request.page.token)
        async with call.read() as read:
            found = await list_staff(read, after=after, limit=size + 1)
        members, has_more = found[:size], len(found) > size
        return pb.ListStaffMembersResponse(
            members=[
                pb.StaffMember(id=str(one.id), email=one.email, role=one.role) for one in members
            ],
            next_page_token=pagination.token_of([members[-1].email]) if has_more else "",
        )

"""Members of the staff, as their colleagues find them."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import Endpoint
from sojourn.identity.v1.staff_pb2_grpc import StaffServiceServicer

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/members",
        rpc=rpc(StaffServiceServicer.ListStaffMembers),
        callers=staff("staff.read"),
        touchpoint=None,
        text="Members of the staff by e-mail address, with their roles.",
    ),
)

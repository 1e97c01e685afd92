"""PaymentDisputeService."""

from chassis import pagination
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read
from checkout.disputes import messages
from checkout.disputes.queries import list_disputes
from checkout.errors.orders import OrderNotFound
from sojourn.checkout.v1 import disputes_pb2 as pb
from sojourn.checkout.v1 import disputes_pb2_grpc as pb_grpc


class PaymentDisputeServicer(Servicer, pb_grpc.PaymentDisputeServiceServicer):
    """Disputes for staff."""

    @read(scope="orders.read", or_scope="orders.write")
    async def ListPaymentDisputes(
        self, request: pb.ListPaymentDisputesRequest, call: Call
    ) -> pb.ListPaymentDisputesResponse:
        size = pagination.size_of(request.page.size, default=50)
        position = pagination.position_of(request.page.token, length=1)
        async with call.read() as found:
            disputes = await list_disputes(
                found,
                status=messages.STATUSES.decode(request.status) if request.status else None,
                before=parse_id_or(str(position[0]), OrderNotFound()) if position else None,
                limit=size + 1,
            )
        page = disputes[:size]
        token = pagination.token_of([page[-1].id]) if len(disputes) > size else ""
        return pb.ListPaymentDisputesResponse(
            disputes=map(messages.dispute_to_proto, page), next_page_token=token
        )

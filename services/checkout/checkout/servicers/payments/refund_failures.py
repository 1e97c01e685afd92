"""RefundFailureService."""

from chassis import pagination
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.errors.payments import RefundNotFound
from checkout.refund_failures.actions import pay_refund_otherwise, retry_refund
from checkout.refund_failures.messages import failed_refund_to_proto
from checkout.refund_failures.queries import list_failed_refunds
from sojourn.checkout.v1 import refund_failures_pb2 as pb
from sojourn.checkout.v1 import refund_failures_pb2_grpc as pb_grpc


class RefundFailureServicer(Servicer, pb_grpc.RefundFailureServiceServicer):
    """Failed refunds for staff."""

    @read(scope="orders.read", or_scope="orders.write")
    async def ListFailedRefunds(
        self, request: pb.ListFailedRefundsRequest, call: Call
    ) -> pb.ListFailedRefundsResponse:
        size = pagination.size_of(request.page.size, default=50)
        position = pagination.position_of(request.page.token, length=1)
        async with call.read() as found:
            refunds = await list_failed_refunds(
                found,
                before=parse_id_or(str(position[0]), RefundNotFound()) if position else None,
                limit=size + 1,
            )
        page = refunds[:size]
        token = pagination.token_of([page[-1][0].id]) if len(refunds) > size else ""
        return pb.ListFailedRefundsResponse(
            refunds=[failed_refund_to_proto(*each) for each in page], next_page_token=token
        )

    @write(scope="orders.write")
    async def RetryRefund(self, request: pb.RetryRefundRequest, call: Call) -> pb.FailedRefund:
        refund_id = parse_id_or(request.refund_id, RefundNotFound())
        async with call.tx() as tx:
            found = await retry_refund(tx, refund_id, caller=call.caller)
        return failed_refund_to_proto(*found)

    @write(scope="orders.write")
    async def PayRefundOtherwise(
        self, request: pb.PayRefundOtherwiseRequest, call: Call
    ) -> pb.FailedRefund:
        refund_id = parse_id_or(request.refund_id, RefundNotFound())
        async with call.tx() as tx:
            found = await pay_refund_otherwise(
                tx, refund_id, reference=request.reference, caller=call.caller
            )
        return failed_refund_to_proto(*found)

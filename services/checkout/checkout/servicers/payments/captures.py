"""PaymentCaptureService."""

from chassis import pagination
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.captures import messages
from checkout.captures.actions import retry_capture
from checkout.captures.queries import list_authorizations, list_captures
from checkout.errors.payments import PaymentCaptureNotFound
from sojourn.checkout.v1 import payment_captures_pb2 as pb
from sojourn.checkout.v1 import payment_captures_pb2_grpc as pb_grpc

_USUAL = 50


class PaymentCaptureServicer(Servicer, pb_grpc.PaymentCaptureServiceServicer):
    """Captures with shipments, for staff."""

    @read(scope="orders.read", or_scope="orders.write")
    async def ListPaymentCaptures(
        self, request: pb.ListPaymentCapturesRequest, call: Call
    ) -> pb.ListPaymentCapturesResponse:
        size = pagination.size_of(request.page.size, default=_USUAL)
        position = pagination.position_of(request.page.token, length=1)
        async with call.read() as found:
            captures = await list_captures(
                found,
                status=messages.STATUSES.decode(request.status) if request.status else None,
                before=parse_id_or(str(position[0]), PaymentCaptureNotFound())
                if position
                else None,
                limit=size + 1,
            )
        page = captures[:size]
        token = pagination.token_of([page[-1].id]) if len(captures) > size else ""
        return pb.ListPaymentCapturesResponse(
            captures=map(messages.capture_to_proto, page), next_page_token=token
        )

    @write(scope="orders.write")
    async def RetryPaymentCapture(
        self, request: pb.RetryPaymentCaptureRequest, call: Call
    ) -> pb.PaymentCapture:
        capture_id = parse_id_or(request.capture_id, PaymentCaptureNotFound())
        async with call.tx() as tx:
            capture = await retry_capture(tx, capture_id, caller=call.caller)
        return messages.capture_to_proto(capture)

    @read(scope="orders.read", or_scope="orders.write")
    async def ListPaymentAuthorizations(
        self, request: pb.ListPaymentAuthorizationsRequest, call: Call
    ) -> pb.ListPaymentAuthorizationsResponse:
        async with call.read() as found:
            held = await list_authorizations(found, limit=request.limit or _USUAL)
        return pb.ListPaymentAuthorizationsResponse(
            authorizations=[messages.authorization_to_proto(*each) for each in held]
        )

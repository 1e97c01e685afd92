"""Edge of SeenProductService."""

from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read
from journey.seen_products.queries import list_seen_products
from journey.servicers.touchpoints import require_own
from sojourn.journey.v1 import seen_products_pb2 as pb
from sojourn.journey.v1 import seen_products_pb2_grpc as pb_grpc

_USUAL: int = 20


class SeenProductServicer(Servicer, pb_grpc.SeenProductServiceServicer):
    """Products that visitors looked at."""

    @read(public=True)
    async def ListSeenProducts(
        self, request: pb.ListSeenProductsRequest, call: Call
    ) -> pb.ListSeenProductsResponse:
        if call.caller.is_synthetic:
            return pb.ListSeenProductsResponse()
        visitor_id, caller = parse_id(request.visitor_id, "visitor_id"), call.caller
        async with call.read() as read:
            await require_own(read, visitor_id, caller)
            customer_id = caller.subject_id if caller.kind == "customer" else None
            slugs = await list_seen_products(
                read, visitor_id, customer_id, most=request.most or _USUAL
            )
        return pb.ListSeenProductsResponse(slugs=slugs)

"""The edge of staff who change promotions."""

from uuid import UUID

from cart.promotions.actions import put_promotion
from cart.promotions.queries import list_promotions
from cart.promotions.wire import promotion_from_proto, promotion_to_proto
from chassis import pagination
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc

PROMOTION_SCOPE = "promotions.write"


class PromotionServicer(Servicer, pb_grpc.PromotionServiceServicer):
    """Promotions for staff."""

    @write(scope=PROMOTION_SCOPE, needs_key=True)
    async def PutPromotion(self, request: pb.PutPromotionRequest, call: Call) -> pb.Promotion:
        actor_id = call.caller.person_id
        draft = promotion_from_proto(request.promotion)
        async with call.tx() as tx:
            promotion = await put_promotion(
                tx, draft, actor_id=actor_id, expected_version=request.expected_version
            )
        return promotion_to_proto(promotion)

    @read(scope=PROMOTION_SCOPE)
    async def ListPromotions(
        self, request: pb.ListPromotionsRequest, call: Call
    ) -> pb.ListPromotionsResponse:
        size = pagination.size_of(request.page.size, default=50)
        position = pagination.position_of(request.page.token, length=1)
        try:
            before = UUID(str(position[0])) if position else None
        except ValueError:
            raise InvalidPageToken from None
        async with call.read() as read:
            found = await list_promotions(read, before=before, limit=size + 1)
        page, has_more = found[:size], len(found) > size
        return pb.ListPromotionsResponse(
            promotions=[promotion_to_proto(promotion) for promotion in page],
            next_page_token=pagination.token_of([str(page[-1].id)]) if has_more else "",
        )

"""OrderReviewService."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.errors.orders import OrderNotFound
from checkout.fraud import wire
from checkout.fraud.model import OrderRisk, ReviewStatus
from checkout.fraud.queries import get_review, list_reviews
from checkout.fraud.reviews import reject_review, release_review
from checkout.orders.queries import find_orders
from checkout.payments.queries import find_payments
from checkout.servicers.waits import Patience, wait_for_order
from checkout.wiring import Components
from sojourn.checkout.v1 import fraud_pb2 as pb
from sojourn.checkout.v1 import fraud_pb2_grpc as pb_grpc

_READ: Final = "orders.read"
_WRITE: Final = "orders.write"


class OrderReviewServicer(Servicer, pb_grpc.OrderReviewServiceServicer):
    """The review queue of staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components
        self._lease_seconds = components.settings.resume_after_seconds

    @read(scope=_READ, or_scope=_WRITE)
    async def ListOrderReviews(
        self, request: pb.ListOrderReviewsRequest, call: Call
    ) -> pb.ListOrderReviewsResponse:
        size = pagination.size_of(request.page.size, default=50)
        position = pagination.position_of(request.page.token, length=1)
        status = request.status or pb.ORDER_REVIEW_STATUS_OPEN
        async with call.read() as found:
            risks = await list_reviews(
                found,
                status=wire.REVIEW_STATUSES.decode(status),
                channel=request.channel,
                after=_order_id(str(position[0])) if position else None,
                limit=size + 1,
            )
            shown = await _shown(found, risks[:size])
        token = pagination.token_of([risks[size - 1].order_id]) if len(risks) > size else ""
        return pb.ListOrderReviewsResponse(reviews=shown, next_page_token=token)

    @read(scope=_READ, or_scope=_WRITE)
    async def GetOrderReview(self, request: pb.GetOrderReviewRequest, call: Call) -> pb.OrderReview:
        return await self._answer(_order_id(request.order_id), call)

    @write(scope=_WRITE)
    async def ReleaseOrderReview(
        self, request: pb.ReleaseOrderReviewRequest, call: Call
    ) -> pb.OrderReview:
        order_id = _order_id(request.order_id)
        async with self.database.tx() as tx:
            await release_review(
                tx,
                order_id,
                caller=call.caller,
                expected_version=request.expected_version,
                lease_seconds=self._lease_seconds,
            )
        components, patience = self._components, self._patience(call)
        components.background.start(order_id, partial(components.reviews.complete, order_id))
        find = partial(_find_ended, order_id=order_id)
        await components.background.wait_until(order_id, find, within=patience.seconds_left)
        return await self._answer(order_id, call)

    @write(scope=_WRITE)
    async def RejectOrderReview(
        self, request: pb.RejectOrderReviewRequest, call: Call
    ) -> pb.OrderReview:
        order_id = _order_id(request.order_id)
        async with self.database.tx() as tx:
            await reject_review(
                tx,
                order_id,
                caller=call.caller,
                expected_version=request.expected_version,
                lease_seconds=self._lease_seconds,
            )
        components = self._components
        components.background.start(order_id, partial(components.cancellations.complete, order_id))
        await wait_for_order(components, order_id, call, self._patience(call))
        return await self._answer(order_id, call)

    def _patience(self, call: Call) -> Patience:
        return Patience(self._components.settings.complete_wait_seconds, call)

    async def _answer(self, order_id: UUID, call: Call) -> pb.OrderReview:
        async with call.read() as found:
            [shown] = await _shown(found, [await get_review(found, order_id)])
        return shown


async def _find_ended(read: Read, *, order_id: UUID) -> OrderRisk | None:
    risk = await get_review(read, order_id)
    return risk if risk.status is not ReviewStatus.RELEASING else None


async def _shown(found: Read, risks: Sequence[OrderRisk]) -> list[pb.OrderReview]:
    """Returns reviews as messages; one whose order cannot be read is left out."""
    ids = [risk.order_id for risk in risks]
    orders = await find_orders(found, ids)
    payments = await find_payments(found, ids)
    return [
        wire.review_to_proto(
            risk, order, [each for each in payments if each.order_id == risk.order_id]
        )
        for risk in risks
        if (order := orders.get(risk.order_id)) is not None
    ]


def _order_id(text: str) -> UUID:
    return parse_id_or(text, OrderNotFound())

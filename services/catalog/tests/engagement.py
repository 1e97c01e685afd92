"""Customers beside products: what they bought, and what they write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from catalog import handlers
from catalog.related.together import TogetherSettings
from chassis.data.database import Database
from chassis.data.inbox import claim_events
from chassis.events.consumer import Envelope
from chassis.runtime.clock import uuid7
from services.catalog.tests.catalog_replica import Replica
from sojourn.catalog.v1 import reviews_pb2 as pb
from sojourn.catalog.v1 import reviews_pb2_grpc as pb_grpc
from sojourn.checkout.v1.checkout_pb2 import Order, OrderLine
from sojourn.checkout.v1.events_pb2 import OrderCancelled, OrderPlaced
from sojourn.common.v1.line_item_pb2 import LineItem

HANDLERS = handlers.events(TogetherSettings())


async def deliver(database: Database, *events: Message, times: int = 1) -> None:
    """Delivers events in one transaction a time, each under one id, as the consumer does."""
    envelopes = [
        Envelope(uuid7(), event.DESCRIPTOR.full_name, "", datetime(2026, 1, 1, tzinfo=UTC), {})
        for event in events
    ]
    for _ in range(times):
        async with database.tx() as tx:
            new = await claim_events(tx, [each.event_id for each in envelopes])
            for event, envelope in zip(events, envelopes, strict=True):
                if envelope.event_id in new:
                    await HANDLERS[type(event)](tx, event, envelope)


def an_order(buyer: UUID, product_ids: Sequence[str], *, order_id: str = "") -> Order:
    return Order(
        id=order_id or str(uuid7()),
        owner_id=str(buyer),
        lines=[OrderLine(item=LineItem(product_id=each)) for each in product_ids],
    )


def placed(order: Order) -> OrderPlaced:
    return OrderPlaced(order=order)


def cancelled(order: Order) -> OrderCancelled:
    return OrderCancelled(order=order)


@dataclass
class Reviews:
    """The review services of a replica."""

    shop: Replica

    def __post_init__(self) -> None:
        self.public = self.shop.peer.stub(pb_grpc.ReviewServiceStub)
        self.admin = self.shop.peer.stub(pb_grpc.ReviewAdminServiceStub)

    async def as_customer(self, customer: UUID, method: Any, request: Message) -> Any:
        return await self.shop.ask(
            method,
            request,
            authorization=self.shop.tokens.customer(customer),
            key=str(uuid7()),
        )

    async def write(self, customer: UUID, slug: str, rating: int = 5, **fields: Any) -> pb.Review:
        given = {"title": "Good", "text": "It is good.", "locale": "en", **fields}
        request = pb.CreateReviewRequest(slug=slug, review=pb.ReviewInput(rating=rating, **given))
        return await self.as_customer(customer, self.public.CreateReview, request)  # type: ignore[no-any-return]

    async def bought_and_reviewed(
        self, product: Any, rating: int = 5, *, customer: UUID | None = None, **fields: Any
    ) -> pb.Review:
        """A pending review of a customer who bought the product."""
        customer = customer or uuid7()
        await deliver(self.shop.database, placed(an_order(customer, [product.id])))
        return await self.write(customer, product.slug, rating, **fields)

    async def moderate(
        self,
        review: pb.Review,
        status: pb.ModerationStatus.ValueType,
        reason: str = "",
        version: int = 0,
    ) -> pb.Review:
        request = pb.ModerateReviewRequest(
            id=review.id, status=status, reason=reason, expected_version=version
        )
        return await self.shop.as_staff(self.admin.ModerateReview, request)  # type: ignore[no-any-return]

    async def approve(self, review: pb.Review) -> pb.Review:
        return await self.moderate(review, pb.MODERATION_STATUS_APPROVED)

    async def listed(self, slug: str, **asked: Any) -> pb.ListReviewsResponse:
        return await self.shop.ask(  # type: ignore[no-any-return]
            self.public.ListReviews, pb.ListReviewsRequest(slug=slug, **asked)
        )

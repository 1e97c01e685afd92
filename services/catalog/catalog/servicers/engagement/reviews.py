"""The edge of reviews, for shoppers and for staff."""

from typing import Any

from catalog.directory import Directory
from catalog.engagement import erase_contributions
from catalog.moderation.actions import Decision
from catalog.moderation.events import STATUSES
from catalog.moderation.model import ModerationStatus
from catalog.products.plain_text import line_of
from catalog.reviews import wire
from catalog.reviews.actions import (
    create_review,
    delete_review,
    moderate_review,
    put_review_answer,
    update_review,
    vote_on_review,
)
from catalog.reviews.model import Review, ReviewSort
from catalog.reviews.queries import (
    ReviewFilter,
    get_review,
    list_reviews,
    position_after,
    published_product,
    slugs_of,
)
from catalog.servicers.engagement.callers import approval_of, require_customer
from catalog.supplements.model import supplement_of
from catalog.supplements.store import encode_rating
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import reviews_pb2 as pb
from sojourn.catalog.v1 import reviews_pb2_grpc as pb_grpc


class ReviewServicer(Servicer, pb_grpc.ReviewServiceServicer):
    """Reviews for shoppers."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(public=True)
    async def ListReviews(
        self, request: pb.ListReviewsRequest, call: Call
    ) -> pb.ListReviewsResponse:
        sort = wire.SORTS.decode(request.sort)
        size = size_of(request.page.size, default=20)
        after = position_of(request.page.token, length=3)
        async with call.read() as read:
            product_id = await published_product(read, request.slug)
            wanted = ReviewFilter(
                status=ModerationStatus.APPROVED,
                product_id=product_id,
                rating=request.rating,
                language=request.language.lower(),
            )
            found = await list_reviews(read, wanted, sort, after=after, size=size + 1)
            supplement = await supplement_of(read, product_id)
        return pb.ListReviewsResponse(
            reviews=[wire.encode_public(each, request.slug) for each in found[:size]],
            next_page_token=_token(found, size, sort),
            rating=encode_rating(supplement),
        )

    @write(needs_key=True)
    async def CreateReview(self, request: pb.CreateReviewRequest, call: Call) -> pb.Review:
        customer_id = require_customer(call.caller)
        draft = wire.decode_draft(request.review)
        async with call.tx() as tx:
            approval = await approval_of(tx, self._directory, request.channel)
            review = await create_review(tx, request.slug, customer_id, draft, approval)
        return wire.encode_own(review, request.slug)

    @read()
    async def ListMyReviews(
        self, request: pb.ListMyReviewsRequest, call: Call
    ) -> pb.ListMyReviewsResponse:
        wanted = ReviewFilter(customer_id=require_customer(call.caller))
        size = size_of(request.page.size, default=20)
        after = position_of(request.page.token, length=3)
        async with call.read() as read:
            found = await list_reviews(read, wanted, ReviewSort.NEWEST, after=after, size=size + 1)
            slugs = await slugs_of(read, [each.product_id for each in found])
        return pb.ListMyReviewsResponse(
            reviews=[
                wire.encode_own(each, slugs.get(each.product_id, "")) for each in found[:size]
            ],
            next_page_token=_token(found, size, ReviewSort.NEWEST),
        )

    @write()
    async def UpdateReview(self, request: pb.UpdateReviewRequest, call: Call) -> pb.Review:
        customer_id = require_customer(call.caller)
        draft = wire.decode_draft(request.review)
        async with call.tx() as tx:
            review = await update_review(
                tx,
                parse_id(request.id, "id"),
                customer_id,
                draft,
                await approval_of(tx, self._directory, request.channel),
                expected_version=request.expected_version,
            )
            return wire.encode_own(review, await _slug(tx, review))

    @write()
    async def DeleteReview(
        self, request: pb.DeleteReviewRequest, call: Call
    ) -> pb.DeleteReviewResponse:
        customer_id = require_customer(call.caller)
        async with call.tx() as tx:
            await delete_review(
                tx,
                parse_id(request.id, "id"),
                customer_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteReviewResponse()

    @write()
    async def VoteOnReview(self, request: pb.VoteOnReviewRequest, call: Call) -> pb.ReviewVotes:
        return await self._vote(call, request.id, is_helpful=request.helpful)

    @write()
    async def WithdrawReviewVote(
        self, request: pb.WithdrawReviewVoteRequest, call: Call
    ) -> pb.ReviewVotes:
        return await self._vote(call, request.id, is_helpful=None)

    async def _vote(self, call: Call, review_id: str, *, is_helpful: bool | None) -> pb.ReviewVotes:
        customer_id = require_customer(call.caller)
        async with call.tx() as tx:
            review = await vote_on_review(
                tx, parse_id(review_id, "id"), customer_id, is_helpful=is_helpful
            )
        return wire.encode_votes(review)


class ReviewAdminServicer(Servicer, pb_grpc.ReviewAdminServiceServicer):
    """Reviews for staff."""

    @read(scope="reviews.moderate", or_scope="catalog.write")
    async def ListStaffReviews(
        self, request: pb.ListStaffReviewsRequest, call: Call
    ) -> pb.ListStaffReviewsResponse:
        wanted = ReviewFilter(
            status=STATUSES.decode(request.status) if request.status else None,
            product_id=parse_optional_id(request.product_id, "product_id"),
            customer_id=parse_optional_id(request.customer_id, "customer_id"),
            most_rating=request.most_rating,
        )
        size = size_of(request.page.size, default=50)
        after = position_of(request.page.token, length=3)
        async with call.read() as read:
            found = await list_reviews(read, wanted, ReviewSort.NEWEST, after=after, size=size + 1)
            slugs = await slugs_of(read, [each.product_id for each in found])
        return pb.ListStaffReviewsResponse(
            reviews=[
                wire.encode_staff(each, slugs.get(each.product_id, "")) for each in found[:size]
            ],
            next_page_token=_token(found, size, ReviewSort.NEWEST),
        )

    @read(scope="reviews.moderate", or_scope="catalog.write")
    async def GetStaffReview(self, request: pb.GetStaffReviewRequest, call: Call) -> pb.Review:
        async with call.read() as read:
            review = await get_review(read, parse_id(request.id, "id"))
            return wire.encode_staff(review, await _slug(read, review))

    @write(scope="reviews.moderate", or_scope="catalog.write")
    async def ModerateReview(self, request: pb.ModerateReviewRequest, call: Call) -> pb.Review:
        async with call.tx() as tx:
            review = await moderate_review(
                tx,
                parse_id(request.id, "id"),
                Decision(
                    STATUSES.decode(request.status),
                    line_of(request.reason),
                    call.caller.subject_id,
                    request.expected_version,
                ),
            )
            return wire.encode_staff(review, await _slug(tx, review))

    @write(scope="reviews.moderate", or_scope="catalog.write")
    async def PutReviewAnswer(self, request: pb.PutReviewAnswerRequest, call: Call) -> pb.Review:
        return await self._answer(call, request, wire.decode_answer(request.text))

    @write(scope="reviews.moderate", or_scope="catalog.write")
    async def DeleteReviewAnswer(
        self, request: pb.DeleteReviewAnswerRequest, call: Call
    ) -> pb.Review:
        return await self._answer(call, request, "")

    async def _answer(self, call: Call, request: Any, answer: str) -> pb.Review:
        async with call.tx() as tx:
            review = await put_review_answer(
                tx,
                parse_id(request.id, "id"),
                answer,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            return wire.encode_staff(review, await _slug(tx, review))

    @write(scope="catalog.write")
    async def EraseContributions(
        self, request: pb.EraseContributionsRequest, call: Call
    ) -> pb.EraseContributionsResponse:
        async with call.tx() as tx:
            await erase_contributions(
                tx, parse_id(request.customer_id, "customer_id"), actor_id=call.caller.subject_id
            )
        return pb.EraseContributionsResponse()


def _token(found: list[Review], size: int, sort: ReviewSort) -> str:
    return token_of(position_after(found[size - 1], sort)) if len(found) > size else ""


async def _slug(read: Read, review: Review) -> str:
    return (await slugs_of(read, [review.product_id])).get(review.product_id, "")

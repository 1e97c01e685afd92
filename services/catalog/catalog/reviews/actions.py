"""Use cases of reviews: customers write them and vote, staff moderate and answer them."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from catalog.channels.model import ContributionApproval
from catalog.errors import (
    AlreadyReviewed,
    InvalidReview,
    NotABuyer,
    OwnReview,
    ReviewNotFound,
)
from catalog.moderation.actions import Decision, VoteTable, change_vote
from catalog.moderation.model import (
    require_reason,
    require_version,
    set_status,
    status_after_change,
    status_at_first,
)
from catalog.products.model import Image
from catalog.purchases.model import has_bought
from catalog.reviews.events import review_changed
from catalog.reviews.model import Review, ReviewVote
from catalog.reviews.queries import published_product
from catalog.supplements.model import lock_supplement
from catalog.supplements.store import save_supplement
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7

_VOTES: Final = VoteTable(
    ReviewVote,
    "review_id",
    "UPDATE review SET helpful = helpful + %s, unhelpful = unhelpful + %s WHERE id = %s",
)


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """A review as its author writes it: plain text."""

    rating: int
    title: str
    body: str
    locale: str
    author_name: str
    images: list[Image] = field(default_factory=list)

    def require_valid(self) -> None:
        """Raises InvalidReview for one without a text."""
        if not self.body:
            raise InvalidReview("a review has a text", path="text")


async def create_review(
    tx: Tx, slug: str, customer_id: UUID, draft: ReviewDraft, approval: ContributionApproval
) -> Review:
    """Writes a review, which waits for approval where the channel does not trust buyers.

    Raises ProductNotFound, NotABuyer, AlreadyReviewed, InvalidReview.
    """
    draft.require_valid()
    product_id = await published_product(tx, slug)
    if not await has_bought(tx, customer_id, product_id):
        raise NotABuyer("buy the product first", slug=slug[:80])
    review = Review(
        id=uuid7(),
        product_id=product_id,
        customer_id=customer_id,
        rating=draft.rating,
        title=draft.title,
        body=draft.body,
        locale=draft.locale,
        author_name=draft.author_name,
        images=draft.images,
        status=status_at_first(approval, is_buyers=True),
        created_at=tx.now,
    )
    if not await tx.insert_new(review):
        found = await tx.fetch_one(
            "SELECT id FROM review WHERE customer_id = %s AND product_id = %s",
            [customer_id, product_id],
        )
        raise AlreadyReviewed("change your review instead", review_id=found[0] if found else "")
    await tx.emit(review_changed(review), key=review.id)
    await _count(tx, None, review)
    return review


async def update_review(
    tx: Tx,
    review_id: UUID,
    customer_id: UUID,
    draft: ReviewDraft,
    approval: ContributionApproval,
    *,
    expected_version: int = 0,
) -> Review:
    """Replaces a customer's own review, which is approved anew.

    One that is the same keeps its state. Raises ReviewNotFound, InvalidReview, VersionMismatch.
    """
    draft.require_valid()
    before = await _lock_own(tx, review_id, customer_id, expected_version)
    if before is None:
        raise ReviewNotFound(review_id=review_id)
    after = before.copy_row(
        rating=draft.rating,
        title=draft.title,
        body=draft.body,
        locale=draft.locale,
        author_name=draft.author_name,
        images=draft.images,
    )
    if after == before:
        return before
    set_status(after, status_after_change(before, approval))
    await _save(tx, before, after)
    return after


async def delete_review(
    tx: Tx, review_id: UUID, customer_id: UUID, *, expected_version: int = 0
) -> None:
    """Deletes a customer's own review; an unknown one is passed over. Raises VersionMismatch."""
    review = await _lock_own(tx, review_id, customer_id, expected_version)
    if review is None:
        return
    await tx.delete(review)
    review.version += 1
    await tx.emit(review_changed(review, is_deleted=True), key=review.id)
    await _count(tx, review, None)


async def vote_on_review(
    tx: Tx, review_id: UUID, customer_id: UUID, *, is_helpful: bool | None
) -> Review:
    """Sets or, for None, withdraws a customer's vote. Raises ReviewNotFound, OwnReview."""
    review = await tx.lock(Review, review_id)
    if review is None or not review.is_approved:
        raise ReviewNotFound(review_id=review_id)
    if review.customer_id == customer_id:
        raise OwnReview("the review is your own")
    await change_vote(tx, _VOTES, review, customer_id, is_helpful=is_helpful)
    return review


async def moderate_review(tx: Tx, review_id: UUID, decision: Decision) -> Review:
    """Sets the state of a review, and the product's rating with it.

    Raises ReviewNotFound, InvalidModeration, VersionMismatch.
    """
    require_reason(decision.status, decision.reason)
    before = await _lock(tx, review_id, decision.expected_version)
    if not decision.changes(before):
        return before
    after = before.copy_row()
    was = decision.apply(after)
    await _save(tx, before, after)
    decision.record(tx, "moderate_review", f"review:{review_id}", was, after)
    return after


async def put_review_answer(
    tx: Tx,
    review_id: UUID,
    answer: str,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> Review:
    """Sets the merchant's answer; the empty text deletes it.

    Raises ReviewNotFound, VersionMismatch.
    """
    before = await _lock(tx, review_id, expected_version)
    if before.answer == answer:
        return before
    after = before.copy_row(answer=answer, answered_at=tx.now if answer else None)
    await _save(tx, before, after)
    record_audit(
        tx,
        actor_id,
        "put_review_answer" if answer else "delete_review_answer",
        f"review:{review_id}",
        before={"answered": bool(before.answer)},
        after={"answered": bool(answer), "version": after.version},
    )
    return after


async def erase_reviewer(tx: Tx, customer_id: UUID) -> None:
    """Takes a customer's name and id off reviews, and the id off votes. Ratings stay."""
    ids = await tx.fetch(
        "SELECT id FROM review WHERE customer_id = %s ORDER BY id FOR UPDATE", [customer_id]
    )
    for (review_id,) in ids:
        review = await tx.get(Review, review_id)
        assert review is not None
        review.customer_id, review.author_name = None, ""
        await tx.update(review)
        await tx.emit(review_changed(review), key=review.id)
    # What others counted stays counted.
    await tx.run("DELETE FROM review_vote WHERE customer_id = %s", [customer_id])


async def _lock(tx: Tx, review_id: UUID, expected_version: int) -> Review:
    review = await tx.lock(Review, review_id)
    if review is None:
        raise ReviewNotFound(review_id=review_id)
    require_version(review, expected_version)
    return review


async def _lock_own(
    tx: Tx, review_id: UUID, customer_id: UUID, expected_version: int
) -> Review | None:
    review = await tx.lock(Review, review_id)
    if review is None or review.customer_id != customer_id:
        return None
    require_version(review, expected_version)
    return review


async def _save(tx: Tx, before: Review, after: Review) -> None:
    await tx.update(after)
    await tx.emit(review_changed(after), key=after.id)
    await _count(tx, before, after)


async def _count(tx: Tx, before: Review | None, after: Review | None) -> None:
    """Counts the change of a locked or new review in its product's rating."""
    was = before.rating if before is not None and before.is_approved else 0
    now = after.rating if after is not None and after.is_approved else 0
    review = before or after
    if was == now or review is None:
        return
    supplement = await lock_supplement(tx, review.product_id)
    for stars, by in ((was, -1), (now, 1)):
        if stars:
            supplement.count_rating(stars, by)
    await save_supplement(tx, supplement)

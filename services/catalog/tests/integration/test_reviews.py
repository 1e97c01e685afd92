"""Buyers review products once; staff moderate; the rating is what is approved."""

from __future__ import annotations

import pytest

from catalog.supplements.model import mean_of
from chassis.data.database import Database
from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica, a_product
from services.catalog.tests.engagement import Reviews, an_order, cancelled, deliver, placed
from sojourn.catalog.v1 import catalog_pb2, product_admin_pb2
from sojourn.catalog.v1 import reviews_pb2 as pb
from sojourn.catalog.v1.review_events_pb2 import PageSupplementChanged, ReviewChanged
from sojourn.common.v1.page_pb2 import Page
from sojourn.identity.v1.events_pb2 import CustomerErased, CustomerLoggedIn


@pytest.fixture
def reviews(shop: Replica) -> Reviews:
    return Reviews(shop)


@pytest.fixture
async def jacket(shop: Replica) -> catalog_pb2.Product:
    imported = await shop.import_products(a_product("Rain Jacket"))
    return await shop.product(id=imported.product_ids[0])


async def test_a_buyer_reviews_once_and_is_seen_when_staff_approve(
    reviews: Reviews, jacket: catalog_pb2.Product, database: Database
) -> None:
    shop, jane = reviews.shop, uuid7()
    with pytest.raises(Denied) as stranger:
        await reviews.write(jane, jacket.slug)
    review = await reviews.bought_and_reviewed(
        jacket,
        4,
        customer=jane,
        title="Dry\nas <b>dust</b>",
        text="<p>Good</p><script>alert(1)</script><p>Warm & light</p>",
        author_name="Jane <3",
    )
    with pytest.raises(Exists) as twice:
        await reviews.write(jane, jacket.slug)
    before, pending = await shop.product(jacket.slug), await reviews.listed(jacket.slug)
    await reviews.approve(review)
    after, listed = await shop.product(jacket.slug), await reviews.listed(jacket.slug)

    assert (stranger.value.reason, twice.value.reason) == ("NOT_A_BUYER", "ALREADY_REVIEWED")
    assert twice.value.metadata["review_id"] == review.id
    assert (review.title, review.text) == ("Dry as dust", "Good\nWarm & light")
    assert not before.HasField("rating")
    assert not pending.reviews
    assert (after.rating.count, after.rating.average) == (1, 4.0)
    assert list(after.rating.histogram) == [0, 0, 0, 1, 0]
    assert [each.id for each in listed.reviews] == [review.id]
    assert listed.reviews[0].customer_id == ""
    assert listed.rating == after.rating
    assert [each.version for each in await events_of(database, ReviewChanged)] == [1, 2]
    assert len(await events_of(database, PageSupplementChanged)) == 1


async def test_the_rating_follows_every_change_of_a_review(
    reviews: Reviews, jacket: catalog_pb2.Product
) -> None:
    shop, jane = reviews.shop, uuid7()
    mine = await reviews.bought_and_reviewed(jacket, 5, customer=jane)
    await reviews.approve(mine)
    other = await reviews.approve(await reviews.bought_and_reviewed(jacket, 2))

    async def histogram() -> list[int]:
        return list((await shop.product(jacket.slug)).rating.histogram)

    both = await histogram()
    rejected = await reviews.moderate(other, pb.MODERATION_STATUS_REJECTED, "Names a person.")
    one = await histogram()
    changed = await reviews.as_customer(
        jane,
        reviews.public.UpdateReview,
        pb.UpdateReviewRequest(id=mine.id, review=pb.ReviewInput(rating=3, text="Less so.")),
    )
    none = await histogram()
    await reviews.approve(mine)
    three = await histogram()
    await reviews.as_customer(jane, reviews.public.DeleteReview, pb.DeleteReviewRequest(id=mine.id))

    assert (both, one, none, three) == ([0, 1, 0, 0, 1], [0, 0, 0, 0, 1], [], [0, 0, 1, 0, 0])
    assert rejected.reason == "Names a person."
    assert changed.status == pb.MODERATION_STATUS_PENDING
    assert await histogram() == []
    assert not (await reviews.listed(jacket.slug)).reviews


async def test_a_decision_needs_its_reason_and_the_version_that_was_seen(
    reviews: Reviews, jacket: catalog_pb2.Product
) -> None:
    review = await reviews.bought_and_reviewed(jacket)
    with pytest.raises(Invalid) as no_reason:
        await reviews.moderate(review, pb.MODERATION_STATUS_REJECTED)
    with pytest.raises(Invalid):
        await reviews.moderate(review, pb.MODERATION_STATUS_APPROVED, "Nice")
    await reviews.approve(review)
    with pytest.raises(Stale):
        await reviews.moderate(review, pb.MODERATION_STATUS_PENDING, version=1)
    with pytest.raises(NotFound):
        await reviews.moderate(pb.Review(id=str(uuid7())), pb.MODERATION_STATUS_APPROVED)

    assert no_reason.value.metadata["path"] == "reason"


async def test_a_review_without_text_or_with_a_wrong_picture_is_refused_with_its_place(
    reviews: Reviews, jacket: catalog_pb2.Product
) -> None:
    jane = uuid7()
    await deliver(reviews.shop.database, placed(an_order(jane, [jacket.id])))

    with pytest.raises(Invalid) as empty:
        await reviews.write(jane, jacket.slug, text="<script>x</script>")
    with pytest.raises(Invalid) as picture:
        await reviews.write(
            jane,
            jacket.slug,
            images=[product_admin_pb2.ProductImageInput(url="javascript:alert(1)")],
        )
    with pytest.raises(Invalid):
        await reviews.write(jane, jacket.slug, rating=6)
    with pytest.raises(NotFound):
        await reviews.write(jane, "nothing-like-it")
    with pytest.raises(Denied) as guest:
        await reviews.shop.ask(
            reviews.public.CreateReview,
            pb.CreateReviewRequest(slug=jacket.slug, review=pb.ReviewInput(rating=5, text="x")),
            authorization=reviews.shop.tokens.guest(),
            key="k",
        )

    assert empty.value.metadata["path"] == "text"
    assert picture.value.metadata["path"] == "review.images[0].url"
    assert guest.value.reason == "CUSTOMERS_ONLY"


async def test_a_vote_counts_once_and_can_change(
    reviews: Reviews, jacket: catalog_pb2.Product
) -> None:
    jane, other = uuid7(), uuid7()
    review = await reviews.bought_and_reviewed(jacket, customer=jane)
    vote = pb.VoteOnReviewRequest(id=review.id, helpful=True)
    with pytest.raises(NotFound):
        await reviews.as_customer(other, reviews.public.VoteOnReview, vote)
    approved = await reviews.approve(review)

    first = await reviews.as_customer(other, reviews.public.VoteOnReview, vote)
    again = await reviews.as_customer(other, reviews.public.VoteOnReview, vote)
    vote.helpful = False
    changed = await reviews.as_customer(other, reviews.public.VoteOnReview, vote)
    withdrawn = await reviews.as_customer(
        other, reviews.public.WithdrawReviewVote, pb.WithdrawReviewVoteRequest(id=review.id)
    )
    with pytest.raises(Refused) as own:
        await reviews.as_customer(jane, reviews.public.VoteOnReview, vote)

    counts = [(each.helpful, each.unhelpful) for each in (first, again, changed, withdrawn)]
    assert counts == [(1, 0), (1, 0), (0, 1), (0, 0)]
    assert own.value.reason == "OWN_REVIEW"
    [listed] = (await reviews.listed(jacket.slug)).reviews
    assert listed.version == approved.version


async def test_reviews_are_listed_by_filter_and_order_page_by_page(
    reviews: Reviews, jacket: catalog_pb2.Product
) -> None:
    made = []
    for rating, locale in ((3, "de"), (5, "en"), (4, "de-AT"), (5, "en-GB"), (1, "fr")):
        review = await reviews.bought_and_reviewed(jacket, rating, locale=locale)
        made.append(await reviews.approve(review))
    vote = pb.VoteOnReviewRequest(id=made[0].id, helpful=True)
    await reviews.as_customer(uuid7(), reviews.public.VoteOnReview, vote)

    async def all_of(**asked: object) -> list[int]:
        found, token = [], ""
        while True:
            reply = await reviews.listed(jacket.slug, page=Page(size=2, token=token), **asked)
            found += [[each.id for each in made].index(one.id) for one in reply.reviews]
            if not (token := reply.next_page_token):
                return found

    assert await all_of() == [4, 3, 2, 1, 0]
    assert await all_of(sort=pb.REVIEW_SORT_HELPFUL) == [0, 4, 3, 2, 1]
    assert await all_of(sort=pb.REVIEW_SORT_RATING_DESCENDING) == [3, 1, 2, 0, 4]
    assert await all_of(sort=pb.REVIEW_SORT_RATING_ASCENDING) == [4, 0, 2, 1, 3]
    assert await all_of(language="de") == [2, 0]
    assert await all_of(rating=5) == [3, 1]
    page = await reviews.listed(jacket.slug, page=Page(size=2))
    with pytest.raises(Invalid):
        await reviews.listed(
            jacket.slug, page=Page(token=page.next_page_token), sort=pb.REVIEW_SORT_HELPFUL
        )


async def test_staff_filter_answer_and_the_author_sees_it(
    reviews: Reviews, jacket: catalog_pb2.Product
) -> None:
    shop, jane = reviews.shop, uuid7()
    bad = await reviews.bought_and_reviewed(jacket, 1, customer=jane)
    good = await reviews.approve(await reviews.bought_and_reviewed(jacket, 5))

    answered = await shop.as_staff(
        reviews.admin.PutReviewAnswer,
        pb.PutReviewAnswerRequest(id=bad.id, text="<i>Sorry.</i>", expected_version=1),
    )
    await reviews.moderate(bad, pb.MODERATION_STATUS_REJECTED, "An insult.")

    async def listed(**asked: object) -> list[str]:
        reply = await shop.as_staff(
            reviews.admin.ListStaffReviews, pb.ListStaffReviewsRequest(**asked)
        )
        return [each.id for each in reply.reviews]

    assert (answered.answer, answered.customer_id) == ("Sorry.", str(jane))
    assert await listed() == [good.id, bad.id]
    assert await listed(status=pb.MODERATION_STATUS_REJECTED) == [bad.id]
    assert await listed(most_rating=2, product_id=jacket.id) == [bad.id]
    assert await listed(customer_id=str(jane)) == [bad.id]
    mine = await reviews.as_customer(jane, reviews.public.ListMyReviews, pb.ListMyReviewsRequest())
    assert [(each.reason, each.answer) for each in mine.reviews] == [("An insult.", "Sorry.")]


async def test_purchases_count_in_any_order_of_events_and_for_the_guest_of_before(
    reviews: Reviews, jacket: catalog_pb2.Product, database: Database
) -> None:
    jane, guest = uuid7(), uuid7()
    returned = an_order(jane, [jacket.id])
    await deliver(database, cancelled(returned))
    await deliver(database, placed(returned), times=2)
    with pytest.raises(Denied):
        await reviews.write(jane, jacket.slug)

    await deliver(database, CustomerLoggedIn(customer_id=str(jane), guest_id=str(guest)))
    await deliver(database, placed(an_order(guest, [jacket.id, "no id"])))

    assert (await reviews.write(jane, jacket.slug)).rating == 5


async def test_an_erased_customer_s_review_stays_without_the_customer(
    reviews: Reviews, jacket: catalog_pb2.Product, database: Database
) -> None:
    jane = uuid7()
    review = await reviews.bought_and_reviewed(jacket, 4, customer=jane, author_name="Jane")
    await reviews.approve(review)

    await deliver(database, CustomerErased(customer_id=str(jane)), times=2)

    [listed] = (await reviews.listed(jacket.slug)).reviews
    assert (listed.author_name, listed.rating, listed.text) == ("", 4, "It is good.")
    async with database.read() as read:
        for table in ("review", "review_vote", "purchased_order", "audit"):
            kept = await read.fetch(f"SELECT {table}::text FROM {table}")  # type: ignore[arg-type]
            assert not [row for (row,) in kept if table != "audit" and str(jane) in row]


def test_a_mean_is_rounded_half_up_to_hundredths() -> None:
    assert mean_of((0, 0, 0, 0, 0)) == 0
    assert mean_of((1, 0, 0, 0, 1)) == 3
    assert mean_of((0, 1, 0, 0, 2)) == 4
    assert mean_of((1, 0, 0, 0, 5)) == 4.33
    assert mean_of((0, 0, 0, 3, 5)) == 4.63

"""Reviews as messages."""

from typing import Final

from catalog.errors import InvalidProduct, InvalidReview
from catalog.moderation.events import STATUSES
from catalog.product_content.pictures import images_of
from catalog.products.plain_text import line_of, text_of
from catalog.products.refusals import NO_LINE
from catalog.reviews.actions import ReviewDraft
from catalog.reviews.model import Review, ReviewSort
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import catalog_pb2
from sojourn.catalog.v1 import reviews_pb2 as pb

SORTS: Final = EnumCodec(pb.ReviewSort, ReviewSort, unspecified=ReviewSort.NEWEST)


def encode_public(review: Review, slug: str) -> pb.Review:
    """The review as any shopper sees it."""
    return pb.Review(
        id=str(review.id),
        product_id=str(review.product_id),
        product_slug=slug,
        rating=review.rating,
        title=review.title,
        text=review.body,
        locale=review.locale,
        author_name=review.author_name,
        images=[catalog_pb2.Image(url=url, alt=alt) for url, alt in review.images],
        helpful=review.helpful,
        unhelpful=review.unhelpful,
        answer=review.answer,
        answered_at=timestamp(review.answered_at),
        created_at=timestamp(review.created_at),
        status=STATUSES.encode(review.status),
        version=review.version,
    )


def encode_own(review: Review, slug: str) -> pb.Review:
    """The review as its author sees it, with why it was rejected."""
    message = encode_public(review, slug)
    message.reason = review.reason
    return message


def encode_staff(review: Review, slug: str) -> pb.Review:
    message = encode_own(review, slug)
    message.customer_id = str(review.customer_id or "")
    return message


def encode_votes(review: Review) -> pb.ReviewVotes:
    return pb.ReviewVotes(helpful=review.helpful, unhelpful=review.unhelpful)


def decode_draft(given: pb.ReviewInput) -> ReviewDraft:
    """Reduces texts to plain text. Raises InvalidReview for a picture that cannot be shown."""
    try:
        images = images_of([(image.url, image.alt) for image in given.images], NO_LINE)
    except InvalidProduct as error:
        raise InvalidReview(error.message, path=f"review.{error.metadata['path']}") from None
    return ReviewDraft(
        rating=given.rating,
        title=line_of(text_of(given.title)),
        body=text_of(given.text),
        locale=given.locale,
        author_name=line_of(text_of(given.author_name)),
        images=images,
    )


def decode_answer(text: str) -> str:
    """Reduces an answer to plain text. Raises InvalidReview where nothing is left."""
    answer = text_of(text)
    if not answer:
        raise InvalidReview("an answer has a text", path="text")
    return answer

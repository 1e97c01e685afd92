"""Reads of reviews, keyset-paged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, bindparam, func, literal_column, or_, text, tuple_
from sqlmodel import col, select

from catalog.errors import ProductNotFound, ReviewNotFound
from catalog.moderation.model import ModerationStatus
from catalog.products.model import Product
from catalog.reviews.model import Review, ReviewSort
from catalog.seo.model import SeoKind, SlugName
from catalog.slugs import is_slug
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from chassis.rpc.errors import InvalidPageToken

_LAST_ID: Final = UUID(int=2**128 - 1)
_PUBLISHED: Final = prepare(
    select(Product.id).where(col(Product.slug) == bindparam("slug"), col(Product.is_published))
)
_NAMED: Final = prepare(
    select(SlugName.owner_id)
    .join(Product, col(Product.id) == col(SlugName.owner_id))
    .where(
        col(SlugName.kind) == SeoKind.PRODUCT,
        col(SlugName.slug) == bindparam("slug"),
        col(Product.is_published),
    )
    .order_by(col(SlugName.is_current).desc(), col(SlugName.since).desc())
    .limit(literal_column("1"))
)
_SLUGS: Final = prepare(select(Product.id, Product.slug).where(one_of(Product.id, "product_ids")))


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Reviews to list. None, 0 and the empty text mean all."""

    status: ModerationStatus | None = None
    product_id: UUID | None = None
    customer_id: UUID | None = None
    rating: int = 0
    most_rating: int = 0
    language: str = ""


async def published_product(read: Read, slug: str) -> UUID:
    """Returns the published product of a slug: its own, one of a language, or a former one.

    Raises ProductNotFound.
    """
    found: UUID | None = await read.one(_PUBLISHED, slug=slug) if is_slug(slug) else None
    if found is None and is_slug(slug):
        found = await read.one(_NAMED, slug=slug)
    if found is None:
        raise ProductNotFound(slug=slug[:80])
    return found


async def slugs_of(read: Read, product_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Slugs of products by id."""
    if not product_ids:
        return {}
    return dict(await read.all(_SLUGS, product_ids=sorted(set(product_ids))))


async def get_review(read: Read, review_id: UUID) -> Review:
    """Raises ReviewNotFound."""
    found = await read.get(Review, review_id)
    if found is None:
        raise ReviewNotFound(review_id=review_id)
    return found


async def list_reviews(
    read: Read,
    wanted: ReviewFilter,
    sort: ReviewSort,
    *,
    after: Sequence[Any] | None,
    size: int,
) -> list[Review]:
    """Returns reviews after a position. Raises InvalidPageToken for one of another sort."""
    query = select(Review)
    if wanted.status is ModerationStatus.APPROVED:
        # Literal: a generic plan uses the partial indexes then.
        query = query.where(text("review.status = 'approved'"))
    elif wanted.status is not None:
        query = query.where(col(Review.status) == wanted.status)
    if wanted.product_id is not None:
        query = query.where(col(Review.product_id) == wanted.product_id)
    if wanted.customer_id is not None:
        query = query.where(col(Review.customer_id) == wanted.customer_id)
    if wanted.rating:
        query = query.where(col(Review.rating) == wanted.rating)
    if wanted.most_rating:
        query = query.where(col(Review.rating) <= wanted.most_rating)
    if wanted.language:
        locale = col(Review.locale)
        query = query.where(
            or_(
                func.lower(locale) == wanted.language,
                func.lower(locale).like(bindparam(None, f"{wanted.language}-%", type_=Text())),
            )
        )
    found: list[Review] = await read.all(_in_order(query, sort, after).limit(size))
    return found


def position_after(review: Review, sort: ReviewSort) -> list[Any]:
    """Returns the position that a page token holds to continue after a review."""
    return [sort.value, _key_of(review, sort), str(review.id)]


def _key_of(review: Review, sort: ReviewSort) -> int:
    match sort:
        case ReviewSort.NEWEST:
            return 0
        case ReviewSort.HELPFUL:
            return review.helpful
        case ReviewSort.RATING_DESCENDING | ReviewSort.RATING_ASCENDING:
            return review.rating


def _in_order(query: Any, sort: ReviewSort, after: Sequence[Any] | None) -> Any:
    position = _position(sort, after)
    review_id = col(Review.id)
    match sort:
        case ReviewSort.NEWEST:
            query = query.where(review_id < position[1]) if position else query
            return query.order_by(review_id.desc())
        case ReviewSort.HELPFUL | ReviewSort.RATING_DESCENDING:
            key: Any = col(Review.helpful if sort is ReviewSort.HELPFUL else Review.rating)
            if position:
                query = query.where(tuple_(key, review_id) < position)
            return query.order_by(key.desc(), review_id.desc())
        case ReviewSort.RATING_ASCENDING:
            rating: Any = col(Review.rating)
            if position:
                query = query.where(tuple_(rating, review_id) > position)
            return query.order_by(rating, review_id)


def _position(sort: ReviewSort, after: Sequence[Any] | None) -> tuple[int, UUID] | None:
    if after is None:
        return None
    of, key, last_id = after
    if of != sort.value or type(key) is not int or not 0 <= key < 2**63:
        raise InvalidPageToken("the page token is of another sort")
    try:
        return key, UUID(str(last_id))
    except ValueError as error:
        raise InvalidPageToken from error

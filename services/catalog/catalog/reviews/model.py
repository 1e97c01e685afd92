"""Reviews and the votes on them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)

from catalog.moderation.model import ModerationStatus
from catalog.products.model import Image
from chassis.data.rows import Field, Row, code, column, counter, document, states


class ReviewSort(StrEnum):
    NEWEST = "newest"
    HELPFUL = "helpful"
    RATING_DESCENDING = "rating_descending"
    RATING_ASCENDING = "rating_ascending"


class Review(Row, table=True):
    """A buyer's opinion, in plain text. `customer_id` is None once the customer was erased.

    Votes are counted in `helpful` and `unhelpful` without a new version.
    """

    __tablename__ = "review"
    __table_args__ = (
        states("status", ModerationStatus),
        CheckConstraint("rating BETWEEN 1 AND 5"),
        CheckConstraint("helpful >= 0"),
        CheckConstraint("unhelpful >= 0"),
        UniqueConstraint("customer_id", "product_id"),
        Index("review_newest", "product_id", "id", postgresql_where=text("status = 'approved'")),
        Index(
            "review_helpful",
            "product_id",
            "helpful",
            "id",
            postgresql_where=text("status = 'approved'"),
        ),
        Index(
            "review_rating",
            "product_id",
            "rating",
            "id",
            postgresql_where=text("status = 'approved'"),
        ),
        Index("review_status", "status", "id"),
    )

    id: UUID = Field(primary_key=True)
    product_id: UUID
    customer_id: UUID | None = None
    rating: int = column(SmallInteger)
    title: str = column(Text, repr=False)
    body: str = column(Text, repr=False)
    locale: str
    author_name: str = column(Text, repr=False)
    images: list[Image] = document(list[Image])
    status: ModerationStatus = code(ModerationStatus, default=ModerationStatus.PENDING)
    reason: str = ""
    helpful: int = counter(default=0)
    unhelpful: int = counter(default=0)
    answer: str = ""
    answered_at: datetime | None = None
    created_at: datetime
    version: int = counter(default=1)

    @property
    def is_approved(self) -> bool:
        return self.status is ModerationStatus.APPROVED


class ReviewVote(Row, table=True):
    """Whether a review helped a customer."""

    __tablename__ = "review_vote"

    review_id: UUID = Field(primary_key=True, foreign_key="review.id", ondelete="CASCADE")
    customer_id: UUID = Field(primary_key=True, index=True)
    is_helpful: bool = column(Boolean)

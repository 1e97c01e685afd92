"""Questions about products and their answers, in plain text."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, Text, text

from catalog.moderation.model import ModerationStatus
from chassis.data.rows import Field, Row, code, column, counter, states

# Questions and answers of one customer that wait for staff.
MOST_WAITING: Final = 20
MOST_ANSWERS: Final = 20


class ProductQuestion(Row, table=True):
    """A question of a customer. `customer_id` is None once the customer was erased."""

    __tablename__ = "product_question"
    __table_args__ = (
        states("status", ModerationStatus),
        Index(
            "product_question_newest",
            "product_id",
            "id",
            postgresql_where=text("status = 'approved'"),
        ),
        Index("product_question_status", "status", "id"),
        Index("product_question_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    product_id: UUID
    customer_id: UUID | None = None
    body: str = column(Text, repr=False)
    locale: str
    author_name: str = column(Text, repr=False)
    status: ModerationStatus = code(ModerationStatus, default=ModerationStatus.PENDING)
    reason: str = ""
    created_at: datetime
    version: int = counter(default=1)


class ProductAnswer(Row, table=True):
    """An answer of the merchant or of a buyer.

    Votes are counted in `helpful` and `unhelpful` without a new version.
    """

    __tablename__ = "product_answer"
    __table_args__ = (
        states("status", ModerationStatus),
        Index("product_answer_question", "question_id", "id"),
        Index("product_answer_status", "status", "id"),
        Index("product_answer_customer", "customer_id", "id"),
        CheckConstraint("helpful >= 0"),
        CheckConstraint("unhelpful >= 0"),
    )

    id: UUID = Field(primary_key=True)
    question_id: UUID = Field(foreign_key="product_question.id", ondelete="CASCADE")
    customer_id: UUID | None = None
    is_merchants: bool = column(Boolean)
    body: str = column(Text, repr=False)
    author_name: str = column(Text, repr=False)
    status: ModerationStatus = code(ModerationStatus, default=ModerationStatus.PENDING)
    reason: str = ""
    created_at: datetime
    version: int = counter(default=1)
    helpful: int = column(BigInteger, default=0, server_default="0")
    unhelpful: int = column(BigInteger, default=0, server_default="0")


class ProductAnswerVote(Row, table=True):
    """Whether an answer helped a customer."""

    __tablename__ = "product_answer_vote"

    answer_id: UUID = Field(primary_key=True, foreign_key="product_answer.id", ondelete="CASCADE")
    customer_id: UUID = Field(primary_key=True, index=True)
    is_helpful: bool = column(Boolean)

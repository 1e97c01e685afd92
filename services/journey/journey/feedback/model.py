"""Answers to "how likely are you to recommend us", one an order, and their score (NPS)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, delete, func
from sqlmodel import col, select

from chassis.data.rows import Field, Row, column
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


class Group(StrEnum):
    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


class Feedback(Row, table=True):
    """An answer.

    The comment may hold anything: it is never logged, and no property of a touchpoint.
    `recorded_at` is the time of its touchpoint, if it has one, and `revision` counts the
    corrections of that.
    """

    __tablename__ = "feedback"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 10"),)

    order_id: UUID = Field(primary_key=True)
    score: int
    comment: str
    channel: str
    given_at: datetime = Field(index=True)
    changed_at: datetime
    recorded_at: datetime | None = None
    revision: int = column(Integer, default=0, server_default="0")


@dataclass(frozen=True, slots=True)
class Score:
    """Count of answers by whether they recommend the shop."""

    promoters: int
    passives: int
    detractors: int

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def value(self) -> float:
        """Percentage of promoters minus percentage of detractors; 0 without answers."""
        return 100 * (self.promoters - self.detractors) / self.answers if self.answers else 0.0


def score_group(score: int) -> Group:
    if score >= 9:
        return Group.PROMOTER
    return Group.PASSIVE if score >= 7 else Group.DETRACTOR


async def get_recommendation_score(
    read: Read, *, since: datetime | None, until: datetime | None, channel: str
) -> Score:
    """The score of the answers of a time about orders of a channel, each where it is given."""
    query = select(
        func.count().filter(col(Feedback.score) >= 9),
        func.count().filter(col(Feedback.score).between(7, 8)),
        func.count().filter(col(Feedback.score) <= 6),
    )
    if since is not None:
        query = query.where(Feedback.given_at >= since)
    if until is not None:
        query = query.where(Feedback.given_at < until)
    if channel:
        query = query.where(Feedback.channel == channel)
    found = await read.one(query)
    return Score(*found) if found else Score(0, 0, 0)


async def delete_feedback_of_orders(tx: Tx, order_ids: Sequence[UUID]) -> int:
    """Deletes the answers about orders. Returns how many."""
    return await tx.execute(_FORGET, order_ids=list(order_ids)) if order_ids else 0


_FORGET: Final = prepare(delete(Feedback).where(one_of(Feedback.order_id, "order_ids")))

"""Answers to "how likely are you to recommend us", one for each order, and the score that follows from them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read
from journey.errors import InvalidComment, InvalidScore

MOST_COMMENT: Final = 2_000


class Group(StrEnum):
    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


@dataclass(kw_only=True)
class Feedback(Row, table="feedback", key=("order_id",)):
    """An answer. The comment may hold anything: it is never logged, and no property of a touchpoint."""

    order_id: UUID
    score: int
    comment: str
    channel: str
    given_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """How many would recommend the shop."""

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


def group_of(score: int) -> Group:
    if score >= 9:
        return Group.PROMOTER
    return Group.PASSIVE if score >= 7 else Group.DETRACTOR


def check(score: int, comment: str) -> None:
    """Raises InvalidScore, InvalidComment."""
    if not 0 <= score <= 10:
        raise InvalidScore("0 to 10")
    if len(comment) > MOST_COMMENT or "\x00" in comment:
        raise InvalidComment(f"at most {MOST_COMMENT} characters")


async def score_of(read: Read, *, since: datetime | None, until: datetime | None, channel: str) -> Score:
    """The score of the answers given in a time about orders of a channel; each where it is given."""
    found = await read.fetch_one(
        "SELECT count(*) FILTER (WHERE score >= 9), count(*) FILTER (WHERE score IN (7, 8)), count(*) FILTER (WHERE score <= 6) FROM feedback"
        " WHERE (%(since)s::timestamptz IS NULL OR given_at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR given_at < %(until)s)"
        " AND (%(channel)s = '' OR channel = %(channel)s)",
        {"since": since, "until": until, "channel": channel},
    )
    return Score(*found) if found else Score(0, 0, 0)

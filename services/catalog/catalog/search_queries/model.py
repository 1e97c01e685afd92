"""Counts of queries, and what of them may be kept."""

import re
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index

from chassis.data.rows import Field, Row, counter

KEPT_FOR: Final = timedelta(days=30)
# Rows of all channels together; the least recent go first.
MOST_ROWS: Final = 50_000
MOST_CHARACTERS: Final = 80
# As many digits have telephone numbers, cards and orders, not sizes.
_MOST_DIGITS: Final = 6


class SearchQuery(Row, table=True):
    """Times that a query found something and nothing, by channel and locale."""

    __tablename__ = "search_query"
    __table_args__ = (Index("search_query_last_at", "last_at"),)

    channel: str = Field(primary_key=True)
    locale: str = Field(primary_key=True)
    query: str = Field(primary_key=True)
    found: int = counter(default=0, server_default="0")
    empty: int = counter(default=0, server_default="0")
    last_at: datetime


def countable(text: str) -> str:
    """The words of a query in lower case; empty for one that may name a person, or is too long."""
    words = " ".join(text.lower().split())
    is_personal = "@" in words or len(re.findall(r"\d", words)) > _MOST_DIGITS
    return "" if is_personal or len(words) > MOST_CHARACTERS or "\x00" in words else words

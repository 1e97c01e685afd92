"""Opt-ins: links that ask the owner of an address to confirm it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.data.rows import Field, Row

# A link is valid for this long, and its address gets no second one meanwhile.
OPT_IN_VALIDITY: Final = timedelta(days=7)


class OptIn(Row, table=True):
    """The newest link that asked the owner of an address."""

    __tablename__ = "opt_in"

    email_digest: str = Field(primary_key=True)
    token_digest: str = Field(unique=True)
    asked_at: datetime = Field(index=True)


@dataclass(frozen=True, slots=True)
class OptInRequest:
    """A request for reminders to an address."""

    email: str = field(repr=False)
    locale: str = ""
    channel: str = ""
    owner_id: UUID | None = None
    cart_id: UUID | None = None

"""Topics that an address wants mail about, and addresses that their owners confirmed.

An address is stored as its digest only (`mails.recipients.digest_address`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint

from chassis.data.rows import Field, Row, code, counter, states
from notifications.errors import TopicNotOptional, UnknownTopic


class Topic(StrEnum):
    TRANSACTIONAL = "transactional"
    REMINDERS = "reminders"
    SURVEYS = "surveys"
    MARKETING = "marketing"


# Marketing needs consent. A cart or an order implies the other topics until the shopper
# unsubscribes.
WANTED_BY_DEFAULT: Final = {Topic.REMINDERS: True, Topic.SURVEYS: True, Topic.MARKETING: False}


def parse_optional_topic(name: str) -> Topic:
    """Returns the topic of that name. Raises UnknownTopic, TopicNotOptional."""
    try:
        topic = Topic(name)
    except ValueError:
        raise UnknownTopic(f"one of {', '.join(WANTED_BY_DEFAULT)}") from None
    if topic not in WANTED_BY_DEFAULT:
        raise TopicNotOptional(topic=topic)
    return topic


class ChangedBy(StrEnum):
    """The means by which a preference changed: the customer's account, or the link of a mail."""

    CUSTOMER = "customer"
    LINK = "link"


class Preference(Row, table=True):
    """Whether an address wants mail about an optional topic, and how the answer last changed."""

    __tablename__ = "preference"
    __table_args__ = (
        CheckConstraint("topic IN ('reminders', 'surveys', 'marketing')"),
        states("changed_by", ChangedBy),
    )

    email_digest: str = Field(primary_key=True)
    topic: Topic = code(Topic, primary_key=True)
    is_wanted: bool
    changed_by: ChangedBy = code(ChangedBy)
    changed_at: datetime


class Subscriber(Row, table=True):
    """The address that a customer registered with.

    The token of a customer does not hold it. `confirmed_at` is None until the customer proves that
    the address is theirs.
    """

    __tablename__ = "subscriber"

    customer_id: UUID = Field(primary_key=True)
    email_digest: str
    confirmed_at: datetime | None = None


class ConfirmedBy(StrEnum):
    """The proof of an address: an event of identity, or the link of an opt-in mail."""

    ACCOUNT = "account"
    LINK = "link"


class ConfirmedAddress(Row, table=True):
    """An address that its owner confirmed, and the first proof of it."""

    __tablename__ = "confirmed_address"
    __table_args__ = (states("confirmed_by", ConfirmedBy),)

    email_digest: str = Field(primary_key=True)
    confirmed_by: ConfirmedBy = code(ConfirmedBy)
    confirmed_at: datetime


class AnalyticsConsent(Row, table=True):
    """Whether a customer's account allows analytics. `version` is that of the newest event."""

    __tablename__ = "analytics_consent"

    customer_id: UUID = Field(primary_key=True)
    is_granted: bool
    version: int = counter()

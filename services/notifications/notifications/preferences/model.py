"""Which topics an address wants, and which address a customer has. Addresses are known here by their digest only."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, bindparam, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, states
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from notifications.errors import EmailNotConfirmed
from notifications.preferences.topics import WANTED_BY_DEFAULT, Topic


class ChangedBy(StrEnum):
    CUSTOMER = "customer"
    LINK = "link"


class Preference(Row, table=True):
    """Whether an address wants mail about an optional topic, and who last changed the answer."""

    __tablename__ = "preference"
    __table_args__ = (CheckConstraint("topic IN ('reminders', 'surveys', 'marketing')"), states("changed_by", ChangedBy))

    email_digest: str = Field(primary_key=True)
    topic: Topic = code(Topic, primary_key=True)
    is_wanted: bool
    changed_by: ChangedBy = code(ChangedBy)
    changed_at: datetime


class Subscriber(Row, table=True):
    """Which address a customer registered with, because their token does not tell. `confirmed_at` is None until it is proved to be theirs."""

    __tablename__ = "subscriber"

    customer_id: UUID = Field(primary_key=True)
    email_digest: str
    confirmed_at: datetime | None = None


_ANSWERS: Final = prepare(select(Preference.topic, Preference.is_wanted).where(Preference.email_digest == bindparam("email_digest")))
_answer: Final = insert(Preference).values(
    email_digest=bindparam("email_digest"), topic=bindparam("topic"), is_wanted=bindparam("is_wanted"),
    changed_by=bindparam("changed_by"), changed_at=bindparam("now"),
)  # fmt: skip
_STORE: Final = prepare(
    _answer.on_conflict_do_update(
        index_elements=["email_digest", "topic"],
        set_={name: _answer.excluded[name] for name in ("is_wanted", "changed_by", "changed_at")},
        where=col(Preference.is_wanted) != _answer.excluded.is_wanted,
    )
)
_customer: Final = insert(Subscriber).values(
    customer_id=bindparam("customer_id"), email_digest=bindparam("email_digest"), confirmed_at=bindparam("confirmed_at")
)
_RECORD: Final = prepare(
    _customer.on_conflict_do_update(
        index_elements=["customer_id"],
        set_={
            "email_digest": _customer.excluded.email_digest,
            "confirmed_at": func.coalesce(Subscriber.confirmed_at, _customer.excluded.confirmed_at),
        },
    )
)


async def of(read: Read, email_digest: str) -> dict[Topic, bool]:
    """Wanted or not, for each optional topic."""
    return {**WANTED_BY_DEFAULT, **dict(await read.all(_ANSWERS, email_digest=email_digest))}


async def wants(read: Read, email_digest: str, topic: Topic) -> bool:
    """Whether mail about the topic is welcome; what is transactional always is."""
    return topic is Topic.TRANSACTIONAL or (await of(read, email_digest))[topic]


async def store(tx: Tx, email_digest: str, wanted: Mapping[Topic, bool], changed_by: ChangedBy) -> None:
    """Writes answers. Idempotent."""
    # At most three, in one order, so that two that change the same topics wait for each other.
    for topic, is_wanted in sorted(wanted.items()):
        await tx.execute(_STORE, email_digest=email_digest, topic=topic, is_wanted=is_wanted, changed_by=changed_by, now=tx.now)


async def record_customer(tx: Tx, customer_id: UUID, email_digest: str, *, is_confirmed: bool) -> None:
    """Records which address a customer registered with, and whether it is theirs. In any order: what was confirmed stays confirmed."""
    confirmed_at = tx.now if is_confirmed else None
    await tx.execute(_RECORD, customer_id=customer_id, email_digest=email_digest, confirmed_at=confirmed_at)


async def digest_of(read: Read, customer_id: UUID) -> str | None:
    """The digest of the address that a customer confirmed; None where their registration was not heard of yet. Raises EmailNotConfirmed."""
    subscriber = await read.get(Subscriber, customer_id)
    if subscriber is None:
        return None
    if subscriber.confirmed_at is None:
        raise EmailNotConfirmed("confirm the e-mail address first: preferences belong to an address")
    return subscriber.email_digest

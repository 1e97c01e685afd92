"""Changes of preferences, and records of customers and of confirmed addresses."""

from collections.abc import Mapping
from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from notifications.errors import ProfileNotReady, UnsubscribeTokenNotFound
from notifications.preferences.model import (
    WANTED_BY_DEFAULT,
    ChangedBy,
    ConfirmedAddress,
    ConfirmedBy,
    Preference,
    Subscriber,
    Topic,
    parse_optional_topic,
)
from notifications.preferences.queries import find_confirmed_digest, get_wanted_topics
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens

_answer: Final = insert(Preference).values(
    email_digest=bindparam("email_digest"),
    topic=bindparam("topic"),
    is_wanted=bindparam("is_wanted"),
    changed_by=bindparam("changed_by"),
    changed_at=bindparam("now"),
)
_STORE: Final = prepare(
    _answer.on_conflict_do_update(
        index_elements=["email_digest", "topic"],
        set_={name: _answer.excluded[name] for name in ("is_wanted", "changed_by", "changed_at")},
        where=col(Preference.is_wanted) != _answer.excluded.is_wanted,
    )
)
_OF_ADDRESS: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM preference WHERE email_digest = %s AND is_wanted",
    "DELETE FROM confirmed_address WHERE email_digest = %s",
    "DELETE FROM opt_in WHERE email_digest = %s",
)
_customer: Final = insert(Subscriber).values(
    customer_id=bindparam("customer_id"),
    email_digest=bindparam("email_digest"),
    confirmed_at=bindparam("confirmed_at"),
)
_RECORD: Final = prepare(
    _customer.on_conflict_do_update(
        index_elements=["customer_id"],
        set_={
            "email_digest": _customer.excluded.email_digest,
            "confirmed_at": func.coalesce(Subscriber.confirmed_at, _customer.excluded.confirmed_at),
        },
        where=col(Subscriber.email_digest) != literal_column("''"),
    )
)
_erased: Final = insert(Subscriber).values(customer_id=bindparam("customer_id"), email_digest="")
_FORGET: Final = prepare(
    _erased.on_conflict_do_update(
        index_elements=["customer_id"], set_={"email_digest": "", "confirmed_at": None}
    )
)


async def set_preferences(
    tx: Tx, customer_id: UUID, wanted: Mapping[str, bool]
) -> dict[Topic, bool]:
    """Replaces the preferences of a customer and returns all optional topics. Idempotent.

    A topic that is not given is not wanted: its default may be, which nobody chose.

    Raises UnknownTopic, TopicNotOptional, ProfileNotReady, EmailNotConfirmed.
    """
    answers = {parse_optional_topic(name): is_wanted for name, is_wanted in wanted.items()}
    digest = await find_confirmed_digest(tx, customer_id)
    if digest is None:
        raise ProfileNotReady(retry_after_seconds=1)
    await store_preferences(
        tx, digest, {**dict.fromkeys(WANTED_BY_DEFAULT, False), **answers}, ChangedBy.CUSTOMER
    )
    return await get_wanted_topics(tx, digest)


async def unsubscribe(tx: Tx, token: str, tokens: UnsubscribeTokens) -> Topic:
    """Ends the topic of an unsubscribe link. Idempotent. Raises UnsubscribeTokenNotFound."""
    found = tokens.read(token)
    if found is None:
        raise UnsubscribeTokenNotFound
    digest, topic = found
    await store_preferences(tx, digest, {topic: False}, ChangedBy.LINK)
    return topic


async def store_preferences(
    tx: Tx, email_digest: str, wanted: Mapping[Topic, bool], changed_by: ChangedBy
) -> None:
    """Stores whether an address wants the given topics. Idempotent."""
    # The order is fixed, so that two transactions that change the same topics wait for each other
    # and do not deadlock.
    for topic, is_wanted in sorted(wanted.items()):
        await tx.execute(
            _STORE,
            email_digest=email_digest,
            topic=topic,
            is_wanted=is_wanted,
            changed_by=changed_by,
            now=tx.now,
        )


async def record_customer(
    tx: Tx, customer_id: UUID, email_digest: str, *, is_confirmed: bool
) -> None:
    """Records the address of a customer. A confirmation stays, so events may come in any order."""
    confirmed_at = tx.now if is_confirmed else None
    await tx.execute(
        _RECORD, customer_id=customer_id, email_digest=email_digest, confirmed_at=confirmed_at
    )


async def forget_customer(tx: Tx, customer_id: UUID, email_digest: str) -> None:
    """Forgets a customer, and an address that was theirs; an empty digest is no address.

    Idempotent. What arrives late of the customer is forgotten too. Refusals of mail stay: they keep
    others from writing to the address.
    """
    await tx.execute(_FORGET, customer_id=customer_id)
    await tx.run("DELETE FROM analytics_consent WHERE customer_id = %s", [customer_id])
    if email_digest:
        for statement in _OF_ADDRESS:
            await tx.run(statement, [email_digest])


async def record_confirmed_address(tx: Tx, email_digest: str, confirmed_by: ConfirmedBy) -> None:
    """Records an address as confirmed. Idempotent: the first proof stays."""
    await tx.insert_new(
        ConfirmedAddress(email_digest=email_digest, confirmed_by=confirmed_by, confirmed_at=tx.now)
    )


async def record_analytics_consent(
    tx: Tx, customer_id: UUID, *, is_granted: bool, version: int
) -> None:
    """Keeps whether a customer's account allows analytics; an older answer changes nothing."""
    await tx.run(
        "INSERT INTO analytics_consent (customer_id, is_granted, version) VALUES (%s, %s, %s)"
        " ON CONFLICT (customer_id) DO UPDATE SET is_granted = excluded.is_granted,"
        " version = excluded.version WHERE excluded.version > analytics_consent.version",
        [customer_id, is_granted, version],
    )

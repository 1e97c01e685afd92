"""Reads of preferences and of confirmed addresses."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from notifications.errors import EmailNotConfirmed
from notifications.preferences.model import (
    WANTED_BY_DEFAULT,
    AnalyticsConsent,
    ConfirmedAddress,
    Preference,
    Subscriber,
    Topic,
)

_ANSWERS: Final = prepare(
    select(Preference.topic, Preference.is_wanted).where(
        Preference.email_digest == bindparam("email_digest")
    )
)
_CONFIRMED_AT: Final = prepare(
    select(ConfirmedAddress.confirmed_at).where(
        ConfirmedAddress.email_digest == bindparam("email_digest")
    )
)


async def get_preferences(read: Read, customer_id: UUID) -> dict[Topic, bool]:
    """Returns whether a customer wants each optional topic.

    The defaults apply while the registration has not arrived here, and while the address is not
    confirmed.
    """
    try:
        digest = await find_confirmed_digest(read, customer_id)
    except EmailNotConfirmed:
        digest = None
    return await get_wanted_topics(read, digest) if digest else dict(WANTED_BY_DEFAULT)


async def get_wanted_topics(read: Read, email_digest: str) -> dict[Topic, bool]:
    """Returns whether an address wants each optional topic."""
    return {**WANTED_BY_DEFAULT, **dict(await read.all(_ANSWERS, email_digest=email_digest))}


async def wants_topic(read: Read, email_digest: str, topic: Topic) -> bool:
    """Returns whether an address wants mail about a topic. Transactional mail is always wanted."""
    return topic is Topic.TRANSACTIONAL or (await get_wanted_topics(read, email_digest))[topic]


async def find_confirmed_digest(read: Read, customer_id: UUID) -> str | None:
    """Returns the digest of a customer's confirmed address.

    Returns None if the registration has not arrived here. Raises EmailNotConfirmed.
    """
    subscriber = await read.get(Subscriber, customer_id)
    if subscriber is None:
        return None
    if subscriber.confirmed_at is None:
        raise EmailNotConfirmed(
            "confirm the e-mail address first: preferences belong to an address"
        )
    return subscriber.email_digest


async def is_confirmed(read: Read, email_digest: str) -> bool:
    """Returns whether the owner of an address confirmed it."""
    return await read.one(_CONFIRMED_AT, email_digest=email_digest) is not None


async def allows_analytics(read: Read, owner_id: UUID | None) -> bool:
    """Returns whether a mail's owner is a customer whose account allows analytics."""
    if owner_id is None:
        return False
    consent = await read.get(AnalyticsConsent, owner_id)
    return consent is not None and consent.is_granted

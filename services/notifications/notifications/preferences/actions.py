"""Changing which topics somebody wants."""

from collections.abc import Mapping
from uuid import UUID

from chassis.data.tx import Read, Tx
from notifications.errors import EmailNotConfirmed, ProfileNotReady, UnsubscribeTokenNotFound
from notifications.preferences import model as preferences
from notifications.preferences import topics
from notifications.preferences.model import ChangedBy
from notifications.preferences.topics import WANTED_BY_DEFAULT, Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens


async def wanted_by(read: Read, customer_id: UUID) -> dict[Topic, bool]:
    """Returns the topics that a customer wants: the defaults while the registration is not heard of, or the address not confirmed."""
    try:
        digest = await preferences.digest_of(read, customer_id)
    except EmailNotConfirmed:
        digest = None
    return await preferences.of(read, digest) if digest else dict(WANTED_BY_DEFAULT)


async def change(tx: Tx, customer_id: UUID, wanted: Mapping[str, bool]) -> dict[Topic, bool]:
    """Changes a customer's topics, and returns all of them. Idempotent. Raises UnknownTopic, TopicNotOptional, ProfileNotReady,
    EmailNotConfirmed."""
    answers = {topics.optional(name): is_wanted for name, is_wanted in wanted.items()}
    digest = await preferences.digest_of(tx, customer_id)
    if digest is None:
        raise ProfileNotReady(retry_after_seconds=1)
    await preferences.store(tx, digest, answers, ChangedBy.CUSTOMER)
    return await preferences.of(tx, digest)


async def unsubscribe(tx: Tx, token: str, tokens: UnsubscribeTokens) -> Topic:
    """Ends the topic of a link's token, and returns it. Idempotent. Raises UnsubscribeTokenNotFound."""
    found = tokens.read(token)
    if found is None:
        raise UnsubscribeTokenNotFound
    digest, topic = found
    await preferences.store(tx, digest, {topic: False}, ChangedBy.LINK)
    return topic

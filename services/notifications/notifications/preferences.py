"""Which topics an address wants, and which address a customer has. Addresses are known here by their digest only."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from chassis.data.tx import Read, Tx
from notifications.errors import EmailNotConfirmed
from notifications.topics import WANTED_BY_DEFAULT, Topic


class ChangedBy(StrEnum):
    CUSTOMER = "customer"
    LINK = "link"


async def of(read: Read, email_digest: str) -> dict[Topic, bool]:
    """Wanted or not, for each optional topic."""
    rows = await read.fetch("SELECT topic, is_wanted FROM preference WHERE email_digest = %s", [email_digest])
    return {**WANTED_BY_DEFAULT, **{Topic(topic): is_wanted for topic, is_wanted in rows}}


async def wants(read: Read, email_digest: str, topic: Topic) -> bool:
    """Whether mail about the topic is welcome; what is transactional always is."""
    return topic is Topic.TRANSACTIONAL or (await of(read, email_digest))[topic]


async def store(tx: Tx, email_digest: str, wanted: Mapping[Topic, bool], changed_by: ChangedBy) -> None:
    """Writes answers. Idempotent."""
    await tx.run_many(
        "INSERT INTO preference (email_digest, topic, is_wanted, changed_by, changed_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (email_digest, topic) DO UPDATE SET is_wanted = excluded.is_wanted, changed_by = excluded.changed_by,"
        " changed_at = excluded.changed_at WHERE preference.is_wanted <> excluded.is_wanted",
        [(email_digest, topic, is_wanted, changed_by, tx.now) for topic, is_wanted in sorted(wanted.items())],
    )


async def record_customer(tx: Tx, customer_id: UUID, email_digest: str, *, is_confirmed: bool) -> None:
    """Records which address a customer registered with, and whether it is theirs. In any order: what was confirmed stays confirmed."""
    await tx.run(
        "INSERT INTO subscriber (customer_id, email_digest, confirmed_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (customer_id) DO UPDATE SET email_digest = excluded.email_digest,"
        " confirmed_at = coalesce(subscriber.confirmed_at, excluded.confirmed_at)",
        [customer_id, email_digest, tx.now if is_confirmed else None],
    )


async def digest_of(read: Read, customer_id: UUID) -> str | None:
    """The digest of the address that a customer confirmed; None where their registration was not heard of yet. Raises EmailNotConfirmed."""
    found = await read.fetch_one("SELECT email_digest, confirmed_at FROM subscriber WHERE customer_id = %s", [customer_id])
    if found is None:
        return None
    if found[1] is None:
        raise EmailNotConfirmed("confirm the e-mail address first: preferences belong to an address")
    return str(found[0])

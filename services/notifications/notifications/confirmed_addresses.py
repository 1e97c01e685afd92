"""Addresses whose owners proved that they are theirs. They are known here by their digest only."""

from enum import StrEnum

from chassis.data.tx import Read, Tx


class ConfirmedBy(StrEnum):
    """How an address was proved: by the customer's account (identity says so), or by the link of a mail of ours."""

    ACCOUNT = "account"
    LINK = "link"


async def is_confirmed(read: Read, email_digest: str) -> bool:
    """Whether the owner of an address proved it."""
    return await read.fetch_one("SELECT 1 FROM confirmed_address WHERE email_digest = %s", [email_digest]) is not None


async def confirm(tx: Tx, email_digest: str, confirmed_by: ConfirmedBy) -> None:
    """Records an address as confirmed. Idempotent."""
    await tx.run(
        "INSERT INTO confirmed_address (email_digest, confirmed_by, confirmed_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [email_digest, confirmed_by, tx.now],
    )

"""Addresses whose owners proved that they are theirs. They are known here by their digest only."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import select

from chassis.data.rows import Field, Row, code, states
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx


class ConfirmedBy(StrEnum):
    """How an address was proved: by the customer's account (identity says so), or by the link of a mail of ours."""

    ACCOUNT = "account"
    LINK = "link"


class ConfirmedAddress(Row, table=True):
    """An address that its owner proved, and how they first did."""

    __tablename__ = "confirmed_address"
    __table_args__ = (states("confirmed_by", ConfirmedBy),)

    email_digest: str = Field(primary_key=True)
    confirmed_by: ConfirmedBy = code(ConfirmedBy)
    confirmed_at: datetime


_CONFIRMED_AT: Final = prepare(select(ConfirmedAddress.confirmed_at).where(ConfirmedAddress.email_digest == bindparam("email_digest")))


async def is_confirmed(read: Read, email_digest: str) -> bool:
    """Whether the owner of an address proved it."""
    return await read.one(_CONFIRMED_AT, email_digest=email_digest) is not None


async def confirm(tx: Tx, email_digest: str, confirmed_by: ConfirmedBy) -> None:
    """Records an address as confirmed. Idempotent."""
    await tx.insert_new(ConfirmedAddress(email_digest=email_digest, confirmed_by=confirmed_by, confirmed_at=tx.now))

"""Reads and writes of answers on VAT ids."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from checkout.vat_ids.model import VatIdAnswer

_FIND: Final = prepare(
    select(VatIdAnswer).where(
        col(VatIdAnswer.vat_id) == bindparam("vat_id"),
        col(VatIdAnswer.requester) == bindparam("of_requester"),
    )
)
_FORGET: Final = prepare(
    delete(VatIdAnswer).where(col(VatIdAnswer.checked_at) < bindparam("before"))
)


async def find_answer(read: Read, vat_id: str, requester: str) -> VatIdAnswer | None:
    """Returns the last answer on a VAT id to a seller."""
    found: VatIdAnswer | None = await read.one(_FIND, vat_id=vat_id, of_requester=requester)
    return found


async def store_answer(tx: Tx, answer: VatIdAnswer, *, forget_before: datetime) -> None:
    """Stores an answer in place of an older one, and deletes all from before a moment."""
    await tx.upsert_many(VatIdAnswer, [answer])
    await tx.execute(_FORGET, before=forget_before)

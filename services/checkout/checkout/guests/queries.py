"""Reads of guests who became customers."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from chassis.rpc.auth import Caller
from checkout.guests.model import ConvertedGuest

_GUESTS: Final = prepare(
    select(ConvertedGuest.guest_id).where(ConvertedGuest.customer_id == bindparam("customer_id"))
)


async def find_buyer_ids(read: Read, caller: Caller) -> frozenset[UUID]:
    """Returns the ids under which a caller bought: their own, and those of their former guests.

    Empty for callers who do not buy.
    """
    mine = caller.act_for if caller.kind == "service" else caller.subject_id
    if mine is None:
        return frozenset()
    if caller.kind == "guest":
        return frozenset((mine,))
    return frozenset((mine, *await read.all(_GUESTS, customer_id=mine)))

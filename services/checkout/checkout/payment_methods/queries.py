"""Reads of payment methods."""

from typing import Final

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from checkout.merchant_settings.group import SettingsGroup
from checkout.payment_methods.model import PaymentMethod, PaymentMethodRevision

_LOOP: Final = Loop("payment methods")
GROUP: Final = SettingsGroup("payment_method", PaymentMethodRevision)
_LOCK: Final = prepare(
    select(PaymentMethod).where(PaymentMethod.code == bindparam("code")).with_for_update()
)


async def find_methods(read: Read) -> list[PaymentMethod]:
    """Returns all methods by code. One that cannot be read is left out."""
    return await find_readable(
        read, PaymentMethod, select(PaymentMethod).order_by(col(PaymentMethod.code)), loop=_LOOP
    )


async def lock_method(tx: Tx, code: str) -> PaymentMethod | None:
    """Locks the method of a code, if there is one."""
    if not code.isprintable():
        return None
    found: PaymentMethod | None = await tx.one(_LOCK, code=code)
    return found

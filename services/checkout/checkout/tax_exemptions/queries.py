"""Reads of tax exemptions."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from checkout.errors.taxes import TaxExemptionNotFound
from checkout.merchant_settings.group import SettingsGroup
from checkout.tax_exemptions.model import ExemptionTable, TaxExemption, TaxExemptionRevision

GROUP: Final = SettingsGroup("tax_exemption", TaxExemptionRevision)
_LOOP: Final = Loop("tax exemptions")
_OF_CUSTOMER: Final = prepare(
    select(TaxExemption)
    .where(col(TaxExemption.customer_id) == bindparam("of_customer_id"))
    .order_by(col(TaxExemption.code))
    .with_for_update()
)


async def load_exemptions(read: Read, revision: int) -> ExemptionTable:
    """Returns all exemptions. One that cannot be read is left out: its buyer is taxed."""
    rows = await find_readable(
        read, TaxExemption, select(TaxExemption).order_by(col(TaxExemption.code)), loop=_LOOP
    )
    return ExemptionTable(rows, revision=revision)


async def get_tax_exemption(read: Read, code: str) -> TaxExemption:
    """One exemption. Raises TaxExemptionNotFound."""
    found = await read.get(TaxExemption, code) if code.isprintable() else None
    if found is None:
        raise TaxExemptionNotFound(code=code[:40])
    return found


async def list_tax_exemptions(
    read: Read, *, customer_id: UUID | None, organization_id: UUID | None, after: str, size: int
) -> list[TaxExemption]:
    """Exemptions after a code, in the order of their codes."""
    query = select(TaxExemption).where(col(TaxExemption.code) > after)
    if customer_id:
        query = query.where(col(TaxExemption.customer_id) == customer_id)
    if organization_id:
        query = query.where(col(TaxExemption.organization_id) == organization_id)
    return await read.all(query.order_by(col(TaxExemption.code)).limit(size))


async def find_exemptions_of(
    read: Read, customer_id: UUID | None, organization_id: UUID | None
) -> ExemptionTable:
    """Returns the exemptions of a customer and of an organization."""
    owned = (
        col(TaxExemption.customer_id) == customer_id,
        col(TaxExemption.organization_id) == organization_id,
    )
    if customer_id is None and organization_id is None:
        return ExemptionTable()
    return ExemptionTable(await read.all(select(TaxExemption).where(or_(*owned))))


async def lock_exemptions_of(tx: Tx, customer_id: UUID) -> list[TaxExemption]:
    """Locks the exemptions of a customer, in the order of their codes."""
    return await tx.all(_OF_CUSTOMER, of_customer_id=customer_id)


async def count_exemptions(read: Read) -> int:
    row = await read.fetch_one("SELECT count(*) FROM tax_exemption")
    return row[0] if row else 0

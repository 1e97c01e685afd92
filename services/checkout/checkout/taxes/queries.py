"""Reads of tax rates and settings."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from checkout.errors.taxes import TaxRateNotFound
from checkout.merchant_settings.group import SettingsGroup
from checkout.taxes.model import TaxRate, TaxRevision, TaxSettings
from checkout.taxes.table import TaxTable

_LOOP: Final = Loop("tax rates")
_LOCK: Final = prepare(
    select(TaxRate)
    .where(one_of(TaxRate.code, "codes"))
    .order_by(col(TaxRate.code))
    .with_for_update()
)
_ALIKE: Final = prepare(select(TaxRate).where(one_of(TaxRate.country, "countries")))
GROUP: Final = SettingsGroup("tax", TaxRevision)
_SETTINGS: Final = prepare(
    select(TaxSettings).where(col(TaxSettings.channel) == bindparam("channel"))
)


async def load_table(read: Read, revision: int) -> TaxTable:
    """Returns all rates and settings. One that cannot be read is left out."""
    rates = await find_readable(
        read, TaxRate, select(TaxRate).order_by(col(TaxRate.code)), loop=_LOOP
    )
    return TaxTable(rates, await read.all(select(TaxSettings)), revision=revision)


async def get_tax_rate(read: Read, code: str) -> TaxRate:
    """One rate. Raises TaxRateNotFound."""
    found = await read.get(TaxRate, code) if code.isprintable() else None
    if found is None:
        raise TaxRateNotFound(code=code[:40])
    return found


async def list_tax_rates(
    read: Read, *, country: str, tax_class: str, after: str, size: int
) -> list[TaxRate]:
    """Rates after a code, in the order of their codes."""
    query = select(TaxRate).where(col(TaxRate.code) > after)
    if country:
        query = query.where(col(TaxRate.country) == country)
    if tax_class:
        query = query.where(col(TaxRate.tax_class) == tax_class)
    return await read.all(query.order_by(col(TaxRate.code)).limit(size))


async def lock_tax_rates(tx: Tx, codes: Sequence[str]) -> dict[str, TaxRate]:
    """Locks the rates of codes that exist, by code."""
    return {found.code: found for found in await tx.all(_LOCK, codes=list(codes))}


async def rates_of_countries(read: Read, countries: Sequence[str]) -> list[TaxRate]:
    """All rates of some countries."""
    return await read.all(_ALIKE, countries=list(countries))


async def find_tax_settings(read: Read, channel: str) -> TaxSettings | None:
    """The settings of a channel itself."""
    found: TaxSettings | None = await read.one(_SETTINGS, channel=channel)
    return found

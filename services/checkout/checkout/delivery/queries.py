"""Reads of delivery settings."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Row
from chassis.data.statements import Prepared, one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import NotFound
from checkout.delivery.model import (
    DeliveryCalendar,
    DeliveryCarrier,
    DeliveryMethod,
    DeliveryRate,
    DeliveryRevision,
    DeliveryZone,
)
from checkout.delivery.table import DeliveryTable
from checkout.errors.delivery import (
    DeliveryCalendarNotFound,
    DeliveryCarrierNotFound,
    DeliveryMethodNotFound,
    DeliveryRateNotFound,
    DeliveryZoneNotFound,
)
from checkout.merchant_settings.group import SettingsGroup

Setting = DeliveryZone | DeliveryCalendar | DeliveryCarrier | DeliveryMethod | DeliveryRate
S = TypeVar("S", bound=Setting)
_ROWS: Final[tuple[type[Setting], ...]] = (
    DeliveryZone,
    DeliveryCalendar,
    DeliveryCarrier,
    DeliveryMethod,
    DeliveryRate,
)
_MISSING: Final[dict[type[Row], type[NotFound]]] = {
    DeliveryZone: DeliveryZoneNotFound,
    DeliveryCalendar: DeliveryCalendarNotFound,
    DeliveryCarrier: DeliveryCarrierNotFound,
    DeliveryMethod: DeliveryMethodNotFound,
    DeliveryRate: DeliveryRateNotFound,
}
_LOOPS: Final[dict[type[Row], Loop]] = {
    DeliveryZone: Loop("delivery zones"),
    DeliveryCalendar: Loop("delivery calendars"),
    DeliveryCarrier: Loop("delivery carriers"),
    DeliveryMethod: Loop("delivery methods"),
    DeliveryRate: Loop("delivery rates"),
}


def _lock(row: Any) -> Prepared[Any]:
    return prepare(
        select(row).where(one_of(row.code, "codes")).order_by(col(row.code)).with_for_update()
    )


_LOCK: Final[dict[type[Row], Prepared[Any]]] = {row: _lock(row) for row in _ROWS}
_CODES: Final = {row: prepare(select(row.code)) for row in _ROWS}
_COUNT: Final = {row: prepare(select(func.count()).select_from(row)) for row in _ROWS}
_METHODS: Final = prepare(select(DeliveryMethod).order_by(col(DeliveryMethod.code)))
_RATES: Final = prepare(
    select(DeliveryRate)
    .where(one_of(DeliveryRate.method, "methods"))
    .order_by(col(DeliveryRate.code))
)
_RATE_OF_ZONE: Final = prepare(
    select(DeliveryRate.code)
    .where(col(DeliveryRate.zone) == bindparam("zone"))
    .order_by(col(DeliveryRate.code))
    .limit(1)
)
GROUP: Final = SettingsGroup("delivery", DeliveryRevision)


async def load_table(read: Read, revision: int) -> DeliveryTable:
    """Returns all settings. One that cannot be read is left out."""
    return DeliveryTable(
        await _readable(read, DeliveryZone),
        await _readable(read, DeliveryCalendar),
        await _readable(read, DeliveryMethod),
        await _readable(read, DeliveryRate),
        carriers=await _readable(read, DeliveryCarrier),
        revision=revision,
    )


async def get_setting(read: Read, row: type[S], code: str) -> S:
    """One setting. Raises the NotFound of its kind."""
    found = await read.get(row, code) if code.isprintable() else None
    if found is None:
        raise _MISSING[row](code=code[:40])
    return found


async def list_settings(read: Read, row: type[S], *, after: str, size: int) -> list[S]:
    """Settings after a code, in the order of their codes."""
    query = select(row).where(col(row.code) > after).order_by(col(row.code)).limit(size)
    return await read.all(query)


async def list_delivery_rates(
    read: Read, *, method: str, zone: str, currency: str, after: str, size: int
) -> list[DeliveryRate]:
    """Rates after a code, in the order of their codes; an empty filter is for all."""
    query = select(DeliveryRate).where(col(DeliveryRate.code) > after)
    for field, wanted in (
        (DeliveryRate.method, method), (DeliveryRate.zone, zone), (DeliveryRate.currency, currency),
    ):  # fmt: skip
        if wanted:
            query = query.where(col(field) == wanted)
    return await read.all(query.order_by(col(DeliveryRate.code)).limit(size))


async def lock_settings(tx: Tx, row: type[S], codes: Sequence[str]) -> dict[str, S]:
    """Locks the settings of codes that exist, by code."""
    return {found.code: found for found in await tx.all(_LOCK[row], codes=list(codes))}


async def find_codes(read: Read, row: type[Setting]) -> set[str]:
    """Returns the codes of all settings of a kind."""
    return set(await read.all(_CODES[row]))


async def count_settings(read: Read, row: type[Setting]) -> int:
    """Returns how many settings of a kind there are."""
    count: int | None = await read.one(_COUNT[row])
    return count or 0


async def find_methods(read: Read) -> list[DeliveryMethod]:
    """Returns all methods, by code."""
    return await read.all(_METHODS)


async def find_rates_of(read: Read, methods: Sequence[str]) -> list[DeliveryRate]:
    """Returns all rates of some methods, by code."""
    return await read.all(_RATES, methods=list(methods))


async def find_rate_of_zone(read: Read, zone: str) -> str | None:
    """Returns the code of a rate of a zone."""
    found: str | None = await read.one(_RATE_OF_ZONE, zone=zone)
    return found


async def _readable(read: Read, row: type[S]) -> list[S]:
    return await find_readable(read, row, select(row).order_by(col(row.code)), loop=_LOOPS[row])

"""The history of what everybody could buy at, and the lowest price before a reduction.

Directive 98/6/EC, article 6a (added by Directive (EU) 2019/2161): who announces a reduction says
the lowest price of at least the 30 days before it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.data.rows import Field, Row, minor
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx

LOWEST_OF_DAYS: Final = 30
# Variant, channel, currency.
HistoryKey = tuple[UUID, str, str]


class PriceHistory(Row, table=True):
    """The price of one unit for everybody from a time on, until the next row; minor units."""

    __tablename__ = "price_history"

    variant_id: UUID = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    from_at: datetime = Field(primary_key=True)
    amount_minor: int = minor()


_RECORD: Final = (
    "INSERT INTO price_history (variant_id, channel, currency, from_at, amount_minor)"
    " SELECT a.variant_id, a.channel, a.currency, %(now)s::timestamptz, a.amount_minor"
    " FROM unnest(%(variants)s::uuid[], %(channels)s::text[], %(currencies)s::text[],"
    " %(amounts)s::bigint[]) AS a (variant_id, channel, currency, amount_minor)"
    " WHERE a.amount_minor IS DISTINCT FROM (SELECT h.amount_minor FROM price_history h"
    " WHERE h.variant_id = a.variant_id AND h.channel = a.channel AND h.currency = a.currency"
    " ORDER BY h.from_at DESC LIMIT 1)"
    " ON CONFLICT (variant_id, channel, currency, from_at)"
    " DO UPDATE SET amount_minor = excluded.amount_minor"
)
_OF_VARIANTS: Final = prepare(
    select(
        col(PriceHistory.variant_id),
        col(PriceHistory.channel),
        col(PriceHistory.currency),
        col(PriceHistory.from_at),
        col(PriceHistory.amount_minor),
    )
    .where(one_of(PriceHistory.variant_id, "variant_ids"))
    .order_by(col(PriceHistory.from_at))
)


async def record_prices(tx: Tx, amounts: Mapping[HistoryKey, int]) -> None:
    """Notes the prices that hold from now on, where they are not those that held before."""
    if not amounts:
        return
    await tx.run(
        _RECORD,
        {
            "variants": [variant_id for variant_id, _, _ in amounts],
            "channels": [channel for _, channel, _ in amounts],
            "currencies": [currency for _, _, currency in amounts],
            "amounts": list(amounts.values()),
            "now": tx.now,
        },
    )


async def histories_of(
    read: Read, variant_ids: Sequence[UUID]
) -> dict[HistoryKey, list[tuple[datetime, int]]]:
    """Prices of variants by (variant, channel, currency), oldest first."""
    found: dict[HistoryKey, list[tuple[datetime, int]]] = {}
    for variant_id, channel, currency, from_at, amount in await read.all(
        _OF_VARIANTS, variant_ids=list(variant_ids)
    ):
        found.setdefault((variant_id, channel, currency), []).append((from_at, amount))
    return found


def lowest_before_reduction(history: Sequence[tuple[datetime, int]]) -> int | None:
    """The lowest price of the 30 days before the present one began; None without an earlier one.

    `history` is oldest first; its last row is the present price. A price held from its row to
    before the next one: the one that held when the 30 days began counts too.
    """
    if len(history) < 2:
        return None
    since = history[-1][0] - timedelta(days=LOWEST_OF_DAYS)
    ends = [from_at for from_at, _ in history[1:]]
    return min(amount for (_, amount), end in zip(history, ends, strict=False) if end > since)

"""Telling bots by what they do: those that say so are told by the gateway.

A visitor is a bot whose browser, in one minute, did more than a person can, or who, in one hour,
read very many pages and did nothing else. Whoever ordered is none. Their touchpoints get the device
`bot`, which questions leave out; events that they caused too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, LiteralString

from chassis import telemetry
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.runtime.loops import run_periodically
from journey.settings import Settings

log = telemetry.log("bots")
# What came so long before is judged again: a visitor may become too fast after an hour.
LOOKBACK: Final = timedelta(hours=2)
_MARK: Final[LiteralString] = r"""
WITH seen AS (
    SELECT visitor_id, occurred_at, device, kind ~ '\.(view|tree)$' OR kind = 'search' AS is_reading
    FROM touchpoint
    WHERE occurred_at >= %(since)s AND visitor_id IS NOT NULL AND source IN ('gateway', 'beacon')
), bots AS (
    SELECT visitor_id FROM seen WHERE device = 'bot'
    UNION SELECT visitor_id FROM seen GROUP BY visitor_id, date_trunc('minute', occurred_at)
    HAVING count(*) > %(a_minute)s
    UNION SELECT visitor_id FROM seen GROUP BY visitor_id, date_trunc('hour', occurred_at)
    HAVING count(*) > %(reads_an_hour)s AND bool_and(is_reading)
)
UPDATE touchpoint t SET device = 'bot' FROM bots
WHERE t.visitor_id = bots.visitor_id AND t.occurred_at >= %(since)s AND t.device <> 'bot'
    AND NOT EXISTS (SELECT FROM touchpoint o
        WHERE o.visitor_id = bots.visitor_id AND o.kind = 'order.placed')
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """The most that a person does in a minute, and the most pages that one reads in an hour."""

    acts_a_minute: int
    reads_an_hour: int


async def mark_bots(tx: Tx, since: datetime, pace: Pace) -> int:
    """Marks the touchpoints since a time of visitors who are bots. Returns how many it marked."""
    return await tx.run(
        _MARK,
        {"since": since, "a_minute": pace.acts_a_minute, "reads_an_hour": pace.reads_an_hour},
    )


async def tell_bots(database: Database, settings: Settings) -> None:
    """Marks until cancelled, through absences of the database."""
    pace = Pace(settings.bot_acts_a_minute, settings.bot_reads_an_hour)
    mark = partial(_mark_once, database, pace)
    await run_periodically(mark, every_seconds=settings.bot_seconds, name="bots")


async def _mark_once(database: Database, pace: Pace) -> None:
    async with database.tx() as tx:
        marked = await mark_bots(tx, tx.now - LOOKBACK, pace)
    if marked:
        log.info("bots told", touchpoints=marked)

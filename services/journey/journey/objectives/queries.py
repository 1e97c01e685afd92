"""Reads of tries, and how objectives are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString

from chassis.data.tx import Read
from journey.maps.model import Stage
from journey.maps.objectives import WINDOW_DAYS
from journey.objectives.model import WINDOWS, Kept, ObjectiveCount, Tries

_SUMS: Final[LiteralString] = """
SELECT stage, kind, w.name, sum(tries)::bigint, sum(bad)::bigint
FROM objective_slot s
JOIN unnest(%(names)s::text[], %(begins)s::timestamptz[]) AS w (name, since) ON s.slot_at >= w.since
WHERE map_slug = %(map)s AND slot_at < %(until)s
GROUP BY stage, kind, w.name
"""


async def get_count(read: Read, map: str) -> ObjectiveCount | None:
    """Returns from when until when a map's tries are counted; None before the first count."""
    return await read.get(ObjectiveCount, map)


async def list_kept(
    read: Read, map: str, stages: Sequence[Stage], until: datetime | None
) -> list[Kept]:
    """Returns how each objective of a map is kept, in the order of its stages."""
    sums = await _sums(read, map, until) if until else {}
    found = []
    for stage in stages:
        for one in stage.objectives:
            mine = {name: sums.get((stage.slug, one.kind.value, name), Tries()) for name in _ALL}
            whole = mine[f"{one.window_days}d"]
            found.append(Kept(stage.slug, one, whole, {name: mine[name] for name in WINDOWS}))
    return found


_ALL: Final = WINDOWS | {f"{days}d": timedelta(days=days) for days in WINDOW_DAYS}


async def _sums(read: Read, map: str, until: datetime) -> dict[tuple[str, str, str], Tries]:
    rows = await read.fetch(
        _SUMS,
        {
            "map": map,
            "until": until,
            "names": list(_ALL),
            "begins": [until - length for length in _ALL.values()],
        },
    )
    return {(stage, kind, name): Tries(tries, bad) for stage, kind, name, tries, bad in rows}

"""Counting of queries: in memory, and every few seconds in the database."""

from collections import Counter
from typing import Final

from catalog.channels.model import View
from catalog.search_queries.model import KEPT_FOR, MOST_ROWS, SearchQuery, countable
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.runtime.loops import run_periodically

FLUSH_SECONDS: Final = 5.0
# Different queries between two flushes; more are not counted.
_MOST_WAITING: Final = 5_000
# A query is suggested to others once it was asked so often.
_POPULAR_FROM: Final = 3
_MOST_POPULAR: Final = 500
_ADD: Final = (
    "INSERT INTO search_query (channel, locale, query, found, empty, last_at)"
    " SELECT q.*, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])"
    " AS q ORDER BY 1, 2, 3"
    " ON CONFLICT (channel, locale, query) DO UPDATE SET found = search_query.found +"
    " excluded.found, empty = search_query.empty + excluded.empty, last_at = excluded.last_at"
)
_DROP_OLD: Final = (
    "DELETE FROM search_query WHERE last_at < %s OR (channel, locale, query) IN (SELECT channel,"
    " locale, query FROM search_query ORDER BY last_at DESC OFFSET %s)"
)
_POPULAR: Final = (
    "SELECT channel, locale, query FROM (SELECT channel, locale, query, found, row_number() OVER"
    " (PARTITION BY channel, locale ORDER BY found DESC, query) AS place FROM search_query"
    " WHERE found >= %s AND found > empty) AS ranked WHERE place <= %s ORDER BY place"
)
_EMPTY: Final = (
    "SELECT channel, locale, query, found, empty, last_at FROM search_query"
    " WHERE channel = %s AND (%s = '' OR locale = %s) AND empty > found"
    " ORDER BY empty DESC, query LIMIT 500"
)
_Key = tuple[str, str, str]


class QueryLog:
    """Counts of one process. What waits is lost with it: counts are not exact."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: Counter[_Key] = Counter()
        self._empty: Counter[_Key] = Counter()
        self._popular: dict[tuple[str, str], list[str]] = {}

    def count(self, view: View, text: str, *, results: int) -> None:
        """Counts a search for words."""
        query = countable(text)
        if not query or len(self._found) + len(self._empty) >= _MOST_WAITING:
            return
        (self._found if results else self._empty)[view.channel, view.locale, query] += 1

    def popular(self, view: View, text: str, *, most: int) -> list[str]:
        """Frequent queries that begin with a text, the most frequent first."""
        begun = countable(text)
        known = self._popular.get((view.channel, view.locale), ())
        return [query for query in known if query.startswith(begun) and query != begun][:most]

    async def run(self) -> None:
        """Stores counts until cancelled."""
        await run_periodically(
            self.flush, every_seconds=FLUSH_SECONDS, name="counting of search queries"
        )

    async def flush(self) -> None:
        """Stores what was counted, drops what is old, and reads the frequent queries anew."""
        found, empty = self._found, self._empty
        self._found, self._empty = Counter(), Counter()
        keys = sorted({*found, *empty})
        async with self._database.tx() as tx:
            if keys:
                await tx.run(
                    _ADD,
                    [
                        tx.now,
                        *([key[part] for key in keys] for part in range(3)),
                        [found[key] for key in keys],
                        [empty[key] for key in keys],
                    ],
                )
                await tx.run(_DROP_OLD, [tx.now - KEPT_FOR, MOST_ROWS])
            popular: dict[tuple[str, str], list[str]] = {}
            for channel, locale, query in await tx.fetch(_POPULAR, [_POPULAR_FROM, _MOST_POPULAR]):
                popular.setdefault((channel, locale), []).append(query)
        self._popular = popular


async def list_empty_searches(read: Read, channel: str, locale: str) -> list[SearchQuery]:
    """Queries of a channel that find nothing, the most frequent first; all locales for none."""
    return [SearchQuery.load(row) for row in await read.fetch(_EMPTY, [channel, locale, locale])]

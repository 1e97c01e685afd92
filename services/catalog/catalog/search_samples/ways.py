"""Ways to understand a query, and which of its matches are ranked where there are many."""

from collections.abc import Callable
from dataclasses import dataclass

from tantivy import Query

# A query that ranks the matches in the sample of a rate.
Ranked = Callable[[int], Query]


@dataclass(frozen=True, slots=True)
class Way:
    """One understanding of a query.

    `ranked` has all of its matches. Each of `tiers` has those of the next better kind alone, the
    best first, `others` have those of all kinds, with the scores that they have in the tiers, and
    `exact` is what was named by its whole title or by a code: it beats all tiers. Products of the
    best tier have one score, above that of any product of the others.
    """

    ranked: Ranked
    tiers: tuple[Ranked, ...] = ()
    exact: Query | None = None
    others: Ranked | None = None

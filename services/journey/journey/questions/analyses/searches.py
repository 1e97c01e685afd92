"""Search terms: how often each is searched, finds nothing, is clicked, and ends in an order.

A search is clicked where its person views a product in the same session before they search again.
It ends in an order where one is placed later in the session; an order counts for each term that was
searched before it. Sessions are those of every question. A term without a number of results is
known to have found neither something nor nothing.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from journey.questions import orders, sessions
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask, Numbers

SEARCH: Final = "search"
VIEW: Final = "product.view"
TERM: Final = "property:term"
RESULTS: Final = "property:results"
MOST_TERMS: Final = 500


@dataclass(slots=True)
class TermCounts:
    """Counts of a term; all but `people` and `sessions` are of searches.

    `without_results` found nothing, of those `with_known_results`. `ordered` had an order later in
    the session.
    """

    searches: int = 0
    people: int = 0
    sessions: int = 0
    with_known_results: int = 0
    without_results: int = 0
    clicked: int = 0
    ordered: int = 0


class SearchTerms:
    """Counts terms, the most frequent first."""

    before = AT_ONCE
    # An order of the last session may be told late.
    reads_later = False
    columns = sessions.COLUMNS | {"kind", TERM, RESULTS}

    def __init__(self, click_kind: str = VIEW) -> None:
        self._click_kind = click_kind
        self._found: dict[str, TermCounts] = defaultdict(TermCounts)

    def add(self, batch: Batch, counted: Mask) -> None:
        kind, terms = batch.texts["kind"], batch.texts[TERM]
        session = sessions.sessions_of(batch)
        is_search = counted & kind.where(SEARCH.__eq__) & terms.given
        searches = np.flatnonzero(is_search & (session != sessions.NO_SESSION))
        if not len(searches):
            return
        following = np.append(searches[1:], len(batch))
        same = np.append(session[searches[1:]] == session[searches[:-1]], False)
        until = np.where(same, following, len(batch))
        clicks = np.flatnonzero(counted & kind.where(self._click_kind.__eq__))
        clicked = _next_in_session(clicks, searches, session, until)
        placed = np.flatnonzero(counted & kind.where(orders.PLACED.__eq__))
        ordered = _next_in_session(
            placed, searches, session, np.full(len(searches), len(batch), dtype=np.int64)
        )
        results = batch.texts[RESULTS]
        is_known, is_none = results.given[searches], results.where("0".__eq__)[searches]
        codes, term = np.unique(terms.codes[searches], return_inverse=True)
        term = term.reshape(-1)
        everything = np.ones(len(searches), dtype=np.bool_)
        names = [terms.values[code] for code in codes.tolist()]
        for field, chosen in (
            ("searches", everything),
            ("with_known_results", is_known),
            ("without_results", is_none),
            ("clicked", clicked),
            ("ordered", ordered),
        ):
            self._count(field, names, term[chosen])
        self._count("people", names, _distinct(term, batch.person[searches]))
        self._count("sessions", names, _distinct(term, session[searches]))

    def _count(self, field: str, names: list[str], terms: Numbers) -> None:
        counts = np.bincount(terms, minlength=len(names)).tolist()
        for name, count in zip(names, counts, strict=True):
            found = self._found[name]
            setattr(found, field, getattr(found, field) + count)

    def answer(self) -> dict[str, TermCounts]:
        largest = sorted(self._found.items(), key=lambda pair: (-pair[1].searches, pair[0]))
        return dict(largest[:MOST_TERMS])


def _next_in_session(places: Numbers, searches: Numbers, session: Numbers, until: Numbers) -> Mask:
    """Returns which searches have a place after them in their session, before a bound.

    Sessions of different people differ, and a session's touchpoints lie between its own.
    """
    inside = places[session[places] != sessions.NO_SESSION]
    if not len(inside):
        return np.zeros(len(searches), dtype=np.bool_)
    at = np.searchsorted(inside, searches, side="right")
    is_there = at < len(inside)
    found = inside[np.where(is_there, at, 0)]
    came: Mask = is_there & (session[found] == session[searches]) & (found < until)
    return came


def _distinct(group: Numbers, member: Numbers) -> Numbers:
    """Returns the group of each different pair of group and member."""
    return np.unique(np.stack([group, member], axis=1), axis=0)[:, 0]

"""Corrections: a query without its spelling mistakes, from the words of the index."""

from collections.abc import Iterable, Sequence
from typing import Final

import tantivy
from tantivy import Query

from catalog.search.analysis import Analysis, Word

# Of the most frequent words that begin as a misspelt one does.
_MOST_CANDIDATES: Final = 3_000
_FUZZY_FROM: Final = 4
_FUZZIER_FROM: Final = 8


def correct(
    searcher: tantivy.Searcher,
    field: str,
    offered: Query,
    analysis: Analysis,
    words: Sequence[Word],
    unknown: Iterable[str],
) -> str:
    """Returns the query with words of offered products for the unknown ones.

    Empty where no word is near enough to any of them. The most frequent of the nearest words is
    taken.
    """
    wrong, is_changed, found = set(unknown), False, []
    for word in words:
        better = _nearest(searcher, field, offered, word.text) if word.text in wrong else ""
        is_changed |= bool(better)
        found.append(analysis.spelling(better or word.text))
    return " ".join(found) if is_changed else ""


def _nearest(searcher: tantivy.Searcher, field: str, offered: Query, word: str) -> str:
    if len(word) < _FUZZY_FROM or not word.isalpha():
        return ""
    most = 2 if len(word) >= _FUZZIER_FROM else 1
    candidates = searcher.terms_with_prefix(field, word[0], offered, _MOST_CANDIDATES)
    near = [
        (away, -count, term)
        for term, count in candidates
        if count and (away := distance(word, term, most)) <= most
    ]
    return min(near)[2] if near else ""


def distance(one: str, other: str, most: int) -> int:
    """Letters left out, added, replaced or swapped between two words; `most` + 1 for any more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before = before, row
        row = [at]
        for to, wanted in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, earlier[to - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]

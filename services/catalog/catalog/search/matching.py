"""Matching: a typed query as queries of the index, from strict to loose.

Every score is a constant of the match, not of word statistics, which differ between replicas as
long as their segments hold deleted products.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Final

import tantivy
from tantivy import Occur, Query

from catalog.search.analysis import Analysis, Word
from catalog.search.documents import HEADS_FROM, SAMPLE, SAMPLED, sku_key, sku_letters, whole_of
from catalog.search.found import all_of, any_of, suffix_of
from catalog.search.synonyms import NO_SYNONYMS, Synonyms
from catalog.search.weights import Weights, exact

MOST_WORDS: Final = 12
_MOST_LOOKED_UP: Final = 4_096
# Length from which one mistake is forgiven, and two.
_FUZZY_FROM: Final = 4
_FUZZIER_FROM: Final = 8
# Shortest word that is looked for as a part of compounds, and shortest part of one.
_PART_FROM: Final = 4
_SHORTEST_PART: Final = 3
_LEAST_SKU: Final = 3
# Letters that join the parts of a compound, by what they add to its first part.
_LINKS: Final = ("", "s", "n", "en", "es", "e", "er")
# What a match that is less than a whole word counts of the weight of its field.
_SYNONYM: Final = 0.75
_HEAD, _MODIFIER, _PREFIX, _FUZZY, _FUZZIER = 0.75, 0.5, 0.25, 0.1875, 0.125
PREFIXED_SKU: Final = 0.25
# Entries from which a look at a sample of them comes first: all that match a frequent word take
# long to look at, and those of a rare word do not.
SAMPLED_FROM: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Fields:
    """Names of the fields of a locale."""

    title: str
    category: str
    attributes: str
    body: str
    words: str
    heads: str
    more_heads: str
    whole: str
    brand: str = "brand"


@lru_cache(maxsize=256)
def _fields_of(locale: str) -> _Fields:
    suffix = suffix_of(locale)
    names = [each.name for each in fields(_Fields) if each.name != "brand"]
    return _Fields(*(f"{name}_{suffix}" for name in names))


@dataclass(slots=True)
class _Looked:
    """A word that was looked up: its query, and whether no product has it or its parts."""

    query: Query
    is_unknown: bool


class LookedUp:
    """Words that were looked up in one commit of an index, in a locale and with some weights.

    Shoppers type few words: looking one up is half of a search (`make relevance` tells its CPU).
    """

    def __init__(self) -> None:
        self._words: dict[tuple[str, bool, bool], _Looked] = {}

    def get(self, key: tuple[str, bool, bool], look_up: Callable[[], _Looked]) -> _Looked:
        """Returns a word, looked up unless it was."""
        if (known := self._words.get(key)) is None:
            if len(self._words) >= _MOST_LOOKED_UP:
                self._words.clear()
            known = self._words[key] = look_up()
        return known


@dataclass(slots=True)
class Matcher:
    """Queries in one locale of an index, as it is at one moment."""

    schema: tantivy.Schema
    searcher: tantivy.Searcher
    analysis: Analysis
    weights: Weights
    synonyms: Synonyms = NO_SYNONYMS
    looked_up: LookedUp = field(default_factory=LookedUp)
    sampled_from: int = SAMPLED_FROM
    unknown: list[str] = field(init=False, default_factory=list)
    _fields: _Fields = field(init=False)

    def __post_init__(self) -> None:
        self._fields = _fields_of(self.analysis.locale)

    def ways(self, text: str) -> Iterator[Query]:
        """Yields queries from strict to loose.

        All words; all words or similar ones; all words that match anything; any word.
        """
        words = self._significant(self.analysis.words(text)[:MOST_WORDS])
        sku = self.sku(text)
        if not words:
            # Signs and emoji are no words: only a SKU may be written so.
            yield sku
            return
        whole = self._const(
            Query.term_query(self.schema, self._fields.whole, whole_of(words)),
            self.weights.title,
        )
        if measured := self._measured(text):
            yield any_of([sku, Query.boolean_query([(Occur.Must, measured),
                                                    (Occur.Should, whole)])])  # fmt: skip
        strict = self._slots(words, loose=False)
        yield any_of([sku, Query.boolean_query([(Occur.Must, all_of(strict)),
                                                (Occur.Should, whole)])])  # fmt: skip
        for start in range(len(words) - 1):
            if joined := self._joined(words, start):
                yield all_of(self._slots(joined, loose=False))
        loose = self._slots(words, loose=True)
        yield all_of(loose)
        if matching := [each for each in loose if self._matches(each)]:
            yield all_of(matching)
            yield any_of(matching)

    def _measured(self, text: str) -> Query | None:
        """All words, and measures whatever unit they are written in: `500ml` finds `0.5 l`.

        None for a text without a measure.
        """
        terms, rest = self.analysis.measured(text)
        if not terms:
            return None
        fields, weights = self._fields, self.weights
        slots = [
            Query.disjunction_max_query(
                [
                    self._const(Query.term_query(self.schema, name, term), weight)
                    for name, weight in (
                        (fields.title, weights.title),
                        (fields.attributes, weights.attributes),
                        (fields.body, weights.body),
                    )
                ]
            )
            for term in terms[:MOST_WORDS]
        ]
        words = self._significant(self.analysis.words(rest)[:MOST_WORDS])
        return all_of([*slots, *self._slots(words, loose=False)])

    def sku(self, text: str) -> Query:
        """Products by SKU or barcode, by the beginning of one or of a part of one.

        Signs do not matter: `ab12` and `ab 12` find `AB-12`, the latter whole alone.
        """
        key, letters = sku_key(text), sku_letters(text)
        if not key:
            return Query.empty_query()
        exactly = self._const(Query.term_query(self.schema, "sku", key), self.weights.sku)
        if len(letters) < _LEAST_SKU or not any(map(str.isdigit, letters)):
            return exactly
        weight = self.weights.sku * PREFIXED_SKU
        begun = (
            self._const(Query.term_query(self.schema, "sku_part", letters), weight)
            if " " in key
            else self._begins("sku_part", letters, weight)
        )
        return Query.disjunction_max_query([exactly, begun])

    def _significant(self, words: list[Word]) -> list[Word]:
        """The words without stop words, or all where there are no others."""
        return [word for word in words if not word.is_stop] or words

    def _joined(self, words: Sequence[Word], start: int) -> list[Word] | None:
        """The words with two neighbours written as one, where the index has such a word."""
        together = self.analysis.words(words[start].text + words[start + 1].text)
        if len(together) != 1 or not self._is_known(together[0]):
            return None
        return [*words[:start], *together, *words[start + 2 :]]

    def _slots(self, words: Sequence[Word], *, loose: bool) -> list[Query]:
        """One query a word, or a phrase that has synonyms."""
        slots: list[Query] = []
        at = 0
        while at < len(words):
            length, others = self.synonyms.match(words, at)
            own = [
                self._word(word, is_last=loose or word is words[-1], loose=loose)
                for word in words[at : at + length]
            ]
            if others:
                ways = [
                    Query.boost_query(all_of([self._known(word) for word in other]), _SYNONYM)
                    for other in others
                ]
                slots.append(Query.disjunction_max_query([all_of(own), *ways]))
            else:
                slots += own
            at += length
        return slots

    def _known(self, word: Word) -> Query:
        """The word itself, in each field, and as a part of compounds."""
        weights, names = self.weights, self._fields
        ways = [
            self._const(self._terms(name, word), weight)
            for name, weight in (
                (names.title, weights.title),
                (names.category, weights.category),
                (names.attributes, weights.attributes),
                (names.brand, weights.brand),
                (names.body, weights.body),
            )
        ]
        if self._may_be_part(word):
            head = word.stem[::-1]
            ways.append(self._begins(names.heads, head, weights.title * _HEAD))
            ways.append(self._begins(names.more_heads, head, weights.category * _HEAD))
            ways.append(self._begins(names.words, word.text, weights.title * _MODIFIER))
        return Query.disjunction_max_query(ways)

    def _may_be_part(self, word: Word) -> bool:
        """Whether it may be a part of compounds."""
        return (
            self.analysis.compounds
            and len(word.text) >= _PART_FROM
            and len(word.stem) >= _SHORTEST_PART
            and len(word.terms) == 1
        )

    def _is_known(self, word: Word, known: Query | None = None) -> bool:
        """Whether a product has the word, or it begins or ends a compound of one.

        Deleted products count in the statistics until their segment is merged, which differs
        between replicas: these only tell quickly that there is none.
        """
        names, searcher, stem = self._fields, self.searcher, word.stem
        if not (
            searcher.doc_freq(names.title, stem)
            or searcher.doc_freq(names.body, stem)
            or searcher.doc_freq(names.category, stem)
            or searcher.doc_freq(names.attributes, stem)
            or searcher.doc_freq(names.brand, stem)
            or (
                self._may_be_part(word)
                and (
                    searcher.terms_with_prefix(names.heads, stem[::-1], limit=1)
                    or searcher.terms_with_prefix(names.more_heads, stem[::-1], limit=1)
                    or searcher.terms_with_prefix(names.words, word.text, limit=1)
                )
            )
        ):
            return False
        return self._matches(known or self._known(word))

    def _word(self, word: Word, *, is_last: bool, loose: bool) -> Query:
        """A word; one that the index does not have also matches words like it."""
        looked = self.looked_up.get(
            (word.text, is_last, loose), lambda: self._look_up(word, is_last=is_last, loose=loose)
        )
        if looked.is_unknown and word.text not in self.unknown:
            self.unknown.append(word.text)
        return looked.query

    def _look_up(self, word: Word, *, is_last: bool, loose: bool) -> _Looked:
        known = self._known(word)
        is_known = self._is_known(word, known)
        ways, text, title = [known], word.text, self.weights.title
        # The beginnings of compounds are in `known`.
        is_begun = self._may_be_part(word)
        if len(text) > 1 and (is_last or not is_known) and not is_begun:
            ways.append(self._begins(self._fields.words, text, title * _PREFIX))
        split: list[Query] = []
        if not is_known:
            split = list(self._split(word))
            ways += split
        if (loose or not is_known) and len(text) >= _FUZZY_FROM and not text.isdigit():
            ways.append(self._like(text, 1, title * _FUZZY))
            if len(text) >= _FUZZIER_FROM:
                ways.append(self._like(text, 2, title * _FUZZIER))
        query = ways[0] if len(ways) == 1 else Query.disjunction_max_query(ways)
        return _Looked(query, not is_known and not split)

    def _split(self, word: Word) -> Iterable[Query]:
        """An unknown compound as its two parts, where the index has both: the longest head first.

        `Regenjacke` finds a jacket for rain, and `rainjacket` a rain jacket.
        """
        text = word.text
        if len(word.terms) > 1:
            return
        if not text.isalpha():
            yield from self._split_at_digits(text)
        if len(text) < HEADS_FROM or not text.isalpha():
            return
        links = _LINKS if self.analysis.compounds else ("",)
        for at in range(_SHORTEST_PART, len(text) - _SHORTEST_PART + 1):
            head = self.analysis.words(text[at:])
            if len(head) != 1 or not self._is_known(head[0]):
                continue
            for link in links:
                part = text[:at].removesuffix(link)
                first = self.analysis.words(part)
                if (
                    len(part) >= _SHORTEST_PART
                    and (not link or text[:at].endswith(link))
                    and len(first) == 1
                    and self._is_known(first[0])
                ):
                    both = all_of([self._known(first[0]), self._known(head[0])])
                    yield self._const(both, self.weights.title * _MODIFIER)
                    return

    def _split_at_digits(self, text: str) -> Iterable[Query]:
        """An unknown word of letters and digits as two that the index has: `w32l34`, `iphone15`."""
        for at in range(1, len(text)):
            if text[at].isdigit() is text[at - 1].isdigit():
                continue
            parts = [self.analysis.words(part) for part in (text[:at], text[at:])]
            if all(len(words) == 1 and self._is_known(words[0]) for words in parts):
                both = all_of([self._known(words[0]) for words in parts])
                yield self._const(both, self.weights.title * _MODIFIER)
                return

    def _matches(self, query: Query) -> bool:
        """Whether any product has it: what is deleted does not count, as it does in statistics."""
        if self.searcher.num_docs >= self.sampled_from:
            sampled = all_of([sample_of(self.schema), query])
            if self.searcher.search(sampled, 1, count=False).hits:
                return True
        return bool(self.searcher.search(query, 1, count=False).hits)

    def _terms(self, name: str, word: Word) -> Query:
        return all_of([Query.term_query(self.schema, name, term) for term in word.terms])

    def _begins(self, name: str, text: str, weight: float) -> Query:
        return self._const(Query.fuzzy_term_query(self.schema, name, text, 0, prefix=True), weight)

    def _like(self, text: str, distance: int, weight: float) -> Query:
        return self._const(
            Query.fuzzy_term_query(self.schema, self._fields.words, text, distance), weight
        )

    def _const(self, query: Query, weight: float) -> Query:
        return Query.const_score_query(query, exact(weight))


def sample_of(schema: tantivy.Schema) -> Query:
    """A sample of all products."""
    return Query.const_score_query(Query.term_query(schema, SAMPLE, SAMPLED), 0.0)

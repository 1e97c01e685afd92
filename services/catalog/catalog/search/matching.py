"""Matching: a typed query as queries of the index, from strict to loose.

Every score is a constant of the match, not of word statistics, which differ between replicas as
long as their segments hold deleted products.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import tantivy
from tantivy import Occur, Query

from catalog.search.analysis import Analysis, Word
from catalog.search.documents import (
    HEADS_FROM,
    Fields,
    fields_of,
    sku_key,
    sku_letters,
    whole_of,
)
from catalog.search.found import all_of, any_of
from catalog.search.synonyms import NO_SYNONYMS, Synonyms
from catalog.search.weights import Weights, exact
from catalog.search_samples.looked_up import Looked, LookedUp
from catalog.search_samples.sampling import EVERYTHING, PROBED, SAMPLED_FROM, in_sample
from catalog.search_samples.ways import Way

MOST_WORDS: Final = 12
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
# Words that a beginning stands for, up to which each is asked for by itself in a sample.
_MOST_BEGUN: Final = 16
# Words of a query up to which those of its matches that lack one in the title are a tier.
_MOST_TIERED: Final = 3


@dataclass(slots=True)
class Matcher:
    """Queries in one locale of an index, as it is at one moment, or in a sample of it."""

    schema: tantivy.Schema
    searcher: tantivy.Searcher
    analysis: Analysis
    weights: Weights
    synonyms: Synonyms = NO_SYNONYMS
    looked_up: LookedUp = field(default_factory=LookedUp)
    sampled_from: int = SAMPLED_FROM
    rate: int = EVERYTHING
    unknown: list[str] = field(default_factory=list)
    _fields: Fields = field(init=False)

    def __post_init__(self) -> None:
        self._fields = fields_of(self.analysis.locale)

    def at(self, rate: int) -> "Matcher":
        """The same in the sample of a rate."""
        return self if rate == self.rate else replace(self, rate=rate)

    def ways(self, text: str) -> Iterator[Way]:
        """Yields ways to understand a query, from strict to loose.

        All words; all words or similar ones; all words that match anything; any word.
        """
        words = self._significant(self.analysis.words(text)[:MOST_WORDS])
        if not words:
            # Signs and emoji are no words: only a SKU may be written so.
            yield Way(lambda rate: self.at(rate).sku(text))
            return
        if self.analysis.measured(text)[0]:
            yield Way(lambda rate: self.at(rate).measured(text, words))
        yield self._strict_way(text, words)
        for start in range(len(words) - 1):
            if joined := self._joined(words, start):
                yield Way(lambda rate, joined=joined: all_of(self.at(rate).slots(joined)))  # type: ignore[misc] # mypy knows no lambda with a default
        yield Way(lambda rate: all_of(self.at(rate).slots(words, loose=True)))
        slots, sampled = (self.at(rate).slots(words, loose=True) for rate in self._looks)
        matching = [
            at
            for at, (each, first) in enumerate(zip(slots, sampled, strict=True))
            if self._matches(first) or self._matches(each)
        ]
        if matching:
            yield Way(lambda rate: all_of(self.at(rate).loose(words, matching)))
            yield Way(lambda rate: any_of(self.at(rate).loose(words, matching)))

    @property
    def _looks(self) -> tuple[int, int]:
        """Rates of all and of the sample that is looked at first."""
        is_large = self.searcher.num_docs >= self.sampled_from
        return EVERYTHING, PROBED if is_large else EVERYTHING

    def _strict_way(self, text: str, words: Sequence[Word]) -> Way:
        """All words as they are. Where there are many, those with all in the title come first.

        That holds while no other part of a product weighs as much, with what can be had on top.
        """
        title = self.weights.title
        if not self.weights.puts_titles_first(len(words), most_of_title=title * _HEAD):
            return Way(lambda rate: self.at(rate).strict(text, words))
        tiers = [lambda rate: all_of(self.at(rate).titled(words))]
        if 1 < len(words) <= _MOST_TIERED:
            tiers.append(lambda rate: self.at(rate).mostly_titled(words))
        whole = self._whole(words, (len(words) + 1) * title)
        sku = self.sku(text, least=(len(words) + 0.5) * title)
        return Way(
            lambda rate: self.at(rate).strict(text, words),
            tuple(tiers),
            Query.disjunction_max_query([whole, sku]),
            lambda rate: self.at(rate).in_words(words),
        )

    def strict(self, text: str, words: Sequence[Word]) -> Query:
        """All words, the whole title before others; or a SKU."""
        return any_of([self.sku(text), self.in_words(words)])

    def in_words(self, words: Sequence[Word]) -> Query:
        """All words, the whole title before others."""
        return self._preferring_whole(words, all_of(self.slots(words)))

    def titled(self, words: Sequence[Word]) -> list[Query]:
        """One query a word: it is in the title."""
        title = self._fields.title
        return [self._const(self._terms(title, word), self.weights.title) for word in words]

    def mostly_titled(self, words: Sequence[Word]) -> Query:
        """All words, and all but one of them in the title."""
        titled, slots = self.titled(words), [self._word(each, is_last=False) for each in words]
        return Query.disjunction_max_query(
            [all_of([*titled[:at], each, *titled[at + 1 :]]) for at, each in enumerate(slots)]
        )

    def loose(self, words: Sequence[Word], matching: Sequence[int]) -> list[Query]:
        """One query a word of those that match anything, or words like it."""
        slots = self.slots(words, loose=True)
        return [slots[at] for at in matching]

    def _whole(self, words: Sequence[Word], weight: float) -> Query:
        whole = Query.term_query(self.schema, self._fields.whole, whole_of(words))
        return self._const(whole, weight)

    def _preferring_whole(self, words: Sequence[Word], matching: Query) -> Query:
        whole = self._whole(words, self.weights.title)
        return Query.boolean_query([(Occur.Must, matching), (Occur.Should, whole)])

    def measured(self, text: str, words: Sequence[Word]) -> Query:
        """A SKU, or all words and measures, whatever unit these are written in."""
        return any_of([self.sku(text), self._preferring_whole(words, self._measured(text))])

    def _measured(self, text: str) -> Query:
        """All words, and measures of any unit: `500ml` finds `0.5 l`."""
        terms, rest = self.analysis.measured(text)
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
        return all_of([*slots, *self.slots(words)])

    def sku(self, text: str, *, least: float = 0.0) -> Query:
        """Products by SKU or barcode, by the beginning of one or of a part of one.

        Signs do not matter: `ab12` and `ab 12` find `AB-12`, the latter whole alone. A beginning
        weighs `least` or more, a whole one more than that.
        """
        key, letters = sku_key(text), sku_letters(text)
        if not key:
            return Query.empty_query()
        whole = max(self.weights.sku, least + self.weights.title if least else 0.0)
        exactly = self._const(Query.term_query(self.schema, "sku", key), whole)
        if len(letters) < _LEAST_SKU or not any(map(str.isdigit, letters)):
            return exactly
        weight = max(self.weights.sku * PREFIXED_SKU, least)
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

    def slots(self, words: Sequence[Word], *, loose: bool = False) -> list[Query]:
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
                ways = [self._synonym(other, length) for other in others]
                slots.append(Query.disjunction_max_query([all_of(own), *ways]))
            else:
                slots += own
            at += length
        return slots

    def _synonym(self, other: Sequence[Word], length: int) -> Query:
        """A phrase in place of `length` words. A longer one weighs no more than these would."""
        boost = exact(_SYNONYM * min(1.0, length / len(other)))
        return Query.boost_query(all_of([self._known(word) for word in other]), boost)

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
        return self._has_any(word, known)

    def _has_any(self, word: Word, known: Query | None) -> bool:
        known_words = self.looked_up.known
        if word.text not in known_words:
            everything, first = self._looks
            known_words[word.text] = self._matches(self.at(first)._known(word)) or (
                first != everything and self._matches(self.at(everything)._known(word))
            )
        return known_words[word.text]

    def _word(self, word: Word, *, is_last: bool, loose: bool = False) -> Query:
        """A word; one that the index does not have also matches words like it."""
        looked = self.looked_up.get(
            (word.text, is_last, loose, self.rate),
            lambda: self._look_up(word, is_last=is_last, loose=loose),
        )
        if looked.is_unknown and word.text not in self.unknown:
            self.unknown.append(word.text)
        return looked.query

    def _look_up(self, word: Word, *, is_last: bool, loose: bool) -> Looked:
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
        return Looked(query, not is_known and not split)

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
        return bool(self.searcher.search(query, 1, count=False).hits)

    def _terms(self, name: str, word: Word) -> Query:
        return all_of([Query.term_query(self.schema, name, term) for term in word.terms])

    def _begins(self, name: str, text: str, weight: float) -> Query:
        """Words with a beginning. In a sample, few of them are asked for one by one."""
        if self.rate != EVERYTHING:
            begun = self.searcher.terms_with_prefix(name, text, limit=_MOST_BEGUN + 1)
            if len(begun) <= _MOST_BEGUN:
                terms = [Query.term_query(self.schema, name, term) for term, _ in begun]
                ways = [self._const(term, weight) for term in terms]
                return Query.disjunction_max_query(ways) if ways else Query.empty_query()
        return self._const(Query.fuzzy_term_query(self.schema, name, text, 0, prefix=True), weight)

    def _like(self, text: str, distance: int, weight: float) -> Query:
        return self._const(
            Query.fuzzy_term_query(self.schema, self._fields.words, text, distance), weight
        )

    def _const(self, query: Query, weight: float) -> Query:
        return Query.const_score_query(in_sample(self.schema, self.rate, query), exact(weight))

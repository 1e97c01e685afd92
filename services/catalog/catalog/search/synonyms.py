"""Synonyms: phrases that are looked for in place of a typed one, or beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.search.analysis import Analysis, Word

_Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Phrases by the terms of the phrase that was typed, in one locale of a channel."""

    by_phrase: Mapping[_Phrase, Sequence[Sequence[Word]]] = field(default_factory=dict)
    longest: int = 0

    def match(self, words: Sequence[Word], at: int) -> tuple[int, Sequence[Sequence[Word]]]:
        """The length of the longest phrase with synonyms that begins at a word, and these.

        1 and none where there is no such phrase.
        """
        for length in range(min(self.longest, len(words) - at), 0, -1):
            if others := self.by_phrase.get(_key(words[at : at + length])):
                return length, others
        return 1, ()


NO_SYNONYMS: Final = Synonyms()


def synonyms_of(
    analysis: Analysis, expansions: Iterable[tuple[Sequence[str], Sequence[str]]]
) -> Synonyms:
    """Synonyms from pairs of typed phrases and the phrases that each of them also finds."""
    by_phrase: dict[_Phrase, list[list[Word]]] = {}
    for typed, also in expansions:
        others = [words for text in also if (words := analysis.words(text))]
        for text in typed:
            key = _key(analysis.words(text))
            if key:
                known = by_phrase.setdefault(key, [])
                known += [words for words in others if _key(words) != key and words not in known]
    kept = {key: others for key, others in by_phrase.items() if others}
    return Synonyms(kept, max(map(len, kept), default=0))


def _key(words: Sequence[Word]) -> _Phrase:
    return tuple(word.stem for word in words)

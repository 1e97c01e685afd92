"""Language analysis: a text as the terms under which it is indexed and looked for.

One analysis serves a locale's index and its queries, so that both sides see the same terms. It
knows no dictionary: which compounds there are is learned from the index's own terms
(`docs/adr/`, language analysis).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import tantivy

from catalog.search.measures import measures_in, with_decimals

# Snowball's stemmers, by language.
_STEMMERS: Final = {
    "ar": "arabic", "da": "danish", "nl": "dutch", "en": "english", "fi": "finnish", "fr": "french",
    "de": "german", "el": "greek",
    "hu": "hungarian", "it": "italian", "no": "norwegian", "nb": "norwegian", "nn": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "es": "spanish", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_STOP_WORDS: Final = frozenset(
    {"danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian",
     "norwegian", "portuguese", "russian", "spanish", "swedish"}
)  # fmt: skip
# Languages that write a noun and what it is for as one word, its head last.
_COMPOUNDING: Final = frozenset(
    {"de", "nl", "da", "sv", "no", "nb", "nn", "fi", "is", "lb", "fy", "af"}
)
# Languages whose speakers type ae, oe, ue or aa where they have no key for the letter.
_SPELT_OUT: Final = frozenset({"de", "lb", "da", "sv", "no", "nb", "nn"})
_DOTLESS: Final = frozenset({"tr", "az"})
_LONGEST_BYTES: Final = 60
# Of the terms that are remembered per locale: a shop has some ten thousand different words.
_MOST_REMEMBERED: Final = 50_000
_JOINED: Final = re.compile(r"[^\W_]+(?:[-‐‑'’/][^\W_]+)+")
_JOINTS: Final = re.compile(r"[-‐‑'’/]")
_DIGIT: Final = re.compile(r"\d")
# Plurals that no rule of a stemmer makes.
_IRREGULAR: Final = {
    "en": {
        "calves": "calf", "children": "child", "feet": "foot", "geese": "goose", "halves": "half",
        "knives": "knife", "leaves": "leaf", "lives": "life", "loaves": "loaf", "men": "man",
        "mice": "mouse", "people": "person", "scarves": "scarf", "sheaves": "sheaf",
        "shelves": "shelf", "teeth": "tooth", "wives": "wife", "wolves": "wolf", "women": "woman",
    },
}  # fmt: skip
# After a vowel or q, "ue" is no umlaut: neue, Quelle.
_DIGRAPHS: Final = re.compile(r"(?<![aeiouyq])([aou])e")
_RINGS: Final = frozenset({"da", "sv", "no", "nb", "nn"})
# Scripts that are written without spaces: each two neighbours are a term.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002fa1f]+"
)
_ARABIC: Final = re.compile("[\u0600-\u06ff]")
_ARABIC_MARKS: Final = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_ARABIC_LETTERS: Final = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه",
    "ک": "ك",
} | {chr(0x660 + digit): str(digit) for digit in range(10)}
  | {chr(0x6F0 + digit): str(digit) for digit in range(10)})  # fmt: skip


class Word(NamedTuple):
    """A word as it is typed, without case and accents, and the terms that it is indexed under.

    There is one term, its stem, but for a word of an unspaced script, which has one a pair.
    `letters` are the single characters of such a word: they are indexed too, and looked for where
    nothing else was typed.
    """

    text: str
    terms: tuple[str, ...]
    is_stop: bool = False
    letters: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return self.terms[0]


@dataclass(slots=True)
class Analysis:
    """The analysis of one locale. Safe for use by several threads."""

    locale: str
    compounds: bool = field(init=False)
    _language: str = field(init=False)
    _split: tantivy.TextAnalyzer = field(init=False)
    _stem: Callable[[str], str] = field(init=False)
    _is_stop: Callable[[str], bool] = field(init=False)
    _singular: dict[str, str] = field(init=False)
    _known: dict[str, Word] = field(init=False, default_factory=dict)
    _spelling: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._language = self.locale.split("-")[0].lower()
        self.compounds = self._language in _COMPOUNDING
        self._singular = _IRREGULAR.get(self._language, {})
        self._split = _analyzer(tantivy.Filter.lowercase())
        stemmer = _STEMMERS.get(self._language, "")
        self._stem = _first_of(_analyzer(tantivy.Filter.stemmer(stemmer))) if stemmer else str
        if stemmer in _STOP_WORDS:
            stops = _analyzer(tantivy.Filter.stopword(stemmer))
            self._is_stop = lambda word: not stops.analyze(word)
        else:
            self._is_stop = lambda _: False

    def words(self, text: str) -> list[Word]:
        """The words of a text in its order."""
        known = self._known
        return [
            known.get(each) or self._remember(each)
            for each in self._split.analyze(self._prepared(text))
        ]

    def terms(self, text: str) -> list[str]:
        """The terms to index a text under: its own, of hyphenated words as one, and measures."""
        return self.terms_of(text, self.words(text))

    def terms_of(self, text: str, words: Iterable[Word]) -> list[str]:
        """The same for a text whose words are known."""
        found: list[str] = []
        for word in words:
            found += word.terms
            if word.letters:
                found += word.letters
        found += [term for word in self.joined(text) for term in word.terms]
        if _DIGIT.search(text):
            found += [each.term for each in measures_in(self._prepared(text))]
        return found

    def measured(self, text: str) -> tuple[list[str], str]:
        """The terms of a text's measures, and the text without these."""
        prepared = self._prepared(text)
        found = list(measures_in(prepared))
        for each in reversed(found):
            prepared = f"{prepared[: each.start]} {prepared[each.end :]}"
        return [each.term for each in found], prepared

    def joined(self, text: str) -> list[Word]:
        """Hyphenated words written as one: `tshirt` of `T-Shirt`."""
        if not _JOINTS.search(text):
            return []
        whole = " ".join(_JOINTS.sub("", each) for each in _JOINED.findall(text))
        return self.words(whole) if whole else []

    def _prepared(self, text: str) -> str:
        if self._language in _DOTLESS:
            text = text.replace("I", "ı").replace("İ", "i")
        text = with_decimals(text)
        if text.isascii():
            return text
        text = unicodedata.normalize("NFKC", text)
        if _ARABIC.search(text):
            text = _ARABIC_MARKS.sub("", text).translate(_ARABIC_LETTERS)
        return text

    def _remember(self, lower: str) -> Word:
        word = self._word(lower)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
            self._spelling.clear()
        self._known[lower] = word
        if word.text != lower:
            self._spelling[word.text] = lower
        return word

    def spelling(self, word: str) -> str:
        """Spelling of a folded word, with its accents, where that is remembered."""
        return self._spelling.get(word, word)

    def _word(self, lower: str) -> Word:
        if not lower.isascii() and _UNSPACED.search(lower):
            letters = "".join(_UNSPACED.findall(lower))
            return Word(lower, tuple(_pairs(lower)), letters=(*letters,) if letters[1:] else ())
        is_stop = self._is_stop(lower)
        if self._language in _SPELT_OUT:
            # Before the stemmer, so that each spelling has one stem.
            folded = _DIGRAPHS.sub(r"\1", fold(lower))
            if self._language in _RINGS:
                folded = folded.replace("aa", "a")
            return Word(folded, (self._stem(folded),), is_stop)
        singular = self._singular.get(lower, lower)
        return Word(fold(lower), (fold(self._stem(singular)),), is_stop)


def fold(word: str) -> str:
    """A lower-case word without accents: æ and ä are a, ß is ss."""
    return word if word.isascii() else _folded(word)


@lru_cache(maxsize=10_000)
def _folded(word: str) -> str:
    return _fold(word.replace("æ", "a").replace("œ", "o"))


def _pairs(word: str) -> Iterable[str]:
    """Neighbouring characters of the unspaced parts of a word, and its other parts whole."""
    last = 0
    for part in _UNSPACED.finditer(word):
        if part.start() > last:
            yield word[last : part.start()]
        run = part[0]
        yield from (run[at : at + 2] for at in range(max(len(run) - 1, 1)))
        last = part.end()
    if last < len(word):
        yield word[last:]


def _analyzer(*filters: tantivy.Filter) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(
        tantivy.Filter.remove_long(_LONGEST_BYTES)
    )
    for each in filters:
        builder = builder.filter(each)
    return builder.build()


def _first_of(analyzer: tantivy.TextAnalyzer) -> Callable[[str], str]:
    def first(word: str) -> str:
        found = analyzer.analyze(word)
        return str(found[0]) if found else word

    return first


_fold: Final = _first_of(_analyzer(tantivy.Filter.ascii_fold()))

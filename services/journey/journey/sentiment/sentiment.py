"""The tone of a text by a lexicon with negation, in English and German.

Honest and small: irony, comparisons and what only the context tells are not seen. Measured by
`tests/unit/test_sentiment.py`; docs/journeys.md has the accuracy.
"""

import re
import unicodedata
from typing import Final

from journey.sentiment.lexicon import LEXICONS, Lexicon
from journey.surveys.model import Sentiment

_PART: Final = re.compile(r"[.!?;:,\n()]+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
# Words after a negation that it turns around.
_REACH: Final = 3
# German puts `nicht` behind its verb: `gefällt mir nicht`.
_BEHIND: Final = 2
# What follows a `but` counts more than what it follows.
_TURN_WEIGHT: Final = 2


def classify_sentiment(text: str) -> Sentiment:
    """Returns the tone of a text; UNKNOWN for a text in neither English nor German."""
    folded = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    words = _WORD.findall(folded)
    lexicon = _lexicon_of(words)
    if lexicon is None:
        return Sentiment.UNKNOWN
    score = sum(_score(_WORD.findall(part), lexicon) for part in _PART.split(folded))
    if score == 0:
        return Sentiment.NEUTRAL
    return Sentiment.POSITIVE if score > 0 else Sentiment.NEGATIVE


def _lexicon_of(words: list[str]) -> Lexicon | None:
    """Returns the lexicon of the language with most of the words; None if no word is known."""
    counts = {
        code: sum(
            2 * (word in lexicon.common or word in lexicon.negations) + (_tone(word, lexicon) != 0)
            for word in words
        )
        for code, lexicon in LEXICONS.items()
    }
    best = max(counts, key=lambda code: counts[code])
    return LEXICONS[best] if counts[best] else None


def _score(words: list[str], lexicon: Lexicon) -> int:
    weight, total = 1, 0
    for place, word in enumerate(words):
        if word in lexicon.turns:
            weight = _TURN_WEIGHT
        if word in lexicon.negations or not (tone := _tone(word, lexicon)):
            continue
        before = words[max(0, place - _REACH) : place]
        behind = words[place + 1 : place + 1 + _BEHIND] if "nicht" in lexicon.negations else []
        negations = sum(one in lexicon.negations for one in before) + ("nicht" in behind)
        total += weight * (tone if negations % 2 == 0 else -tone)
    return total


def _tone(word: str, lexicon: Lexicon) -> int:
    for form in _forms(word, lexicon):
        if form in lexicon.positive:
            return 1
        if form in lexicon.negative:
            return -1
    return 0


def _forms(word: str, lexicon: Lexicon) -> list[str]:
    """Returns a word, and what it is without an ending, the shortest ending first."""
    bare = [
        word.removesuffix(ending)
        for ending in sorted(lexicon.endings, key=len)
        if word.endswith(ending) and len(word) - len(ending) >= 3
    ]
    return [word, *bare]

"""Queries as shoppers type them, made from the products that they are meant to find."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from uuid import UUID

from catalog.relevance.corpus import Item

SEED: Final = 7
MOST_OF_A_KIND: Final = 200
# Shortest word that is misspelt: a mistake in a shorter one makes another word.
_MISSPELT_FROM: Final = 5
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_WORD: Final = re.compile(r"[^\W\d_]+")
# Words for what a catalogue calls by another name, as a merchant enters them.
SYNONYMS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "en": (
        ("anorak", "jacket"), ("coat", "jacket"), ("pants", "trousers"), ("trainers", "shoes"),
        ("rucksack", "daypack"), ("holdall", "duffel"), ("beanie", "hat"), ("shades", "sunglasses"),
        ("couch", "sofa"), ("necklace", "pendant"), ("tee", "t-shirt"), ("telly", "tv"),
        ("cellphone", "cell phone"), ("fridge", "refrigerator"), ("hoover", "vacuum"),
        ("tumbler", "mug"), ("jumper", "sweater"), ("duvet", "sleeping bag"),
    ),
    "de": (
        ("Anorak", "Jacke"), ("Beinkleid", "Hose"), ("Sneaker", "Schuhe"), ("Ranzen", "Rucksack"),
        ("Treter", "Stiefel"), ("Matratze", "Matte"), ("Reisebeutel", "Tasche"),
        ("Strümpfe", "Socken"), ("Humpen", "Becher"), ("Wigwam", "Zelt"),
    ),
}  # fmt: skip
# Words with which German compounds of shops end, singular and plural.
_HEADS: Final = (
    ("jacke", "jacken"), ("hose", "hosen"), ("schuhe", "schuh"), ("stiefel", "stiefeln"),
    ("zelt", "zelte"), ("schlafsack", "schlafsäcke"), ("matte", "matten"),
    ("kocher", "kochern"), ("rucksack", "rucksäcke"), ("tasche", "taschen"), ("gürtel", "gürteln"),
    ("weste", "westen"), ("socken", "socke"), ("stöcke", "stock"), ("brille", "brillen"),
    ("hemd", "hemden"), ("kleid", "kleider"), ("mantel", "mäntel"), ("shirt", "shirts"),
    ("gurt", "gurte"), ("anzug", "anzüge"), ("tuch", "tücher"), ("mütze", "mützen"),
    ("shorts", "short"), ("flasche", "flaschen"), ("lampe", "lampen"), ("sack", "säcke"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A query of one kind, and the products that answer it."""

    kind: str
    locale: str
    text: str
    relevant: frozenset[UUID]


def cases_of(items: Sequence[Item], locale: str) -> list[Case]:
    """All cases of one locale, at most MOST_OF_A_KIND of each kind; the same each time."""
    named = _Titles(items, locale)
    found: list[Case] = []
    for kind, make in _KINDS.items():
        rng = random.Random(f"{SEED} {kind} {locale}")
        cases: dict[str, frozenset[UUID]] = {}
        for text, relevant in make(named, locale, rng):
            if text and relevant:
                cases.setdefault(text, frozenset(relevant))
        chosen = sorted(cases.items(), key=lambda each: each[0])
        if len(chosen) > MOST_OF_A_KIND:
            chosen = rng.sample(chosen, MOST_OF_A_KIND)
        found += [Case(kind, locale, text, relevant) for text, relevant in chosen]
    return found


class _Titles(list[Item]):
    """Products that have a title in a locale; `by_word` has those with each word of it."""

    def __init__(self, items: Iterable[Item], locale: str) -> None:
        super().__init__(item for item in items if item.titles.get(locale))
        self.by_word: dict[str, set[UUID]] = defaultdict(set)
        for item in self:
            for word in _WORD.findall(item.titles[locale].lower()):
                self.by_word[word].add(item.product_id)


_Made = Iterable[tuple[str, Iterable[UUID]]]


def _exact(items: _Titles, locale: str, _: random.Random) -> _Made:
    """Whole titles."""
    by_title = _by_title(items, locale)
    return ((title, ids) for title, ids in by_title.items())


def _misspelt(items: _Titles, locale: str, rng: random.Random) -> _Made:
    """Titles with one mistake in one of their words."""
    for title, ids in _by_title(items, locale).items():
        words = title.split()
        longest = max(range(len(words)), key=lambda at: len(words[at]))
        if len(words[longest]) >= _MISSPELT_FROM:
            words[longest] = _mistake(words[longest], rng)
            yield " ".join(words), ids


def _plural(items: _Titles, locale: str, _: random.Random) -> _Made:
    """The noun of a title in its other number, with the word before it in English."""
    for item in items:
        words = _WORD.findall(item.titles[locale].lower())
        if not words:
            continue
        if locale == "en":
            other = [*words[-2:-1], _other_number(words[-1])]
            yield " ".join(other), _with_words(items, words[-2:])
        else:
            noun = max(words, key=len)
            for one, many in _HEADS:
                for ending, becomes in ((one, many), (many, one)):
                    if noun.endswith(ending):
                        changed = noun.removesuffix(ending) + becomes
                        yield changed, _with_words(items, [noun])


def _compound(items: _Titles, locale: str, _: random.Random) -> _Made:
    """Heads of compounds; compounds as two words, and two words as one."""
    if locale == "de":
        for one, many in _HEADS:
            ids = [
                item.product_id
                for item in items
                if any(
                    len(word) - len(one) > 2 and word.endswith((one, many))
                    for word in _WORD.findall(item.titles[locale].lower())
                )
            ]
            yield one.capitalize(), ids
        for item in items:
            for word in _WORD.findall(item.titles[locale].lower()):
                for one, _many in _HEADS:
                    first = word.removesuffix(one)
                    if word.endswith(one) and len(first) > 3:
                        yield f"{first.removesuffix('s')} {one}", _with_words(items, [word])
        return
    for item in items:
        words = _WORD.findall(item.titles[locale].lower())
        for left, right in pairwise(words):
            if min(len(left), len(right)) > 3:
                yield left + right, _with_words(items, [left, right])


def _synonym(items: _Titles, locale: str, _: random.Random) -> _Made:
    """Words that the catalogue does not use, of which the merchant said what they mean."""
    for typed, meant in SYNONYMS.get(locale, ()):
        if not any(typed.lower() in item.titles[locale].lower() for item in items):
            ids = _containing(items, locale, meant.lower())
            yield typed, ids


def _attribute(items: _Titles, locale: str, _: random.Random) -> _Made:
    """A value of a brand, an option or an attribute, and the noun of the title."""
    for item in items:
        noun = _noun(item.titles[locale], locale)
        for value in (item.brand, *item.values):
            if value and noun and value.lower() not in item.titles[locale].lower():
                ids = [
                    each.product_id
                    for each in items
                    if value in (each.brand, *each.values)
                    and noun in _WORD.findall(each.titles[locale].lower())
                ]
                yield f"{value} {noun}", ids


def _sku(items: _Titles, _locale: str, _: random.Random) -> _Made:
    """SKUs, and the parts of them that only one product has."""
    for item in items:
        if item.skus:
            yield item.skus[0].lower(), [item.product_id]
            yield item.skus[0].split("-")[0], [item.product_id]


_KINDS: Final[Mapping[str, Callable[[_Titles, str, random.Random], _Made]]] = {
    "exact": _exact,
    "misspelt": _misspelt,
    "plural": _plural,
    "compound": _compound,
    "synonym": _synonym,
    "attribute": _attribute,
    "sku": _sku,
}


def _by_title(items: _Titles, locale: str) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for item in items:
        found.setdefault(item.titles[locale].lower(), []).append(item.product_id)
    return found


def _with_words(items: _Titles, words: Sequence[str]) -> set[UUID]:
    return set.intersection(*(items.by_word[word] for word in words))


def _containing(items: _Titles, locale: str, text: str) -> list[UUID]:
    return [item.product_id for item in items if text in item.titles[locale].lower()]


def _noun(title: str, locale: str) -> str:
    words: list[str] = _WORD.findall(title.lower())
    if not words:
        return ""
    return words[-1] if locale == "en" else max(words, key=len)


def _other_number(word: str) -> str:
    if word.endswith("ss") or not word.endswith("s"):
        ending = "es" if word.endswith(("s", "x", "ch", "sh")) else "s"
        return f"{word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else word + ending
    return word[:-1]


def _mistake(word: str, rng: random.Random) -> str:
    """One letter left out, doubled, replaced, or swapped with the next; never the first."""
    at = rng.randrange(1, len(word) - 1)
    match rng.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at] + word[at:]
        case 2:
            other = rng.choice([letter for letter in _LETTERS if letter != word[at]])
            return word[:at] + other + word[at + 1 :]
        case _:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

"""Settings of search as a replica uses them: compiled once per version."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from catalog.channels.model import Channels, View
from catalog.merchandising.model import MerchandisingRule, SearchRedirect
from catalog.merchandising.queries import Settings
from catalog.search.analysis import Analysis
from catalog.search.found import suffix_of
from catalog.search.selection import NO_MERCHANDISING, Merchandising
from catalog.search.synonyms import NO_SYNONYMS, Synonyms, synonyms_of
from catalog.search.weights import DEFAULT, Weights

_Query = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """Translations of names and values of options and attributes in one locale.

    `hidden_facets` are attributes by which no listing is narrowed.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hidden_facets: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not (self.labels or self.values)

    def label(self, name: str) -> str:
        return self.labels.get(name) or name

    def value(self, name: str, value: str) -> str:
        known = self.values.get(name)
        return known.get(value, value) if known else value


NO_WORDING: Final = Wording()


class Tuning:
    """All settings of search at one version. Never changed: a change makes another one."""

    def __init__(
        self, settings: Settings, channels: Channels, analyses: Mapping[str, Analysis]
    ) -> None:
        self.version = settings.version
        self._analyses = analyses
        self._weights = {each.channel: each.weights for each in settings.weights}
        self._wording = _wording(settings)
        self._plain = Wording(hidden_facets=settings.hidden_facets)
        self._synonyms = {
            (channel.code, locale): _synonyms(
                analyses[suffix_of(locale)], settings, channel.code, locale
            )
            for channel in channels.all
            for locale in channel.locales
            if suffix_of(locale) in analyses
        }
        self._redirects: dict[tuple[str, str, _Query], SearchRedirect] = {}
        for redirect in settings.redirects:
            for query in redirect.queries:
                key = self._key(redirect.locale, query)
                self._redirects.setdefault((redirect.channel, redirect.locale.lower(), key),
                                           redirect)  # fmt: skip
        self._rules: dict[str, list[MerchandisingRule]] = {}
        for rule in settings.rules:
            if rule.is_active:
                self._rules.setdefault(rule.channel, []).append(rule)

    def weights(self, view: View) -> Weights:
        return self._weights.get(view.channel, DEFAULT)

    def synonyms(self, view: View) -> Synonyms:
        return self._synonyms.get((view.channel, view.locale), NO_SYNONYMS)

    def wording(self, locale: str) -> Wording:
        """Translations in a locale, or in its language."""
        return (
            self._wording.get(locale.lower())
            or self._wording.get(locale.split("-")[0].lower())
            or self._plain
        )

    def redirect(self, view: View, text: str) -> SearchRedirect | None:
        """The place that a query leads to, in the view's locale or its language."""
        if not self._redirects or not text.strip():
            return None
        key = self._key(view.locale, text)
        for locale in (view.locale.lower(), view.locale.split("-")[0].lower()):
            if found := self._redirects.get((view.channel, locale, key)):
                return found
        return None

    def of_search(self, view: View, text: str, now: Callable[[], datetime]) -> Merchandising:
        """The rules of a query, those of the whole channel after them."""
        rules = self._rules.get(view.channel)
        if not rules or not text.strip():
            return NO_MERCHANDISING
        key, at = self._key(view.locale, text), now()
        return _together(
            (rule for rule in rules if rule.category_id is None and rule.applies_at(at)),
            lambda rule: any(self._key(view.locale, each) == key for each in rule.queries),
        )

    def of_listing(
        self, view: View, category_id: UUID | None, now: Callable[[], datetime]
    ) -> Merchandising:
        """The rules of a category's listing, those of the whole channel after them."""
        rules = self._rules.get(view.channel)
        if not rules:
            return NO_MERCHANDISING
        at = now()
        return _together(
            (rule for rule in rules if not rule.queries and rule.applies_at(at)),
            lambda rule: category_id is not None and rule.category_id == category_id,
        )

    def _key(self, locale: str, text: str) -> _Query:
        analysis = self._analyses.get(suffix_of(locale))
        if analysis is None:
            return tuple(text.lower().split())
        words = analysis.words(text)
        return tuple(word.stem for word in words if not word.is_stop) or (text.strip().lower(),)


def _wording(settings: Settings) -> dict[str, Wording]:
    labels: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, dict[str, str]]] = {}
    for text in settings.texts:
        locale = text.locale.lower()
        if text.label:
            labels.setdefault(locale, {})[text.name] = text.label
        if text.values:
            values.setdefault(locale, {})[text.name] = text.values
    return {
        locale: Wording(labels.get(locale, {}), values.get(locale, {}), settings.hidden_facets)
        for locale in {*labels, *values}
    }


def _synonyms(analysis: Analysis, settings: Settings, channel: str, locale: str) -> Synonyms:
    """Staff's synonyms, and translated values of attributes, which find the stored ones."""
    locales = {locale.lower(), locale.split("-")[0].lower()}
    expansions: list[tuple[Sequence[str], Sequence[str]]] = [
        (each.phrases, each.meanings or each.phrases)
        for each in settings.synonym_sets
        if each.channel == channel and each.locale.lower() in locales
    ]
    for text in settings.texts:
        if text.locale.lower() in locales:
            expansions += [([shown], [stored]) for stored, shown in text.values.items()]
    return synonyms_of(analysis, expansions)


def _together(
    rules: Iterable[MerchandisingRule], is_own: Callable[[MerchandisingRule], bool]
) -> Merchandising:
    own, general = [], []
    for rule in rules:
        if is_own(rule):
            own.append(rule)
        elif not rule.queries and rule.category_id is None:
            general.append(rule)
    found = [*own, *general]
    if not found:
        return NO_MERCHANDISING
    return Merchandising(
        tuple(dict.fromkeys(each for rule in found for each in rule.pinned)),
        tuple(dict.fromkeys(each for rule in found for each in rule.boosted)),
        tuple(dict.fromkeys(each for rule in found for each in rule.buried)),
        tuple(dict.fromkeys(each for rule in found for each in rule.hidden)),
    )

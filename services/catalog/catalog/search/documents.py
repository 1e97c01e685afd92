"""Documents: products as the search index holds them, and its fields.

A snapshot of an index is as good as this and the analysis are the same: `catalog.search_snapshots`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import tantivy

from catalog.listings.facets import CATEGORY
from catalog.search.analysis import Analysis, Word
from catalog.search.found import TIE_BITS, price_field, rank_field, sampled_rank_field, suffix_of
from catalog.search_samples.sampling import RATES, SAMPLE, samples_of
from chassis.line_item import Availability
from chassis.money import require_bounded

# Shortest compound whose head is indexed.
HEADS_FROM: Final = 7
# Whether a product can be had, as one term: preferring it is a part of each ranked query.
CAN_BE_HAD: Final = "can_be_had"
YES: Final = "1"
_CAN_BE_HAD: Final = frozenset({Availability.IN_STOCK, Availability.LOW_STOCK})
# Fields of terms per locale.
_TEXTS: Final = ("title", "category", "attributes", "body")
_WORDS: Final = ("words", "heads", "more_heads")
# A shorter title is nearer to what was typed: what the rank gains by that, and by the mark that
# parts equal ones. Together below one step of the weights.
_SHORT_TITLE: Final = 0.004
_LONG_TITLE_WORDS: Final = 8
_MARKS: Final = 4_096
# Milliseconds fit the other 42 bits until the year 2109.
_MADE_BITS: Final = 22
_MOST_MADE: Final = 2**63 - 1
_MARK: Final = (1 << 64) - 1
_TIE: Final = (1 << TIE_BITS) - 1
# A letter or digit behind a sign begins a part of a code.
_LATER_PART: Final = re.compile(r"(?<=[\W_])[^\W_]")
_SIGNS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Findable:
    """One product in one channel, as it is found.

    Texts are by locale, prices in minor units by currency. `codes` are SKUs and barcodes.
    """

    product_id: UUID
    channel: str
    category_slug: str
    availability: str
    facets: Sequence[str]
    prices: Mapping[str, int]
    titles: Mapping[str, str]
    bodies: Mapping[str, str]
    categories: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    brand: str = ""
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of the fields of a locale that words are looked for in."""

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
def fields_of(locale: str) -> Fields:
    """The fields of a locale."""
    suffix = suffix_of(locale)
    names = [each.name for each in fields(Fields) if each.name != "brand"]
    return Fields(*(f"{name}_{suffix}" for name in names))


def open_index(schema: tantivy.Schema, folder: Path | None) -> tantivy.Index:
    """The index in a folder, made where there is none; in memory without a folder."""
    index = tantivy.Index(schema, path=str(folder) if folder else None)
    index.register_tokenizer(
        "terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    )
    return index


def make_schema(locales: Sequence[str], currencies: Sequence[str]) -> tantivy.Schema:
    """The fields of an index for languages and currencies."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("product_id", tokenizer_name="raw", index_option="basic")
    # The halves of a product's id are read from columns, a third of the time of a stored text.
    for name in ("made", "top", "mark"):
        builder.add_unsigned_field(name, fast=True)
    for name in ("offered", "sku", "sku_part", SAMPLE, CAN_BE_HAD):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (CATEGORY, "facet"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for currency in currencies:
        builder.add_integer_field(price_field(currency), indexed=True, fast=True)
    builder.add_text_field("brand", tokenizer_name="terms", index_option="basic")
    for locale in locales:
        suffix = suffix_of(locale)
        for name in (*_TEXTS, *_WORDS):
            builder.add_text_field(f"{name}_{suffix}", tokenizer_name="terms", index_option="basic")
        builder.add_text_field(f"whole_{suffix}", tokenizer_name="raw", index_option="basic")
        builder.add_float_field(rank_field(locale), fast=True)
        builder.add_float_field(sampled_rank_field(locale), fast=True)
    return builder.build()


class DocumentMaker:
    """Makes documents for the languages and currencies of one index."""

    def __init__(self, analyses: Mapping[str, Analysis], currencies: Sequence[str]) -> None:
        self._analyses, self._currencies = analyses, currencies
        self._brands = Analysis("")

    def make(self, found: Findable) -> dict[str, Any]:
        """The values of a product's fields. Raises AmountTooLarge."""
        keys = [sku_key(code) for code in found.codes]
        document: dict[str, Any] = {
            "product_id": found.product_id.hex,
            "made": _made(found.product_id),
            "top": found.product_id.int >> 64,
            "mark": found.product_id.int & _MARK,
            "offered": [
                f"{found.channel}/{currency}"
                for currency in found.prices
                if currency in self._currencies
            ],
            "facet": [*dict.fromkeys(found.facets)],
            "sku": keys,
            "sku_part": [*dict.fromkeys(part for key in keys for part in _parts(key))],
            "brand": " ".join(word.text for word in self._brands.words(found.brand)),
            CATEGORY: [found.category_slug] if found.category_slug else [],
            SAMPLE: samples_of(found.product_id),
            CAN_BE_HAD: [YES] if found.availability in _CAN_BE_HAD else [],
        }
        tie = found.product_id.int & _TIE
        for currency, amount_minor in found.prices.items():
            if currency in self._currencies:
                document[price_field(currency)] = (
                    require_bounded(amount_minor, path=f"price.{currency}") << TIE_BITS | tie
                )
        for suffix, analysis in self._analyses.items():
            document |= _of_locale(found, suffix, analysis)
        return document


def _of_locale(found: Findable, suffix: str, analysis: Analysis) -> dict[str, Any]:
    """The fields of one locale. One that the product's channel does not have is empty."""
    texts = {
        "title": found.titles.get(analysis.locale, ""),
        "category": found.categories.get(analysis.locale, ""),
        "attributes": found.attributes.get(analysis.locale, ""),
        "body": found.bodies.get(analysis.locale, ""),
    }
    words = {name: analysis.words(text) for name, text in texts.items()}
    fields: dict[str, Any] = {
        f"{name}_{suffix}": " ".join(dict.fromkeys(analysis.terms_of(text, words[name])))
        for name, text in texts.items()
    }
    title = [word for word in words["title"] if not word.is_stop]
    more = [*analysis.words(found.brand), *words["category"], *words["attributes"]]
    joined = analysis.joined(
        f"{texts['title']} {found.brand} {texts['category']} {texts['attributes']}"
    )
    fields[f"words_{suffix}"] = " ".join(
        dict.fromkeys(word.text for word in (*title, *more, *joined))
    )
    heads: list[str] = []
    if analysis.compounds:
        heads = [" ".join(_heads(words)) for words in (title, more)]
    fields[f"heads_{suffix}"], fields[f"more_heads_{suffix}"] = heads or ("", "")
    fields[f"whole_{suffix}"] = whole_of(title)
    length = min(len(title), _LONG_TITLE_WORDS) / _LONG_TITLE_WORDS
    mark = (found.product_id.int & (_MARKS - 1)) / _MARKS
    rank = (1 - length) + mark / _LONG_TITLE_WORDS / 2
    fields[f"rank_{suffix}"] = _SHORT_TITLE * rank
    # A rank is below 9/8: one sample more is above any rank.
    samples = len(samples_of(found.product_id))
    fields[f"sampled_rank_{suffix}"] = _SHORT_TITLE * (samples + rank / 2) / (len(RATES) + 1)
    return fields


def _heads(words: Iterable[Word]) -> Iterable[str]:
    """Long stems from their end, so that a compound begins with its head."""
    return dict.fromkeys(word.stem[::-1] for word in words if len(word.text) >= HEADS_FROM)


def _parts(key: str) -> Iterable[str]:
    """A SKU or barcode from each of its parts on, without signs: `a12x`, `12x` and `x`."""
    yield sku_letters(key)
    for part in _LATER_PART.finditer(key):
        yield sku_letters(key[part.start() :])


def whole_of(words: Sequence[Word]) -> str:
    """A title or query as one term: the stems in their order, without stop words."""
    return " ".join(word.stem for word in words)


def sku_letters(text: str) -> str:
    """The letters and digits of a SKU or barcode alone."""
    key = sku_key(text)
    return key if key.isalnum() else _SIGNS.sub("", key)


def sku_key(text: str) -> str:
    """A SKU or barcode as it is compared: without case and spaces around it.

    Digits alone are a barcode (GS1 GTIN), which leading zeros do not change.
    """
    key = text.strip().lower()
    return key.lstrip("0") or key if key.isdigit() else key


def _made(product_id: UUID) -> int:
    """Returns the milliseconds of an id, with a tie-break that is equal in every replica.

    An id without a time has any.
    """
    made = product_id.int >> 80 << _MADE_BITS | product_id.int & ((1 << _MADE_BITS) - 1)
    return made & _MOST_MADE

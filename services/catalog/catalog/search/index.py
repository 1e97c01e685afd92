"""Full-text search with facet counts: a tantivy index in memory, built from the database.

Nothing else knows what the index is, so that a search server can take its place for catalogues that
outgrow it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast
from uuid import UUID

import tantivy
from tantivy import Occur, Query

from catalog.channels.model import Channels, View
from catalog.listings.facets import CATEGORY, PRICE, Filters, PriceRange, price_ranges, split, token
from chassis.money import MOST_MINOR, require_bounded
from chassis.pagination import MAX_PAGE_SIZE

MOST_RESULTS: Final = 1_000
_MOST_WORDS: Final = 12
_HEAP_BYTES: Final = 64_000_000
# Prices sort with a mark of the product below them, so that equal ones have the same order in every
# replica. A key is a signed integer of 64 bits, which the most that a price may be (below 2^40)
# leaves room for.
_TIE_BITS: Final = 20
_BEYOND_ANY_PRICE: Final = MOST_MINOR + 1
_FUZZY_FROM: Final = 4
_FUZZIER_FROM: Final = 8
_STEMMERS: Final = {
    "ar": "arabic", "da": "danish", "nl": "dutch", "en": "english", "fi": "finnish", "fr": "french",
    "de": "german", "el": "greek",
    "hu": "hungarian", "it": "italian", "no": "norwegian", "nb": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian",
    "es": "spanish", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip


class SearchSort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE_ASCENDING = "price_ascending"
    PRICE_DESCENDING = "price_descending"


@dataclass(frozen=True, slots=True)
class Findable:
    """One product in one channel, as it is found.

    Texts are by locale, prices in minor units by currency.
    """

    product_id: UUID
    channel: str
    category_slug: str
    availability: str
    facets: Sequence[str]
    prices: Mapping[str, int]
    titles: Mapping[str, str]
    bodies: Mapping[str, str]
    words: Mapping[str, str]
    skus: Sequence[str]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results, best first, and how many there are in all."""

    product_ids: list[UUID]
    total: int


@dataclass(slots=True)
class Counts:
    """Products per value of each facet."""

    by_name: dict[str, dict[str, int]] = field(default_factory=dict)


class SearchIndex:
    """The index. Changes show after `commit`; a thread may change it while others search."""

    def __init__(self, channels: Channels) -> None:
        self.locales, self.currencies = channels.locales, channels.currencies
        self.generation = 0
        self._words = _analyzer("")
        self._stems = {
            _suffix(locale): _analyzer(_STEMMERS.get(locale.split("-")[0].lower(), ""))
            for locale in self.locales
        }
        self._schema = self._make_schema()
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer("words", self._words)
        for suffix, analyzer in self._stems.items():
            self._index.register_tokenizer(suffix, analyzer)
        self._writer = self._index.writer(_HEAP_BYTES, 1)
        self._searcher = self._index.searcher()

    def _make_schema(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field(
            "product_id", stored=True, tokenizer_name="raw", index_option="basic"
        )
        builder.add_unsigned_field("made", fast=True)
        for name in ("offered", "sku"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
        for name in (CATEGORY, "facet"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        for currency in self.currencies:
            builder.add_integer_field(_price(currency), indexed=True, fast=True)
        for locale in self.locales:
            suffix = _suffix(locale)
            builder.add_text_field(f"title_{suffix}", tokenizer_name=suffix, index_option="freq")
            builder.add_text_field(f"body_{suffix}", tokenizer_name=suffix, index_option="freq")
            builder.add_text_field(f"words_{suffix}", tokenizer_name="words", index_option="basic")
        return builder.build()

    def covers(self, channels: Channels) -> bool:
        """Returns whether it has fields for all languages and currencies of channels."""
        return {*channels.currencies} <= {*self.currencies} and {
            _suffix(locale) for locale in channels.locales
        } <= self._stems.keys()

    def _nearest(self, view: View) -> View:
        """Returns a view with a language and a currency that it has fields for.

        It lacks those that a channel just brought, until the index that has them is built.
        """
        if view.currency in self.currencies and _suffix(view.locale) in self._stems:
            return view
        currency = view.currency if view.currency in self.currencies else self.currencies[0]
        is_known = _suffix(view.locale) in self._stems
        return View(view.channel, view.locale if is_known else self.locales[0], currency)

    @property
    def size(self) -> int:
        """Products times channels."""
        return int(self._searcher.num_docs)

    def put(self, product_ids: Iterable[UUID], found: Iterable[Findable]) -> dict[UUID, Exception]:
        """Replaces the index entries of `product_ids` by `found`; a missing product is removed.

        Returns the products that cannot be indexed, each with its error. They are left out in every
        channel.
        """
        for product_id in product_ids:
            self._writer.delete_documents_by_term("product_id", product_id.hex)
        made: dict[UUID, list[tantivy.Document]] = {}
        failed: dict[UUID, Exception] = {}
        for each in found:
            try:
                made.setdefault(each.product_id, []).append(
                    tantivy.Document.from_dict(self._document(each), self._schema)
                )
            except Exception as error:
                failed[each.product_id] = error
        for product_id, documents in made.items():
            for document in documents if product_id not in failed else ():
                self._writer.add_document(document)
        return failed

    def _document(self, found: Findable) -> dict[str, Any]:
        document: dict[str, Any] = {
            "product_id": found.product_id.hex,
            "made": _made(found.product_id),
            "offered": [
                f"{found.channel}/{currency}"
                for currency in found.prices
                if currency in self.currencies
            ],
            "facet": [*dict.fromkeys(found.facets)],
            "sku": [sku.lower() for sku in found.skus],
            CATEGORY: [found.category_slug] if found.category_slug else [],
        }
        tie = found.product_id.int & ((1 << _TIE_BITS) - 1)
        for currency, amount_minor in found.prices.items():
            if currency in self.currencies:
                document[_price(currency)] = (
                    require_bounded(amount_minor, path=f"price.{currency}") << _TIE_BITS | tie
                )
        # A locale that the product's channel does not have is an empty text.
        for name, texts in (
            ("title", found.titles),
            ("body", found.bodies),
            ("words", found.words),
        ):
            document |= {f"{name}_{suffix}": "" for suffix in self._stems}
            document |= {f"{name}_{_suffix(locale)}": text for locale, text in texts.items()}
        return document

    def commit(self) -> None:
        """Shows what was put."""
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()
        self.generation += 1

    def query(self, view: View, text: str, categories: Sequence[str], filters: Filters) -> "Found":
        """Query of a search or a listing. `categories` are slugs to stay within; empty for all."""
        view = self._nearest(view)
        base = [Query.term_query(self._schema, "offered", f"{view.channel}/{view.currency}")]
        if categories:
            base.append(Query.term_set_query(self._schema, CATEGORY, list(categories)))
        words = self._words.analyze(text)[:_MOST_WORDS]
        if not text.strip():
            return Found(self, view, base, filters, has_words=False)
        if not words:
            # Signs and emoji are no words: only a SKU may be written so.
            return Found(self, view, [*base, self._sku(text)], filters)
        stems = self._stems[_suffix(view.locale)].analyze(text)[:_MOST_WORDS]
        loosest = Found(self, view, base, filters)
        for matching in self._ways_to_match(text, words, stems, _suffix(view.locale)):
            loosest = Found(self, view, [*base, matching], filters)
            if loosest.has_any():
                break
        return loosest

    def _ways_to_match(
        self, text: str, words: list[str], stems: list[str], suffix: str
    ) -> Iterable[Query]:
        """Returns queries from strict to loose: all words, all words or similar ones, any word."""
        sku = Query.boost_query(self._sku(text), 20.0)
        strict = [
            self._word(*each, suffix, last=each[0] == words[-1], loose=False)
            for each in zip(words, stems, strict=False)
        ]
        yield _either(sku, _all(strict))
        loose = [
            self._word(*each, suffix, last=True, loose=True)
            for each in zip(words, stems, strict=False)
        ]
        yield _all(loose)
        if len(loose) > 1:
            yield Query.boolean_query([(Occur.Should, each) for each in loose])

    def _sku(self, text: str) -> Query:
        return Query.term_query(self._schema, "sku", text.strip().lower())

    def _word(self, word: str, stem: str, suffix: str, *, last: bool, loose: bool) -> Query:
        """A word in the title or the text.

        One that the index does not have also matches words like it or that begin so.
        """
        title, body, words = f"title_{suffix}", f"body_{suffix}", f"words_{suffix}"
        ways = [
            Query.boost_query(Query.term_query(self._schema, title, stem), 4.0),
            Query.term_query(self._schema, body, stem),
        ]
        is_known = self._searcher.doc_freq(title, stem) or self._searcher.doc_freq(body, stem)
        if len(word) > 1 and (last or not is_known):
            ways.append(
                Query.boost_query(
                    Query.fuzzy_term_query(self._schema, words, word, 0, prefix=True), 0.8
                )
            )
        if (loose or not is_known) and len(word) >= _FUZZY_FROM and not word.isdigit():
            distance = 2 if len(word) >= _FUZZIER_FROM else 1
            ways.append(
                Query.boost_query(Query.fuzzy_term_query(self._schema, words, word, distance), 0.5)
            )
        return Query.disjunction_max_query(ways)

    def narrowing(self, view: View, filters: Filters) -> list[Query]:
        """One query per narrowed facet."""
        queries = [
            Query.term_set_query(self._schema, "facet", [token(name, value) for value in values])
            for name, values in filters.terms
        ]
        if filters.categories:
            queries.append(Query.term_set_query(self._schema, CATEGORY, list(filters.categories)))
        if filters.prices:
            ranges = [self._price_range(view.currency, each) for each in filters.prices]
            queries.append(Query.boolean_query([(Occur.Should, each) for each in ranges]))
        return queries

    def _price_range(self, currency: str, asked: PriceRange) -> Query:
        low = min(asked.from_minor, _BEYOND_ANY_PRICE) << _TIE_BITS
        high = (
            min(
                asked.to_minor if asked.to_minor is not None else _BEYOND_ANY_PRICE,
                _BEYOND_ANY_PRICE,
            )
            << _TIE_BITS
        )
        return Query.range_query(
            self._schema,
            _price(currency),
            tantivy.FieldType.Integer,
            low,
            high,
            include_upper=False,
        )

    def category_counts(self, view: View) -> dict[str, int]:
        """Products directly in each category, by slug."""
        view = self._nearest(view)
        return Found(
            self,
            view,
            [Query.term_query(self._schema, "offered", f"{view.channel}/{view.currency}")],
            Filters(),
        ).counted({CATEGORY: {"terms": {"field": CATEGORY, "size": 10_000}}}, Filters())[CATEGORY]

    @property
    def searcher(self) -> tantivy.Searcher:
        """Returns a searcher of the last commit."""
        return self._searcher


class Found:
    """The products that a query matches, at the moment of the query."""

    def __init__(
        self,
        index: SearchIndex,
        view: View,
        base: Sequence[Query],
        filters: Filters,
        *,
        has_words: bool = True,
    ) -> None:
        self._index, self._view, self._base, self._filters = index, view, base, filters
        self._has_words = has_words
        self._searcher = index.searcher
        self._query = self._narrowed(filters)

    def _narrowed(self, filters: Filters) -> Query:
        return _all([*self._base, *self._index.narrowing(self._view, filters)])

    def has_any(self) -> bool:
        """Returns whether anything matches before it is narrowed."""
        return bool(self._searcher.search(_all(self._base), 1, count=False).hits)

    def results(self, sort: SearchSort, *, offset: int, size: int) -> Results:
        """A page of results.

        Where nothing was typed, nothing is more relevant than the rest: the newest come first.
        """
        order: dict[str, Any] = {}
        match sort if self._has_words or sort is not SearchSort.RELEVANCE else SearchSort.NEWEST:
            case SearchSort.NEWEST:
                order = {"order_by_field": "made"}
            case SearchSort.PRICE_ASCENDING:
                order = {"order_by_field": _price(self._view.currency), "order": tantivy.Order.Asc}
            case SearchSort.PRICE_DESCENDING:
                order = {"order_by_field": _price(self._view.currency)}
            case SearchSort.RELEVANCE:
                pass
        found = self._searcher.search(self._query, min(size, MAX_PAGE_SIZE), offset=offset, **order)
        ids = [
            UUID(cast(str, self._searcher.doc(address).get_first("product_id")))
            for _, address in found.hits
        ]
        return Results(ids, _count(found))

    @property
    def total(self) -> int:
        """Returns the count of matching products."""
        return _count(self._searcher.search(self._query, 1))

    def counts(self) -> Counts:
        """Products per value of each facet. A facet's own filter does not reduce its counts."""
        everything = {
            CATEGORY: {"terms": {"field": CATEGORY, "size": 10_000}},
            "facet": {"terms": {"field": "facet", "size": 2_000}},
            PRICE: self._price_buckets(),
        }
        counts = Counts(_by_name(self.counted(everything, self._filters)))
        for name in self._filters.names:
            bucket = name if name in (CATEGORY, PRICE) else "facet"
            alone = _by_name(
                self.counted({bucket: everything[bucket]}, self._filters.without(name))
            )
            counts.by_name[name] = alone.get(name, {})
        return counts

    def _price_buckets(self) -> dict[str, Any]:
        ranges = []
        for each in price_ranges(self._view.currency):
            bucket: dict[str, Any] = {"key": each.value, "from": each.from_minor << _TIE_BITS}
            if each.to_minor is not None:
                bucket["to"] = each.to_minor << _TIE_BITS
            ranges.append(bucket)
        return {"range": {"field": _price(self._view.currency), "ranges": ranges}}

    def counted(self, buckets: dict[str, Any], filters: Filters) -> dict[str, dict[str, int]]:
        """Products per key of each bucket aggregation."""
        counted = self._searcher.aggregate(self._narrowed(filters), buckets)
        return {
            name: {
                str(bucket["key"]): int(bucket["doc_count"])
                for bucket in counted[name]["buckets"]
                if bucket["doc_count"]
            }
            for name in buckets
        }


def _by_name(counted: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    found = {name: dict(values) for name, values in counted.items() if name != "facet"}
    for stored, count in counted.get("facet", {}).items():
        name, value = split(stored)
        found.setdefault(name, {})[value] = count
    return found


def _count(found: Any) -> int:
    # The type stubs of tantivy leave `count` out.
    return int(found.count)


def _all(queries: Sequence[Query]) -> Query:
    return (
        queries[0]
        if len(queries) == 1
        else Query.boolean_query([(Occur.Must, query) for query in queries])
    )


def _either(left: Query, right: Query) -> Query:
    return Query.boolean_query([(Occur.Should, left), (Occur.Should, right)])


def _suffix(locale: str) -> str:
    return locale.lower().replace("-", "_")


def _made(product_id: UUID) -> int:
    """Returns the milliseconds of an id, with a tie-break that is equal in every replica."""
    return product_id.int >> 80 << 16 | product_id.int & 0xFFFF


def _price(currency: str) -> str:
    return f"price_{currency}"


def _analyzer(stemmer: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(
        tantivy.Filter.remove_long(60)
    )
    builder = builder.filter(tantivy.Filter.lowercase())
    if stemmer:
        builder = builder.filter(tantivy.Filter.stemmer(stemmer))
    return builder.filter(tantivy.Filter.ascii_fold()).build()

"""Browsing: replies to shoppers from stored parts, the cached tree and the search index."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from google.protobuf.message import DecodeError

from catalog.browsing.index_answers import IndexAnswers
from catalog.browsing.offer_answers import OFFERS_LOOP, OfferAnswers
from catalog.browsing.requests import (
    Listing,
    categories_within,
    filters_of_request,
    offset_in_results,
    position_in_listing,
)
from catalog.categories.model import Category
from catalog.categories.wire import encode_crumbs
from catalog.channels.model import View
from catalog.directory import Directory
from catalog.errors import ProductNotFound
from catalog.listings import model as listings
from catalog.listings.merchandised import merchandised_entries, position_after
from catalog.listings.model import Sort, StoredPage
from catalog.listings.wire import encode_cards, encode_offer, localize
from catalog.prices.resolution import EVERYBODY, Audience
from catalog.reservations.actions import CatalogContext
from catalog.search.index import MOST_RESULTS, SearchSort
from catalog.search.indexer import Indexer
from catalog.search.tuning import Wording
from catalog.search_queries.query_log import QueryLog
from catalog.search_queries.suggest import MOST_QUERIES, suggest_categories, suggest_products
from catalog.slugs import is_slug
from chassis.data.database import Database
from chassis.data.isolation import Loop
from chassis.data.tx import Read
from chassis.pagination import size_of, token_of
from chassis.rpc.dataloader import Loader
from chassis.rpc.wire import EnumCodec
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import search_pb2 as search_pb

V = TypeVar("V")
_PAGES: Final = Loop("product_pages")
_CARDS: Final = Loop("product_cards")
_SORTS: Final = EnumCodec(pb.ProductSort, Sort, unspecified=Sort.NEWEST)
_SEARCH_SORTS: Final = EnumCodec(pb.ProductSort, SearchSort, unspecified=SearchSort.RELEVANCE)


class Browser:
    """Answers from what this process keeps; its caches can be dropped at any moment."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        indexer: Indexer,
        queries: QueryLog | None = None,
    ) -> None:
        self._directory, self._indexer = directory, indexer
        self._queries = queries or QueryLog(database)
        self._clock = database.clock
        self._pages: Loader[tuple[View, str], StoredPage] = Loader(database, _load_pages)
        self._offers = OfferAnswers(database, directory)
        self._answers = IndexAnswers(indexer)

    def wording(self, locale: str) -> Wording:
        """Translations of attributes in a locale."""
        return self._indexer.wording(locale)

    async def get_product(
        self, read: Read, view: View, *, slug: str, product_id: UUID | None
    ) -> pb.Product:
        """One product. Raises ProductNotFound."""
        if product_id is not None:
            stored = await listings.page_of(read, view, product_id)
        else:
            # A look at channels and categories may have taken a connection; loading together takes
            # one of its own.
            await read.give_back()
            stored = (
                (await self._pages.load([(view, slug)])).get((view, slug))
                if is_slug(slug)
                else None
            )
        if stored is None:
            raise ProductNotFound(slug=slug[:80])
        try:
            page = pb.Product.FromString(stored.page)
        except DecodeError as error:
            _PAGES.skip(slug or product_id, error)
            raise ProductNotFound(slug=slug[:80]) from error
        tree = await self._directory.knowing(read, stored.category_id)
        page.breadcrumbs.extend(encode_crumbs(tree.way_to(stored.category_id), view.locale, ""))
        page.locale = view.locale
        localize(page, self._indexer.wording(view.locale))
        if page.related:
            await self._show_related(read, view, page)
        return page

    async def cards_of(
        self, read: Read, view: View, product_ids: Sequence[UUID]
    ) -> list[pb.ProductCard]:
        """Cards in the order of the ids; what the view does not offer is left out."""
        cards = await self._indexer.cards.load(read, view, product_ids)
        return encode_cards(product_ids, cards)

    async def _show_related(self, read: Read, view: View, page: pb.Product) -> None:
        """Puts cards in the place of ids; what the view does not offer is left out."""
        ids = {UUID(card.id) for related in page.related for card in related.products}
        cards = await self._indexer.cards.load(read, view, list(ids))
        shown = [
            (each.relation, encode_cards([UUID(card.id) for card in each.products], cards))
            for each in page.related
        ]
        del page.related[:]
        page.related.extend(
            pb.RelatedProducts(relation=relation, products=products)
            for relation, products in shown
            if products
        )

    async def list_products(
        self, read: Read, view: View, request: pb.ListProductsRequest
    ) -> pb.ListProductsResponse:
        """One page of a category. Raises CategoryNotFound, InvalidPageToken, InvalidFilter."""
        sort = _SORTS.decode(request.sort)
        context, category = await self._category(read, request.category_slug)
        filters = filters_of_request(context.tree, request.filters)
        size = size_of(request.page.size)
        after = position_in_listing(request.page.token)
        rules = self._indexer.tuning.of_listing(
            view, category.id if category else None, self._clock.now
        )
        asked = Listing(context, view, category, filters, sort, rules)
        product_ids, next_position = await self._listed(read, asked, after=after, size=size)
        cards = await self._indexer.cards.load(read, view, product_ids)
        with_facets = request.with_facets and after is None
        response = pb.ListProductsResponse.FromString(self._head(asked, with_facets=with_facets))
        if next_position is not None:
            response.next_page_token = token_of(next_position)
        _add_cards(response, product_ids, cards)
        response.locale = view.locale
        return response

    async def search_products(
        self, read: Read, view: View, request: pb.SearchProductsRequest
    ) -> pb.SearchProductsResponse:
        """One page of results. Raises InvalidPageToken, InvalidFilter."""
        sort = _SEARCH_SORTS.decode(request.sort)
        context = await self._directory.context(read)
        filters = filters_of_request(context.tree, request.filters)
        offset = offset_in_results(request.page.token)
        size = min(size_of(request.page.size), MOST_RESULTS - offset)
        tuning, text = self._indexer.tuning, request.query
        rules = tuning.of_search(view, text, self._clock.now)
        results = self._answers.results(context, view, text, filters, rules, sort, offset, size)
        cards = await self._indexer.cards.load(read, view, results.product_ids)
        reached = offset + size
        response = pb.SearchProductsResponse(
            next_page_token=token_of([reached])
            if reached < min(results.total, MOST_RESULTS)
            else "",
            total_count=results.total,
            counts_are_estimates=results.is_estimate,
            locale=view.locale,
        )
        _add_cards(response, results.product_ids, cards)
        if not offset:
            if not request.filters:
                self._queries.count(view, text, results=results.total)
            response.facets.extend(self._answers.facets(context, view, text, [], filters, rules))
            if redirect := tuning.redirect(view, text):
                response.destination.kind, response.destination.value = (
                    redirect.target,
                    redirect.value,
                )
            response.did_you_mean = self._answers.correction(context, view, text, filters, rules)
        return response

    async def list_suggestions(
        self, read: Read, view: View, text: str
    ) -> search_pb.ListSearchSuggestionsResponse:
        """Products, categories and frequent queries that begin as the text does."""
        context, index = await self._directory.context(read), self._indexer.index
        product_ids = self._answers.known(
            context,
            ("suggested", view, text),
            lambda: suggest_products(index, self._indexer.tuning, view, text),
        )
        sizes = self._answers.sizes(context, view)
        categories = self._answers.known(
            context,
            ("suggested categories", view, text),
            lambda: suggest_categories(index, context, view, text, sizes),
        )
        cards = await self._indexer.cards.load(read, view, product_ids)
        fallback = context.channels.by_code[view.channel].locales[0]
        return search_pb.ListSearchSuggestionsResponse(
            products=encode_cards(product_ids, cards),
            categories=[
                search_pb.CategorySuggestion(
                    slug=category.slug,
                    name=category.name_in(view.locale, fallback),
                    breadcrumbs=encode_crumbs(
                        context.tree.way_to(category.id), view.locale, fallback
                    ),
                )
                for category in categories
            ],
            queries=self._queries.popular(view, text, most=MOST_QUERIES),
            locale=view.locale,
        )

    async def list_categories(self, read: Read, view: View) -> pb.ListCategoriesResponse:
        """The whole tree."""
        context = await self._directory.context(read)
        return pb.ListCategoriesResponse(
            categories=[
                self._answers.encode_category(context, view, category)
                for category in context.tree.in_order
            ],
            locale=view.locale,
        )

    async def get_offers(
        self,
        read: Read,
        view: View,
        variant_ids: Sequence[UUID],
        *,
        is_synthetic: bool,
        audience: Audience = EVERYBODY,
    ) -> pb.GetOffersResponse:
        """Returns offers in the order asked, of synthetic products only to synthetic shoppers.

        Other shoppers get offers of all other products, at the prices of their audience.
        """
        if is_synthetic:
            found = await self._offers.synthetic(read, view, list(dict.fromkeys(variant_ids)))
        else:
            await read.give_back()
            found = await self._offers.of_variants(view, variant_ids, audience)
        response = pb.GetOffersResponse(currency=view.currency)
        wording = self._indexer.wording(view.locale)
        for offer in found:
            tree = await self._directory.knowing(read, offer.category_id)
            slugs = [category.slug for category in reversed(tree.way_to(offer.category_id))]
            try:
                response.offers.append(encode_offer(offer, view, slugs, wording))
            except Exception as error:
                OFFERS_LOOP.skip(offer.variant_id, error)
        return response

    async def _category(self, read: Read, slug: str) -> tuple[CatalogContext, Category | None]:
        if not slug:
            return await self._directory.context(read), None
        return await self._directory.category(read, slug)

    async def _listed(
        self, read: Read, asked: Listing, *, after: Sequence[Any] | None, size: int
    ) -> tuple[list[UUID], list[Any] | None]:
        """Returns the products of a page and the position after it, None at the end.

        The first page is kept until the index changes.
        """
        within = categories_within(asked.context.tree, asked.category, asked.filters)

        async def find() -> tuple[list[UUID], list[Any] | None]:
            if asked.rules.is_empty:
                entries = await listings.entries(
                    read, asked.view, category_ids=within, sort=asked.sort, filters=asked.filters,
                    after=after[:2] if after else None, size=size + 1,
                )  # fmt: skip
                last = listings.position_after(entries[size - 1]) if len(entries) > size else None
                return [entry.product_id for entry in entries[:size]], last
            placed = await merchandised_entries(
                read, asked.view, asked.rules, category_ids=within, sort=asked.sort,
                filters=asked.filters, after=after, size=size + 1,
            )  # fmt: skip
            last = position_after(placed[size - 1]) if len(placed) > size else None
            return [each.entry.product_id for each in placed[:size]], last

        if after is not None:
            return await find()
        category_id = asked.category and asked.category.id
        key = ("listed", asked.view, category_id, asked.filters, asked.sort, asked.rules, size)
        return await self._answers.read(asked.context, key, find)

    def _head(self, asked: Listing, *, with_facets: bool) -> bytes:
        """All of a listing but its products, serialized."""
        context, view, category = asked.context, asked.view, asked.category

        def make() -> bytes:
            slugs = [each.slug for each in context.tree.below(category)] if category else []
            found = self._answers.found(context, view, "", slugs, asked.filters, asked.rules)
            fallback = context.channels.by_code[view.channel].locales[0]
            head = pb.ListProductsResponse(
                children=[
                    self._answers.encode_category(context, view, child)
                    for child in context.tree.children_of(category)
                ],
                total_count=self._answers.total(context, view, category, found),
                counts_are_estimates=found.is_estimate,
            )
            if category is not None:
                head.breadcrumbs.extend(
                    encode_crumbs(context.tree.way_to(category.id), view.locale, fallback)
                )
                head.category.CopyFrom(self._answers.encode_category(context, view, category))
            if with_facets:
                head.facets.extend(
                    self._answers.facets(context, view, "", slugs, asked.filters, asked.rules)
                )
            return head.SerializeToString()

        category_id = category and category.id
        key = ("head", view, category_id, asked.filters, asked.rules, with_facets)
        return self._answers.known(context, key, make)


def _add_cards(
    response: pb.ListProductsResponse | pb.SearchProductsResponse,
    product_ids: Sequence[UUID],
    cards: Mapping[UUID, bytes],
) -> None:
    """Adds the cards that there are. One that cannot be read is left out."""
    for product_id in product_ids:
        if product_id in cards:
            try:
                response.products.add().MergeFromString(cards[product_id])
            except DecodeError as error:
                del response.products[-1]
                _CARDS.skip(product_id, error)


async def _load_pages(
    read: Read, keys: Sequence[tuple[View, str]]
) -> dict[tuple[View, str], StoredPage]:
    return {
        (view, slug): page
        for view, slugs in _by_view(keys).items()
        for slug, page in (await listings.pages_of(read, view, slugs)).items()
    }


def _by_view(keys: Sequence[tuple[View, V]]) -> dict[View, list[V]]:
    found: dict[View, list[V]] = {}
    for view, key in keys:
        found.setdefault(view, []).append(key)
    return found

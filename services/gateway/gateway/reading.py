"""Reads of the catalogue by shoppers: the questions that they may ask, and the answers.

Routes declare these reads for the application. The edge answers most of them without it: routing
and validating a request through all of the application's layers costs as much as everything else
that a read does here.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final
from unicodedata import normalize
from urllib.parse import parse_qsl, urlencode

from google.protobuf.message import Message
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from starlette.types import Scope

from gateway.caching import Cache, Key, Page
from gateway.contracts.encoding import render_public, to_json
from gateway.enums import NameOf, value_of
from gateway.languages import accepted_locales
from gateway.peers import Catalog
from gateway.touchpoints import NOT_CONTENT
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1 import page_pb2

SLUG_PATTERN: Final = r"^[a-z0-9][a-z0-9\-_.]*$"
_SLUG: Final = re.compile(SLUG_PATTERN)
_LONGEST_SLUG: Final = 200
# Questions up to this length are parsed once; longer ones, which no client sends, each time, so that
# they fill no memory.
_SHORT: Final = 256


class ViewQuery(BaseModel):
    """In which language and currency to answer."""

    locale: Annotated[
        str, StringConstraints(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3})?$")
    ] = Field(
        default="", description="BCP 47 tag; else Accept-Language, else the channel's first locale"
    )
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = Field(
        default="", description="ISO 4217 code"
    )


class PageQuery(ViewQuery):
    """Page of a list."""

    page_size: int = Field(default=24, ge=1, le=100)
    page_token: str = Field(
        default="", max_length=500, description="`next_page_token` of the previous page"
    )
    filter: list[Annotated[str, StringConstraints(max_length=200, pattern=r"^[^:]{1,60}:.+$")]] = (
        Field(
            default=[],
            max_length=30,
            description="`facet:value`, repeatable, e.g. `brand:Northwind`",
            examples=[["availability:in_stock"]],
        )
    )


class ListingQuery(PageQuery):
    """Order of a listing, and whether to count its facets."""

    sort: Annotated[str, NameOf(pb.ProductSort, without=frozenset({"relevance"}))] = "newest"
    facets: bool = False


class SearchQuery(PageQuery):
    """Query of a search."""

    q: str = Field(default="", max_length=200, description="what the shopper typed")
    sort: Annotated[str, NameOf(pb.ProductSort, without=frozenset({"title"}))] = "relevance"


@dataclass(frozen=True, slots=True)
class Read:
    """One kind of read: its path, what it can be asked with, and what of the catalogue answers it."""

    path: str
    query: type[ViewQuery]
    method: str
    message: Callable[[Any, str, pb.View], Message]


def _page_of(query: PageQuery) -> page_pb2.Page:
    return page_pb2.Page(size=query.page_size, token=query.page_token)


def _listing(query: ListingQuery, slug: str, view: pb.View) -> Message:
    return pb.ListProductsRequest(
        category_slug=slug,
        view=view,
        filters=filters_of(query.filter),
        page=_page_of(query),
        sort=value_of(pb.ProductSort, query.sort),
        with_facets=query.facets,
    )


def _search(query: SearchQuery, _: str, view: pb.View) -> Message:
    return pb.SearchProductsRequest(
        query=query.q,
        filters=filters_of(query.filter),
        page=_page_of(query),
        sort=value_of(pb.ProductSort, query.sort),
        view=view,
    )


PRODUCT: Final = Read(
    "/v1/products/{slug}",
    ViewQuery,
    "GetProduct",
    lambda _, slug, view: pb.GetProductRequest(slug=slug, view=view),
)
PRODUCTS: Final = Read("/v1/products", ListingQuery, "ListProducts", _listing)
CATEGORIES: Final = Read(
    "/v1/categories",
    ViewQuery,
    "ListCategories",
    lambda _, __, view: pb.ListCategoriesRequest(view=view),
)
CATEGORY: Final = Read("/v1/categories/{slug}/products", ListingQuery, "ListProducts", _listing)
SEARCH: Final = Read("/v1/search", SearchQuery, "SearchProducts", _search)
PAGE: Final = Read(
    "/v1/pages/{slug}",
    ViewQuery,
    "GetPage",
    lambda _, slug, view: pb.GetPageRequest(slug=slug, view=view),
)


def match(path: str) -> tuple[Read, str] | None:
    """The read of a path, and the slug in it; None for anything else."""
    match path.split("/"):
        case ["", "v1", "products", slug] if _is_slug(slug):
            return PRODUCT, slug
        case ["", "v1", "categories", slug, "products"] if _is_slug(slug):
            return CATEGORY, slug
        case ["", "v1", "pages", slug] if _is_slug(slug):
            return PAGE, slug
        case ["", "v1", "products"]:
            return PRODUCTS, ""
        case ["", "v1", "categories"]:
            return CATEGORIES, ""
        case ["", "v1", "search"]:
            return SEARCH, ""
    return None


def _is_slug(text: str) -> bool:
    return len(text) <= _LONGEST_SLUG and _SLUG.match(text) is not None and not text.endswith("\n")


@dataclass(frozen=True, slots=True)
class Question:
    """A validated question to the catalogue.

    `text` is its one form: known parameters, normalized and sorted, without the locale.
    """

    read: Read
    slug: str
    query: ViewQuery
    text: str

    def key(self, cache: Cache, path: str, channel: str, accept_language: str) -> Key:
        """Returns the key under which the answer to anybody without a token may be cached."""
        return cache.key(path, self.text, channel, locales_of(self.query, accept_language))


def question_of(path: str, query_string: bytes) -> Question | None:
    """Returns the question that a GET asks; None where it is none or does not have the documented
    shape.
    """
    if len(path) + len(query_string) <= _SHORT:
        return _short_question(path, query_string)
    return _question(path, query_string)


@lru_cache(maxsize=2_048)
def _short_question(path: str, query_string: bytes) -> Question | None:
    return _question(path, query_string)


def _question(path: str, query_string: bytes) -> Question | None:
    if (found := match(path)) is None:
        return None
    read, slug = found
    if (query := query_of(read, query_string)) is None:
        return None
    values = query.model_dump(exclude_defaults=True, exclude={"locale"})
    return Question(
        read, slug, query, urlencode(sorted(values.items()), doseq=True) if values else ""
    )


def query_of(read: Read, query_string: bytes) -> ViewQuery | None:
    """Returns the query of a read in normal form; None where it does not have the documented shape,
    and the application says what is wrong.
    """
    values: dict[str, Any] = {}
    for name, value in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True):
        if name == "filter":
            values.setdefault(name, []).append(normalize("NFC", value))
        elif name in NOT_CONTENT:
            continue
        elif name not in read.query.model_fields:
            return None
        else:
            values[name] = normalize("NFC", value)
    if "filter" in values:
        values["filter"] = sorted(set(values["filter"]))
    try:
        return read.query.model_validate(values)
    except ValidationError:
        return None


def filters_of(filters: Sequence[str]) -> list[pb.FacetFilter]:
    """Values gathered by facet."""
    by_name: dict[str, list[str]] = {}
    for name, _, value in (text.partition(":") for text in filters):
        by_name.setdefault(name, []).append(value)
    return [pb.FacetFilter(name=name, values=values) for name, values in by_name.items()]


def locales_of(query: ViewQuery, accept_language: str) -> tuple[str, ...]:
    """Returns the locales that a request asks for, best first: the parameter's alone, else those of
    its Accept-Language.
    """
    return (query.locale,) if query.locale else accepted_locales(accept_language)


def view_of(query: ViewQuery, accept_language: str, channel: str) -> pb.View:
    """Returns the view that a request asks for."""
    accepted = () if query.locale else accepted_locales(accept_language)
    return pb.View(
        channel=channel, locale=query.locale, currency=query.currency, accepted_locales=accepted
    )


class Reading:
    """Answers reads, from the cache where that is allowed.

    What is the same for everybody is asked without anybody's token.
    """

    def __init__(self, catalog: Catalog, cache: Cache) -> None:
        self._catalog, self.cache = catalog, cache
        self._asking: dict[tuple[Key, int], asyncio.Future[Page]] = {}

    async def page(
        self,
        read: Read,
        slug: str,
        query: ViewQuery,
        *,
        view: pb.View,
        key: Key | None,
        scope: Scope,
    ) -> Page:
        """Returns the catalogue's answer.

        `key` is None where it must not be kept. Raises the catalogue's refusals.

        Requests for one page that come while it is asked for share the answer, unless the catalogue
        changed in between.
        """
        if key is None:
            return await self._ask(read, slug, query, view=view, key=None, scope=scope)
        flight = key, self.cache.generation
        while (asking := self._asking.get(flight)) is not None:
            await asyncio.wait((asking,))
            if not asking.cancelled():
                return asking.result()
            # Its request was given up by its client: one of those that waited asks in its place.
        asking = self._asking[flight] = asyncio.get_running_loop().create_future()
        try:
            page = await self._ask(read, slug, query, view=view, key=key, scope=scope)
        except Exception as error:
            asking.set_exception(error)
            # Marks the error as seen: most times nobody else waits for it.
            asking.exception()
            raise
        except BaseException:
            asking.cancel()
            raise
        else:
            asking.set_result(page)
            return page
        finally:
            del self._asking[flight]

    async def _ask(
        self,
        read: Read,
        slug: str,
        query: ViewQuery,
        *,
        view: pb.View,
        key: Key | None,
        scope: Scope,
    ) -> Page:
        stamp = self.cache.stamp()
        method = getattr(self._catalog.shop, read.method)
        reply = await self._catalog.ask_for_anybody(method, read.message(query, slug, view))
        page = Page.of(to_json(render_public(reply)), scope, locale=reply.locale)
        if key is not None:
            self.cache.put(key, page, stamp)
        return page

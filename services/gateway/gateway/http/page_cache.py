"""Catalogue answers for callers without a token: a bounded cache, and shared requests.

Catalog's change events drop the cache.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from cachetools import LRUCache
from google.protobuf.message import Message
from nats.aio.msg import Msg
from prometheus_client import Counter, Gauge
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.events.broker import Broker
from gateway.contracts.encoding import render_public, to_json
from gateway.contracts.rpc import Rpc
from gateway.http.compression import LEAST_BYTES, accepts_gzip, gzipped
from gateway.peers import Backend
from sojourn.catalog.v1.guest_policy_pb2 import GUEST_POLICY_NO_PRICES

K = TypeVar("K")
V = TypeVar("V")
Req = TypeVar("Req", bound=Message)
cache_total = Counter(
    "catalogue_cache_total", "look-ups in the cache of catalogue answers", ["outcome"]
)
cached_bytes = Gauge("catalogue_cache_bytes", "size of the cached catalogue answers")
for _outcome in ("hit", "miss"):
    cache_total.labels(_outcome)


# An answer depends on: path, validated question, channel, and its locale: the negotiated one where
# it is known, else the accepted ones.
Key = tuple[str, str, str, str | tuple[str, ...]]
# Lists of accepted locales whose negotiated locale is remembered.
_MOST_NEGOTIATED: Final = 2_000
# Channels that are known to hide prices.
_MOST_CHANNELS: Final = 1_000
# Of an entry beside its body: key, headers, objects.
_ENTRY_BYTES: Final = 1_024
# Events of the catalogue that change no page: where a change of stock or of prices shows,
# ProductChanged tells of it, and PageSupplementChanged where a review does.
_SHOWN_NOWHERE: Final = frozenset(
    {
        "PageDraftChanged",
        "AlertConfirmationRequested",
        "AlertTriggered",
        "PickupLocationChanged",
        "PickupLocationDeleted",
        "PriceListChanged",
        "PriceListDeleted",
        "ProductAnswerChanged",
        "ProductQuestionChanged",
        "RelatedProductListChanged",
        "RelationRuleChanged",
        "ReservationExpired",
        "ShareLinkChanged",
        "ReviewChanged",
        "StockAdjusted",
        "StockLow",
        "WarehouseChanged",
        "WarehouseDeleted",
    }
)
VARY: Final = "Accept-Encoding, Accept-Language, Sojourn-Channel"
PRIVATE: Final = "private, max-age=0"


@dataclass(slots=True)
class Page:
    """An answer to anybody without a token.

    `route` and `path_params` are those of the request that it answered first. `locale` is the BCP
    47 tag of its texts. `results` is how many products a search or a listing found. `hides_prices`
    says that it is for guests alone, as customers see prices.
    """

    body: bytes
    etag: str
    route: Any = None
    path_params: dict[str, Any] = field(default_factory=dict)
    locale: str = ""
    results: int | None = None
    hides_prices: bool = False
    _gzipped: bytes | None = None

    @classmethod
    def from_body(
        cls,
        body: bytes,
        scope: Scope,
        *,
        locale: str = "",
        results: int | None = None,
        hides_prices: bool = False,
    ) -> "Page":
        tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        route, path_params = scope.get("route"), scope.get("path_params", {})
        return cls(body, tag, route, path_params, locale, results, hides_prices)

    def is_known_to(self, if_none_match: str) -> bool:
        """Returns whether a client that sent this header has the page already."""
        return bool(if_none_match) and self.etag in [
            part.strip().removeprefix("W/") for part in if_none_match.split(",")
        ]

    @property
    def gzipped(self) -> bytes | None:
        """The body in gzip, made once; None for a body that is too short for it."""
        if self._gzipped is None and len(self.body) >= LEAST_BYTES:
            self._gzipped = gzipped(self.body)
        return self._gzipped

    def response(self, request: Request, *, cache_control: str = PRIVATE) -> Response:
        """The reply, or 304 where the client has it already."""
        return _PageResponse(self, request.headers, cache_control)

    async def send(
        self,
        send: Send,
        headers: Mapping[str, str],
        more: Sequence[tuple[bytes, bytes]] = (),
        *,
        cache_control: str = PRIVATE,
    ) -> int:
        """The same as ASGI messages, without the way through the application, with `more` headers.

        `headers` are the request's. The ETag of a gzipped body is weak: its bytes differ. Returns
        the status.
        """
        body, etag, encoding = self.body, self.etag, b""
        if accepts_gzip(headers.get("accept-encoding", "")) and self.gzipped is not None:
            body, etag, encoding = self.gzipped, f"W/{etag}", b"gzip"
        fields = [
            (b"etag", etag.encode()),
            (b"cache-control", cache_control.encode()),
            (b"vary", VARY.encode()),
            *more,
        ]
        if self.locale:
            fields.append((b"content-language", self.locale.encode()))
        if self.is_known_to(headers.get("if-none-match", "")):
            status, body = 304, b""
        else:
            status = 200
            fields += [
                (b"content-length", b"%d" % len(body)),
                (b"content-type", b"application/json"),
            ]
            if encoding:
                fields.append((b"content-encoding", encoding))
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})
        return status


class _PageResponse(Response):
    """A page as an answer of the application."""

    def __init__(self, page: Page, asked: Mapping[str, str], cache_control: str) -> None:
        super().__init__(page.body, media_type="application/json")
        self._page, self._asked, self._cache_control = page, asked, cache_control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._page.send(send, self._asked, cache_control=self._cache_control)


class Recent(Generic[K, V]):
    """A cache of at most `entries` values and `most_bytes`, none older than `seconds`.

    The least recently used value goes first.
    """

    def __init__(self, *, seconds: float, entries: int, most_bytes: int) -> None:
        self._seconds, self._most, self._most_bytes = seconds, entries, most_bytes
        self._entries: OrderedDict[K, tuple[float, V, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Returns a value that is young enough, or None."""
        found = self._entries.get(key)
        if found is None or found[0] < time.monotonic():
            return None
        self._entries.move_to_end(key)
        return found[1]

    def put(self, key: K, value: V, size: int) -> None:
        """Stores a value of `size` bytes, unless it is larger than a quarter of the cache."""
        self._drop(key)
        if not self._seconds or not self._most or size > self._most_bytes // 4:
            return
        self._entries[key] = (time.monotonic() + self._seconds, value, size)
        self.bytes += size
        while len(self._entries) > self._most or self.bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    def drop_expired(self) -> None:
        """Drops what is too old to be answered."""
        now = time.monotonic()
        for key in [key for key, (ends_at, _, _) in self._entries.items() if ends_at < now]:
            self._drop(key)

    def clear(self) -> None:
        """Drops everything."""
        self._entries.clear()
        self.bytes = 0

    def _drop(self, key: K) -> None:
        if (found := self._entries.pop(key, None)) is not None:
            self.bytes -= found[2]


def _size_of(page: Page) -> int:
    # The gzipped body comes with the first client that accepts it, and is a quarter at most times.
    return len(page.body) + len(page.body) // 4 + _ENTRY_BYTES


class Cache:
    """Pages by key.

    Nothing is older than `seconds`; any change in the catalogue drops everything, and nothing that
    is asked within `settling_seconds` of it is kept: until then a replica of catalog may answer
    listings and searches as they were before.

    Events may be missed while the broker is away; the age bounds what that costs. Prices and stock
    are checked again in the cart.
    """

    def __init__(
        self, *, seconds: float, entries: int, most_bytes: int, settling_seconds: float
    ) -> None:
        self._pages: Recent[Key, Page] = Recent(
            seconds=seconds, entries=entries, most_bytes=most_bytes
        )
        self._negotiated: LRUCache[tuple[str, tuple[str, ...]], str] = LRUCache(_MOST_NEGOTIATED)
        self._settling_seconds, self._settled_at = settling_seconds, 0.0
        self._generation = 0
        self._hits, self._misses = cache_total.labels("hit"), cache_total.labels("miss")

    @property
    def generation(self) -> int:
        """A number that grows with each change in the catalogue."""
        return self._generation

    def stamp(self) -> int | None:
        """Returns the generation: an answer is not stored if a change came in between.

        None while one settles.
        """
        return self._generation if time.monotonic() >= self._settled_at else None

    def key(self, path: str, question: str, channel: str, accepted: tuple[str, ...]) -> Key:
        """Returns the key of an answer in the first of the accepted locales that a channel has."""
        return path, question, channel, self._negotiated.get((channel, accepted), accepted)

    def get(self, key: Key) -> Page | None:
        """The page, where it is here and young enough.

        Only what is found is counted: `put` counts what was not.
        """
        page = self._pages.get(key)
        if page is not None:
            self._hits.inc()
        return page

    def put(self, key: Key, page: Page, stamp: int | None) -> None:
        """Keeps a page that had to be asked for, and the locale that was negotiated for it."""
        self._misses.inc()
        if stamp == self._generation:
            path, question, channel, accepted = key
            if isinstance(accepted, tuple) and page.locale:
                self._negotiated[channel, accepted] = page.locale
                key = path, question, channel, page.locale
            self._pages.put(key, page, _size_of(page))
            cached_bytes.set(self._pages.bytes)

    @property
    def entries(self) -> int:
        """The number of pages in memory."""
        return len(self._pages)

    @property
    def bytes(self) -> int:
        """The size of the pages in memory."""
        return self._pages.bytes

    def drop_expired(self) -> None:
        """Drops pages that are too old to be answered."""
        self._pages.drop_expired()
        cached_bytes.set(self._pages.bytes)

    def drop(self) -> None:
        """Forgets everything."""
        self._generation += 1
        self._settled_at = time.monotonic() + self._settling_seconds
        self._pages.clear()
        self._negotiated.clear()

    async def follow(self, broker: Broker) -> None:
        """Drops what changes, from the broker's live subjects; each replica hears all of them."""
        await broker.ready()

        async def changed(message: Msg) -> None:
            if message.subject.rpartition(".")[2] not in _SHOWN_NOWHERE:
                self.drop()

        await broker.client.subscribe("events.sojourn.catalog.v1.*", cb=changed)


class Reading:
    """Answers reads, from the cache where that is allowed.

    What is the same for everybody is asked without anybody's token.
    """

    def __init__(self, catalog: Backend, cache: Cache) -> None:
        self._catalog, self.cache = catalog, cache
        self._asking: dict[tuple[Key, int], asyncio.Future[Page]] = {}
        # Channels whose guests saw no prices at the last look: customers ask as themselves.
        self._hiding: LRUCache[str, bool] = LRUCache(_MOST_CHANNELS)

    def hides_prices(self, channel: str) -> bool:
        """Returns whether the guests of a channel saw no prices at the last look."""
        return channel in self._hiding

    def note_policy(self, channel: str, *, hides_prices: bool) -> None:
        """Remembers whether the guests of a channel see no prices."""
        if hides_prices:
            self._hiding[channel] = True
        else:
            self._hiding.pop(channel, None)

    async def page(
        self, rpc: Rpc[Req, Any], message: Req, *, key: Key | None, scope: Scope
    ) -> Page:
        """Returns the catalogue's answer. `key` is None where it must not be kept.

        Requests for one page that come while it is asked for share the answer, unless the catalogue
        changed in between. Raises the catalogue's refusals.
        """
        if key is None:
            return await self._ask(rpc, message, key=None, scope=scope)
        flight = key, self.cache.generation
        while (asking := self._asking.get(flight)) is not None:
            await asyncio.wait((asking,))
            if not asking.cancelled():
                return asking.result()
            # Its request was given up by its client: one of those that waited asks in its place.
        asking = self._asking[flight] = asyncio.get_running_loop().create_future()
        try:
            page = await self._ask(rpc, message, key=key, scope=scope)
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
        self, rpc: Rpc[Req, Any], message: Req, *, key: Key | None, scope: Scope
    ) -> Page:
        stamp = self.cache.stamp()
        reply = await self._catalog.ask_for_anybody(rpc, message)
        page = page_of(reply, scope)
        if key is not None:
            self.cache.put(key, page, stamp)
        return page


def page_of(reply: Any, scope: Scope) -> Page:
    """Returns a reply of the catalogue as a page."""
    return Page.from_body(
        to_json(render_public(reply)),
        scope,
        locale=reply.locale,
        results=getattr(reply, "total_count", None),
        hides_prices=getattr(reply, "guest_policy", None) == GUEST_POLICY_NO_PRICES,
    )

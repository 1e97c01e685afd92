"""A bounded cache of anonymous catalogue answers, dropped by catalog's change events."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from nats.aio.msg import Msg
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope, Send

from chassis.events import Broker
from gateway.touchpoints import NOT_CONTENT, may_have_campaign

K = TypeVar("K")
V = TypeVar("V")
cache_total = Counter("catalogue_cache_total", "look-ups in the cache of catalogue answers", ["outcome"])
for _outcome in ("hit", "miss"):
    cache_total.labels(_outcome)


# What of a request an answer depends on: path, query, channel, Accept-Language.
Key = tuple[str, bytes, str, str]
_VARY = "Accept-Language, Sojourn-Channel"
_HEADERS = ((b"cache-control", b"private, max-age=0"), (b"vary", _VARY.encode()))


@dataclass(slots=True)
class Page:
    """An answer to anybody without a token. `route` and `path_params` are those of the request that it answered first."""

    body: bytes
    etag: str
    route: Any = None
    path_params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, body: bytes, scope: Scope) -> "Page":
        tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        return cls(body, tag, scope.get("route"), scope.get("path_params", {}))

    def is_known_to(self, if_none_match: str) -> bool:
        """Whether a client that sent this has it already."""
        return bool(if_none_match) and self.etag in [part.strip().removeprefix("W/") for part in if_none_match.split(",")]

    def response(self, request: Request) -> Response:
        """The reply, or 304 where the client has it already. Clients may keep it and must revalidate it."""
        headers = {"ETag": self.etag, "Cache-Control": "private, max-age=0", "Vary": _VARY}
        if self.is_known_to(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type="application/json", headers=headers)

    async def send(self, send: Send, if_none_match: str, more: Sequence[tuple[bytes, bytes]] = ()) -> int:
        """The same as ASGI messages, without the way through the application, with `more` headers. Returns the status."""
        headers = [(b"etag", self.etag.encode()), *_HEADERS, *more]
        if self.is_known_to(if_none_match):
            status, body = 304, b""
        else:
            status, body = 200, self.body
            headers += [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return status


def key_of(scope: Scope, headers: dict[str, str], channel: str) -> Key | None:
    """Under what an answer may be kept; None where it may not: a change, or a caller with a token."""
    if scope["method"] != "GET" or "authorization" in headers:
        return None
    query: bytes = scope["query_string"]
    if may_have_campaign(query):
        # Where a visitor came from changes nothing of what they see.
        content = [pair for pair in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if pair[0] not in NOT_CONTENT]
        query = urlencode(content).encode()
    return scope["path"], query, channel, headers.get("accept-language", "")


class Recent(Generic[K, V]):
    """What was answered lately: at most `entries` values, none older than `seconds`, the one not used for longest dropped first."""

    def __init__(self, *, seconds: float, entries: int) -> None:
        self._seconds, self._most = seconds, entries
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self._entries.get(key)
        if found is None or found[0] < time.monotonic():
            return None
        self._entries.move_to_end(key)
        return found[1]

    def put(self, key: K, value: V) -> None:
        if not self._seconds or not self._most:
            return
        self._entries[key] = (time.monotonic() + self._seconds, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        self._entries.clear()


class Cache:
    """Pages by key. Nothing is older than `seconds`; any change in the catalogue drops everything, and nothing that is asked within
    `settling_seconds` of it is kept: until then a replica of catalog may answer listings and searches as they were before.

    Events may be missed while the broker is away; the age bounds what that costs. Prices and stock are checked again in the cart.
    """

    def __init__(self, *, seconds: float, entries: int, settling_seconds: float) -> None:
        self._pages: Recent[Key, Page] = Recent(seconds=seconds, entries=entries)
        self._settling_seconds, self._settled_at = settling_seconds, 0.0
        self._generation = 0
        self._hits, self._misses = cache_total.labels("hit"), cache_total.labels("miss")

    def stamp(self) -> int | None:
        """The generation of what is asked now: an answer to it is not kept if a change came in between. None while one settles."""
        return self._generation if time.monotonic() >= self._settled_at else None

    def get(self, key: Key) -> Page | None:
        """The page, where it is here and young enough. Only what is found is counted: `put` counts what was not."""
        page = self._pages.get(key)
        if page is not None:
            self._hits.inc()
        return page

    def put(self, key: Key, page: Page, stamp: int | None) -> None:
        """Keeps a page that had to be asked for."""
        self._misses.inc()
        if stamp == self._generation:
            self._pages.put(key, page)

    def drop(self) -> None:
        """Forgets everything."""
        self._generation += 1
        self._settled_at = time.monotonic() + self._settling_seconds
        self._pages.clear()

    async def follow(self, broker: Broker) -> None:
        """Drops what changes, from the broker's live subjects; each replica hears all of them."""
        await broker.ready()

        async def changed(_: Msg) -> None:
            self.drop()

        await broker.client.subscribe("events.sojourn.catalog.v1.*", cb=changed)

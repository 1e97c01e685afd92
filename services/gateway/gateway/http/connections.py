"""Bounds of connections: number, size of head and framing, time to send and to read.

`BoundedConnection` is uvicorn's protocol with these bounds. One sweep over all connections looks at
their times, as a timer for each request would cost more than answering it.
"""

import asyncio
import re
import resource
from functools import lru_cache
from typing import Final, cast

from prometheus_client import Counter, Gauge
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chassis.rpc.errors import DomainError
from gateway.http.client_address import TrustedProxies, counted_address
from gateway.http.problems import (
    HeadTooLarge,
    MalformedBody,
    MalformedHead,
    RequestTimeout,
    TooManyConnections,
    document_of,
    status_of,
)
from gateway.http.transport import ClientTransport
from gateway.settings import GatewaySettings

# In a scope of a request with a body: a function that returns whether some of the body has not
# arrived yet.
UNREAD: Final = "sojourn.unread"
# A client that is still sending sees the refusal only if its bytes are taken for a while: RFC 9112,
# section 9.6.
LINGER_SECONDS: Final = 2.0
_LINGER_BYTES: Final = 16 * 1024 * 1024
# A body's framing may have one byte for so many bytes of content, beyond what a head may have:
# chunks of a dozen bytes pass.
_CONTENT_PER_FRAMING: Final = 2
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?")
_LONGEST_HOST: Final = 260
open_connections = Gauge("http_connections", "open connections of clients")
refused_total = Counter(
    "http_connections_refused_total",
    "connections refused or closed for breaking a bound",
    ["reason"],
)
for _reason in (
    "HEAD_TOO_LARGE",
    "REQUEST_TIMEOUT",
    "MALFORMED_HEAD",
    "MALFORMED_BODY",
    "TOO_MANY_CONNECTIONS",
    "ANSWER_UNREAD",
):
    refused_total.labels(_reason)


@lru_cache(maxsize=256)
def _is_host(value: bytes) -> bool:
    return _HOST.fullmatch(value) is not None


class Connections:
    """All connections of a server, and their bounds."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self._proxies = TrustedProxies.parse(settings.trusted_proxies)
        self._open: set[BoundedConnection] = set()
        self._per_address: dict[str, int] = {}
        self._sweep: asyncio.TimerHandle | None = None
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.most = settings.max_connections
        if descriptors != resource.RLIM_INFINITY:
            self.most = max(1, min(self.most, descriptors - settings.reserved_descriptors))
        shortest = min(
            settings.head_seconds,
            settings.body_stall_seconds,
            settings.body_seconds,
            settings.answer_stall_seconds,
        )
        self._sweep_seconds = min(1.0, shortest / 4, max(settings.body_grace_seconds, 0.2) / 4)

    def __len__(self) -> int:
        return len(self._open)

    def protocol(self) -> type[asyncio.Protocol]:
        """Returns the protocol class for uvicorn."""
        return type("Connection", (BoundedConnection,), {"all": self})

    def admit(self, connection: "BoundedConnection", peer: str) -> bool:
        """Counts a new connection. Returns False where there are too many."""
        address = connection.address = "" if self._proxies.trusts(peer) else counted_address(peer)
        held = self._per_address.get(address, 0)
        is_admitted = len(self._open) < self.most and (
            not address or held < self.settings.max_connections_per_address
        )
        self._open.add(connection)
        open_connections.set(len(self._open))
        if address:
            self._per_address[address] = held + 1
        if self._sweep is None:
            self._sweep = connection.loop.call_later(
                self._sweep_seconds, self._look, connection.loop
            )
        return is_admitted

    def release(self, connection: "BoundedConnection") -> None:
        """Counts a connection that is closed."""
        if connection not in self._open:
            return
        self._open.discard(connection)
        open_connections.set(len(self._open))
        left = self._per_address.get(connection.address, 0) - 1
        if left > 0:
            self._per_address[connection.address] = left
        else:
            self._per_address.pop(connection.address, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._sweep = loop.call_later(self._sweep_seconds, self._look, loop) if self._open else None
        now = loop.time()
        for connection in list(self._open):
            connection.look_at_time(now, self._sweep_seconds)


class BoundedConnection(HttpToolsProtocol):
    """A connection that is refused or closed where it breaks a bound."""

    all: Connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Counts the connection, and refuses it where there are too many."""
        self.address = ""
        self._in_head, self._head_since, self._head_bytes = True, self.loop.time(), 0
        self._read_holds_head, self._received = False, 0
        self._start_body()
        self._unsent_bytes, self._unsent_seconds = 0, 0.0
        self._refusal: DomainError | None = None
        self._is_ending = False
        self._lingers_until, self._lingers_bytes = 0.0, 0
        self._lingering = ClientTransport(transport, self.loop, self)
        super().connection_made(cast(asyncio.Transport, self._lingering))
        if not self.all.admit(self, self.client[0] if self.client else ""):
            self._refuse(TooManyConnections("too many connections", retry_after_seconds=1))
            # It must not take a descriptor for longer.
            self._lingering.end()

    def connection_lost(self, exc: Exception | None) -> None:
        self.all.release(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser; refuses a head or a body's framing that grows too large."""
        if self._lingers_until or self._is_ending:
            self._lingers_bytes += len(data)
            if self._lingers_bytes > _LINGER_BYTES:
                self.transport.abort()
            return
        if self._in_head:
            if not self._head_since:
                self._head_since = self.loop.time()
            self._head_bytes += len(data)
        self._received = len(data)
        self._read_holds_head = self._in_head
        content_bytes = self._body_bytes
        super().data_received(data)
        if self._lingers_until or self._is_ending:
            return
        most_bytes = self.all.settings.max_head_bytes
        if self._in_head:
            if self._head_bytes > most_bytes:
                self._refuse(HeadTooLarge("the head is too large", most_bytes=most_bytes))
        elif not self._read_holds_head:
            # All of `data` belongs to one body: lines of chunks, their extensions and trailers are
            # what is not its content.
            self._framing_bytes += len(data) - (self._body_bytes - content_bytes)
            if self._framing_bytes > most_bytes + self._body_bytes // _CONTENT_PER_FRAMING:
                self._refuse(
                    MalformedBody(
                        "send larger chunks, without extensions and trailers", most_bytes=most_bytes
                    )
                )

    def on_header(self, name: bytes, value: bytes) -> None:
        """Refuses trailers, which no operation reads."""
        if not self._in_head:
            self._raise(MalformedBody("send no trailers"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Checks the head's size and Host, then starts the request."""
        size, hosts, has_body = len(self.url), 0, False
        for name, value in self.headers:
            size += len(name) + len(value) + 4
            if name == b"host":
                hosts += 1
                if len(value) > _LONGEST_HOST or not _is_host(value):
                    hosts = 2
            elif name == b"content-length":
                has_body = value != b"0"
            elif name == b"transfer-encoding":
                has_body = True
        if size > self.all.settings.max_head_bytes:
            self._raise(
                HeadTooLarge("the head is too large", most_bytes=self.all.settings.max_head_bytes)
            )
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            self._raise(MalformedHead("a request has exactly one valid Host"))
        self._in_head, self._head_since, self._head_bytes, self._read_holds_head = (
            False,
            0.0,
            0,
            True,
        )
        self._start_body()
        super().on_headers_complete()
        if has_body:
            cycle = self.cycle
            self.scope[UNREAD] = lambda: cycle.more_body  # type: ignore[typeddict-unknown-key]

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        # A next head may have begun in the same bytes: how much of them is its own is not known, so
        # they do not count.
        self._in_head, self._head_since, self._head_bytes = True, 0.0, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self._in_head and self._head_since:
            # While an answer was under way, the next head could not be read.
            self._head_since = self.loop.time()
        if not self._in_head and not self.pipeline and self.cycle.response_complete:
            # Answered before the body ended: the rest of it is not worth a connection.
            self.transport.close()
        # Under load the next turn of the event loop is far away.
        self._lingering.flush()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers what the parser or this class refused, as a problem document."""
        self._refuse(self._refusal or MalformedHead("the request cannot be read"))

    def look_at_time(self, now: float, passed_seconds: float) -> None:
        """Closes the connection where a head or a body takes too long.

        `passed_seconds` went by since the last look.
        """
        settings = self.all.settings
        if self._is_answer_unread(passed_seconds):
            refused_total.labels("ANSWER_UNREAD").inc()
            self.transport.abort()
            return
        if self._lingers_until:
            if now > self._lingers_until:
                self.transport.abort()
            return
        if self._is_ending:
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self._in_head:
            if (
                self._head_since
                and now - self._head_since > settings.head_seconds
                and not is_answering
            ):
                self._refuse(
                    RequestTimeout("the head did not arrive in time", seconds=settings.head_seconds)
                )
            return
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            # The application takes its time, not the client.
            return
        self._look_at_body(passed_seconds)

    def _start_body(self) -> None:
        self._body_bytes, self._framing_bytes, self._seen_bytes = 0, 0, 0
        self._body_seconds, self._stalled_seconds = 0.0, 0.0
        self._spare_seconds = self.all.settings.body_grace_seconds

    def _look_at_body(self, passed_seconds: float) -> None:
        """Refuses a body that stalls, falls behind the least rate, or takes too long."""
        settings = self.all.settings
        arrived, self._seen_bytes = self._body_bytes - self._seen_bytes, self._body_bytes
        self._body_seconds += passed_seconds
        self._stalled_seconds = 0.0 if arrived else self._stalled_seconds + passed_seconds
        if self._stalled_seconds > settings.body_stall_seconds:
            self._refuse(
                RequestTimeout("the body stopped arriving", seconds=settings.body_stall_seconds)
            )
        elif self._body_seconds > settings.body_seconds:
            self._refuse(
                RequestTimeout("the body did not arrive in time", seconds=settings.body_seconds)
            )
        elif rate := settings.least_body_bytes_per_second:
            # Bytes that arrive early earn no more than the grace: else a body sent at once but for
            # its last byte could wait for minutes.
            self._spare_seconds = min(
                self._spare_seconds + arrived / rate - passed_seconds, settings.body_grace_seconds
            )
            if self._spare_seconds < 0:
                self._refuse(
                    RequestTimeout("the body does not arrive fast enough", bytes_per_second=rate)
                )

    def _is_answer_unread(self, passed_seconds: float) -> bool:
        """Returns whether the client has read nothing of its answer for too long."""
        unsent = self.transport.get_write_buffer_size()
        is_stuck = 0 < self._unsent_bytes <= unsent
        self._unsent_bytes, self._unsent_seconds = (
            unsent,
            self._unsent_seconds + passed_seconds if is_stuck else 0.0,
        )
        return self._unsent_seconds > self.all.settings.answer_stall_seconds

    @property
    def is_mid_message(self) -> bool:
        """Returns whether the client may still be sending."""
        return not self._in_head or self._head_bytes > 0

    def linger(self) -> None:
        """Takes what the client still sends, for a while, without reading it."""
        self._lingers_until = self.loop.time() + LINGER_SECONDS
        self.flow.resume_reading()

    @property
    def is_lingering(self) -> bool:
        return self._lingers_until > 0

    def _raise(self, refusal: DomainError) -> None:
        # The parser stops at it and lets `send_400_response` answer.
        self._refusal = refusal
        raise refusal

    def _refuse(self, refusal: DomainError) -> None:
        refused_total.labels(refusal.reason).inc()
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if cycle.response_started or not cycle.more_body:
                # An earlier request is under way: it is answered, and then the connection ends.
                cycle.keep_alive = False
                self._is_ending = True
                self.flow.pause_reading()
                return
            # The application waits for a body that does not come.
            cycle.disconnected = True
            cycle.message_event.set()
        self._head_bytes = max(self._head_bytes, self._received)
        self.transport.write(_answer(refusal))
        self.transport.close()


def _answer(refusal: DomainError) -> bytes:
    body = document_of(refusal)
    head: list[bytes] = [
        STATUS_LINE[status_of(refusal)],
        b"content-type: application/problem+json\r\n",
        b"sojourn-reason: " + refusal.reason.encode() + b"\r\n",
        b"x-content-type-options: nosniff\r\n",
    ]
    if "retry_after_seconds" in refusal.metadata:
        head.append(b"retry-after: " + refusal.metadata["retry_after_seconds"].encode() + b"\r\n")
    head += [b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body), body]
    return b"".join(head)


def raise_descriptor_limit() -> None:
    """Lets the process open as many files as it may: the soft limit is often a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

"""Calls to peers: deadlines, retries, round robin, metadata, and refusals as typed errors."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, TypeVar
from uuid import UUID

import grpc
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.data.connections import require_no_connection
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.coalescing import Batches
from chassis.rpc.deadlines import seconds_left
from chassis.rpc.errors import DeadlineExceeded, DomainError, from_rpc, is_lost
from chassis.rpc.headers import KEY_HEADER, REPLAYED_HEADER
from chassis.runtime.settings import Settings
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc

Stub = TypeVar("Stub")
log = telemetry.log("client")
DEADLINE_SECONDS: Final = 5.0

# A call whose connection died is tried again at once on another replica: reads are safe, and writes
# carry a key or are idempotent.
_SERVICE_CONFIG: Final = json.dumps(
    {
        "loadBalancingConfig": [{"round_robin": {}}],
        "methodConfig": [
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "0.5s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
    }
)
_OPTIONS: Final = [
    ("grpc.service_config", _SERVICE_CONFIG),
    ("grpc.enable_retries", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    # How long one attempt to connect may take, whatever its name says: a refused one ends at once,
    # and one whose first packet was dropped is given up as soon as the kernel would repeat it.
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
]
# A name without an address is looked up again after 1 s, 1.6 s, 2.6 s … 2 min, and no option
# shortens that: a peer that comes back from none would be found late. A new connection looks at
# once.
RENEW_AFTER_SECONDS: Final = 2.0
# How long a call whose connection failed waits for another one: longer than a look-up and a
# reconnection take.
LOST_SECONDS: Final = 1.5
CLOSE_SECONDS: Final = 10.0
# About 1 KiB each.
MOST_SERVICE_TOKENS: Final = 1_000
TokenSource = Callable[[], Awaitable[str]]


class _Channel:
    """A channel that can be renewed under the stubs that use it."""

    def __init__(self, target: str) -> None:
        self._target, self._closing = target, set[asyncio.Task[None]]()
        self._current = grpc.aio.insecure_channel(target, options=_OPTIONS)
        self._methods: dict[str, Any] = {}
        self._failing_since: float | None = None
        self._connecting: asyncio.Task[None] | None = None

    def unary_unary(self, method: str, *arguments: Any, **options: Any) -> "Method":
        """The part of a channel that a generated stub uses."""
        return Method(self, "unary_unary", method, arguments, options)

    def unary_stream(self, method: str, *arguments: Any, **options: Any) -> "Method":
        return Method(self, "unary_stream", method, arguments, options)

    def current(self, method: "Method") -> Any:
        """The method on the connection of today."""
        known = self._methods.get(method.path)
        if known is None:
            known = self._methods[method.path] = getattr(self._current, method.kind)(
                method.path, *method.arguments, **method.options
            )
        return known

    def connect(self) -> None:
        """Begins to connect, and waits for nothing."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(
                self._connect(), name=f"connect to {self._target}"
            )

    async def _connect(self) -> None:
        """Until the first connection.

        Who is asked seldom would else be found long after it came.
        """
        while self._current.get_state(try_to_connect=True) is not grpc.ChannelConnectivity.READY:
            await asyncio.sleep(RENEW_AFTER_SECONDS)
            if self._current.get_state() is not grpc.ChannelConnectivity.READY:
                self._renew()

    def answered(self) -> None:
        self._failing_since = None

    def failed(self) -> None:
        """Records that no address was reachable, and renews the connection if this lasts."""
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        elif now - self._failing_since > RENEW_AFTER_SECONDS:
            self._failing_since = now
            self._renew()

    def _renew(self) -> None:
        if not self._target.startswith("dns:"):
            return
        old, self._current = (
            self._current,
            grpc.aio.insecure_channel(self._target, options=_OPTIONS),
        )
        self._methods.clear()
        task = asyncio.create_task(old.close(CLOSE_SECONDS), name="close an old connection")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        for task in (*self._closing, *([self._connecting] if self._connecting else [])):
            task.cancel()
        await self._current.close()


class Method:
    """A stub's method: call it as gRPC's own, or send what it would send in a batch."""

    def __init__(
        self,
        channel: _Channel,
        kind: str,
        path: str,
        arguments: tuple[Any, ...],
        options: dict[str, Any],
    ) -> None:
        self._channel, self.kind, self.path, self.arguments, self.options = (
            channel,
            kind,
            path,
            arguments,
            options,
        )

    def __call__(self, request: Any, **given: Any) -> Any:
        return self._channel.current(self)(request, **given)

    def decode(self, reply: bytes) -> Any:
        """A reply from its bytes."""
        return self.options["response_deserializer"](reply)


class Peer:
    """A connection to a service. Make stubs with `stub(CatalogServiceStub)` and call with `ask`."""

    def __init__(self, name: str, target: str) -> None:
        self.name = name
        self.channel = _Channel(target)
        self._batches = Batches(name, self.channel)
        self._attributes = {"peer.service": name}

    def stub(self, kind: Callable[[Any], Stub]) -> Stub:
        return kind(self.channel)

    async def ask(
        self,
        method: Any,
        request: Any,
        *,
        authorization: str = "",
        key: str = "",
        timeout: float = DEADLINE_SECONDS,
        wait_for_ready: bool = False,
        together: bool = False,
        seen: dict[str, str] | None = None,
    ) -> Any:
        """Calls a stub's method in a CLIENT span.

        Raises the peer's DomainError with its own reason, or Unavailable, DeadlineExceeded.

        `timeout` is in seconds; inside a call it is never longer than what is left of that call's
        deadline. `authorization` is the value to send ("Bearer …"). `together` lets a short read
        share one call with others that are asked at the same time (see `batching`). `seen`, where
        given, receives `idempotency-replayed`. Raises ConnectionHeld where the task holds a
        database connection.
        """
        require_no_connection(f"ask {self.name}")
        timeout = seconds_left(timeout)
        if timeout <= 0:
            raise DeadlineExceeded(peer=self.name)
        with telemetry.span(f"call {self.name}", SpanKind.CLIENT, attributes=self._attributes):
            metadata = telemetry.inject()
            if authorization:
                metadata["authorization"] = authorization
            if key:
                metadata[KEY_HEADER] = key
            began = time.monotonic()
            headers = tuple(metadata.items())
            try:
                if together:
                    return await self._together(method, request, metadata, timeout)
                return await self._attempt(
                    method, request, headers, seen, timeout=timeout, wait_for_ready=wait_for_ready
                )
            except grpc.aio.AioRpcError as error:
                left = min(LOST_SECONDS, timeout - (time.monotonic() - began))
                if not is_lost(error) or left <= 0:
                    raise from_rpc(error, self.name) from None
                lost = error
            log.info("a call was lost", peer=self.name, code=lost.code().name)
            # Reads are safe, and writes carry a key or are idempotent: once more, as soon as there
            # is a connection.
            try:
                return await self._attempt(
                    method, request, headers, seen, timeout=left, wait_for_ready=True
                )
            except grpc.aio.AioRpcError as error:
                is_late = error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
                raise from_rpc(lost if is_late else error, self.name) from None

    async def _together(
        self, method: Any, request: Any, metadata: dict[str, str], timeout: float
    ) -> Any:
        with self._noting():
            return await self._batches.ask(method, request, metadata, timeout)

    async def _attempt(
        self,
        method: Any,
        request: Any,
        metadata: tuple[tuple[str, str], ...],
        seen: dict[str, str] | None,
        **options: Any,
    ) -> Any:
        with self._noting():
            call = method(request, metadata=metadata, **options)
            reply = await call
        if seen is not None:
            for name, value in await call.trailing_metadata():
                if name == REPLAYED_HEADER:
                    seen[name] = str(value)
        return reply

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        """Tells the channel whether somebody answered."""
        try:
            yield
        except grpc.aio.AioRpcError as error:
            if is_lost(error):
                self.channel.failed()
            elif error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                self.channel.answered()
            raise
        except DeadlineExceeded:
            raise
        except DomainError:
            self.channel.answered()
            raise
        self.channel.answered()

    async def close(self) -> None:
        await self.channel.close()


def verifier_for(identity: Peer, settings: Settings, *, service: str) -> TokenVerifier:
    """Makes the verifier of `service`, which fetches its keys from identity."""
    stub = identity.stub(identity_pb2_grpc.IdentityServiceStub)

    async def fetch() -> str:
        reply = await identity.ask(stub.GetKeys, identity_pb2.GetKeysRequest(), timeout=2)
        return str(reply.jwks_json)

    return TokenVerifier(fetch, issuer=settings.token_issuer, service=service)


class ServiceTokens:
    """Tokens of this service for its peers, cached and renewed at two thirds of their life."""

    def __init__(self, identity: Peer, settings: Settings) -> None:
        self._identity, self._settings = identity, settings
        self._stub = identity.stub(identity_pb2_grpc.IdentityServiceStub)
        self._cached: dict[tuple[UUID | None, str], tuple[float, str]] = {}

    async def authorization(self) -> str:
        """Returns the `authorization` value of a token with this service's own scopes.

        Raises WRONG_CREDENTIALS.
        """
        return await self._authorization(None, "", "")

    async def acting_for(self, shopper_id: UUID, access_token: str, *, at: str) -> str:
        """Returns the `authorization` value of a token that acts for a shopper at the service `at`.

        The shopper's own access token is exchanged for it.

        Raises INVALID_TOKEN once that is over, ACTING_NOT_ALLOWED where this service may not act
        there.
        """
        return await self._authorization(shopper_id, at, access_token)

    async def _authorization(self, act_for: UUID | None, audience: str, subject_token: str) -> str:
        cached = self._cached.get((act_for, audience))
        if cached and cached[0] > time.monotonic():
            return cached[1]
        self._make_room()
        request = identity_pb2.IssueServiceTokenRequest(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret.get_secret_value(),
            act_for=str(act_for or ""),
            audience=audience,
            subject_token=subject_token,
        )
        reply = await self._identity.ask(self._stub.IssueServiceToken, request)
        value = f"Bearer {reply.access_token}"
        self._cached[act_for, audience] = (
            time.monotonic() + reply.expires_in_seconds * 2 / 3,
            value,
        )
        return value

    def _make_room(self) -> None:
        if len(self._cached) < MOST_SERVICE_TOKENS:
            return
        now = time.monotonic()
        self._cached = {
            act_for: cached for act_for, cached in self._cached.items() if cached[0] > now
        }
        while len(self._cached) >= MOST_SERVICE_TOKENS:
            del self._cached[next(iter(self._cached))]

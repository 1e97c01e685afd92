"""Calls to peers: deadline, retries, round robin, metadata, and their refusals back as typed errors."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import grpc
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.auth import TokenVerifier
from chassis.batching import Batches
from chassis.errors import from_rpc
from chassis.rpc import KEY_HEADER, REPLAYED_HEADER
from chassis.settings import Settings
from sojourn.identity.v1 import identity_pb2, identity_pb2_grpc

Stub = TypeVar("Stub")
DEADLINE_SECONDS: Final = 5.0

# A call whose connection died is tried again at once on another replica: reads are safe, and writes carry a key or are idempotent.
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
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
]
TokenSource = Callable[[], Awaitable[str]]


class Peer:
    """A connection to a service. Make stubs with `stub(CatalogServiceStub)` and call with `ask`."""

    def __init__(self, name: str, target: str) -> None:
        self.name = name
        self.channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
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
        """Calls a stub's method in a CLIENT span. Raises the peer's DomainError with its own reason, or Unavailable, DeadlineExceeded.

        `authorization` is the value to send ("Bearer …"). `together` lets a short read share one call with others that are asked at the
        same time (see `batching`). `seen`, where given, receives `idempotency-replayed`.
        """
        with telemetry.span(f"call {self.name}", SpanKind.CLIENT, attributes=self._attributes):
            metadata = telemetry.inject()
            if authorization:
                metadata["authorization"] = authorization
            if key:
                metadata[KEY_HEADER] = key
            try:
                if together:
                    return await self._batches.ask(method, request, metadata, timeout)
                call = method(request, timeout=timeout, metadata=tuple(metadata.items()), wait_for_ready=wait_for_ready)
                reply = await call
                if seen is not None:
                    for name, value in await call.trailing_metadata():
                        if name == REPLAYED_HEADER:
                            seen[name] = str(value)
                return reply
            except grpc.aio.AioRpcError as error:
                raise from_rpc(error, self.name) from None

    async def close(self) -> None:
        await self.channel.close()


def verifier_for(identity: Peer, settings: Settings) -> TokenVerifier:
    """A verifier that fetches its keys from identity."""
    stub = identity.stub(identity_pb2_grpc.IdentityServiceStub)

    async def fetch() -> str:
        reply = await identity.ask(stub.GetKeys, identity_pb2.GetKeysRequest(), timeout=2)
        return str(reply.jwks_json)

    return TokenVerifier(fetch, issuer=settings.token_issuer)


class ServiceTokens:
    """Tokens with which this service calls others, cached per `act_for` and renewed at two thirds of their life."""

    def __init__(self, identity: Peer, settings: Settings) -> None:
        self._identity, self._settings = identity, settings
        self._stub = identity.stub(identity_pb2_grpc.IdentityServiceStub)
        self._cached: dict[str, tuple[float, str]] = {}

    async def authorization(self, act_for: str = "") -> str:
        """The `authorization` value of a service token."""
        cached = self._cached.get(act_for)
        if cached and cached[0] > time.monotonic():
            return cached[1]
        if len(self._cached) > 1_000:
            self._cached.clear()
        request = identity_pb2.IssueServiceTokenRequest(
            client_id=self._settings.client_id, client_secret=self._settings.client_secret.get_secret_value(), act_for=act_for
        )
        reply = await self._identity.ask(self._stub.IssueServiceToken, request)
        value = f"Bearer {reply.access_token}"
        self._cached[act_for] = (time.monotonic() + reply.expires_in_seconds * 2 / 3, value)
        return value

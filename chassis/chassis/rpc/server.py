"""The edge of a gRPC service:

`@read` and `@write` around each method.

They verify the token, open the span, count and time the call, turn refusals into typed statuses,
and, for a write, commit the effect, the idempotency record and the outbox in one transaction.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar, cast

import grpc
import psycopg
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message
from opentelemetry.trace import SpanKind
from prometheus_client import Counter

from chassis import telemetry
from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.idempotency import claim_key, store_reply
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import ANONYMOUS, Caller, TokenVerifier
from chassis.rpc.borders import require_valid_request
from chassis.rpc.deadlines import set_deadline
from chassis.rpc.errors import (
    ActingNotAllowed,
    AlreadyExists,
    DeadlineExceeded,
    DomainError,
    Internal,
    InvalidValue,
    KeyRequired,
    KeyReused,
    Unavailable,
    trailers_of,
)
from chassis.rpc.headers import KEY_HEADER, REPLAYED_HEADER

S = TypeVar("S", bound="Servicer")
Request = TypeVar("Request", bound=Message)
Reply = TypeVar("Reply", bound=Message)
# What a servicer writes, and what gRPC calls.
Method = Callable[[S, Request, "Call"], Awaitable[Reply]]
Edge = Callable[[S, Request, Any], Awaitable[Reply]]
_ATTRIBUTES: Final = {"rpc.system": "grpc"}
log = telemetry.log("rpc")


class Servicer:
    """Base of every servicer: what its methods need from the process."""

    def __init__(self, database: Database, verifier: TokenVerifier) -> None:
        self.database, self.verifier = database, verifier


class Call:
    """One call: its caller, its idempotency key, and the one transaction that it may open."""

    def __init__(
        self,
        database: Database,
        method: str,
        request: Message,
        headers: dict[str, str],
        context: Any,
    ) -> None:
        self.database, self.method, self.request, self.headers, self.context = (
            database,
            method,
            request,
            headers,
            context,
        )
        self.caller: Caller = ANONYMOUS
        self.key = headers.get(KEY_HEADER, "")
        self.replay: bytes | None = None
        self._open: tuple[Any, Tx] | None = None
        self._claimed = False

    @property
    def access_token(self) -> str:
        """The caller's own access token; empty where none came."""
        return self.headers.get("authorization", "").partition(" ")[2]

    @property
    def remaining_seconds(self) -> float:
        """Time until the caller's deadline; 30 where it set none."""
        left = self.context.time_remaining()
        return 30.0 if left is None else float(left)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        """Autocommit reads."""
        async with self.database.read() as read:
            yield read

    @asynccontextmanager
    async def tx(self, *, stores_reply: bool = True) -> AsyncIterator[Tx]:
        """The call's one transaction.

        It stays open after the block and commits, with the reply, once the method returns.

        Its first statement claims the idempotency key; a twin waits for it and then answers the
        stored reply. An exception rolls back. `stores_reply=False` claims nothing: for calls that
        keep their own idempotency, as sagas do, or whose replies hold secrets.
        """
        assert self._open is None, "an RPC opens one transaction"
        manager = self.database.tx()
        tx = await manager.__aenter__()
        self._open = (manager, tx)
        self._record_actor(tx)
        try:
            if self.key and stores_reply:
                await self._claim(tx)
                self._claimed = True
            yield tx
        except BaseException as error:
            await self._abort(error)
            raise

    def _record_actor(self, tx: Tx) -> None:
        """Records which member of the staff writes in the place of which shopper."""
        caller = self.caller
        if caller.acted_by is not None:
            after = {"method": self.method, "via": caller.acted_via}
            record_audit(tx, caller.acted_by, "act_for_shopper", caller.name, after=after)

    async def _claim(self, tx: Tx) -> None:
        fingerprint = hashlib.sha256(self.request.SerializeToString(deterministic=True)).digest()
        found = await claim_key(
            tx, caller=self.caller.name, method=self.method, key=self.key, fingerprint=fingerprint
        )
        if found is None:
            return
        if found[0] != fingerprint or found[1] is None:
            raise KeyReused("this key came with another request before")
        raise _Replayed(found[1])

    async def _abort(self, error: BaseException) -> None:
        if self._open is not None:
            manager, _ = self._open
            self._open = None
            try:
                await manager.__aexit__(type(error), error, error.__traceback__)
            except type(error):
                pass

    def answers_again(self) -> None:
        """Marks the answer as a replay, for calls that keep their own idempotency."""
        self.context.set_trailing_metadata(((REPLAYED_HEADER, "true"),))

    async def finish(self, reply: Message) -> None:
        """Stores the reply and commits, where a transaction is open."""
        if self._open is None:
            return
        manager, tx = self._open
        try:
            if self._claimed:
                store_reply(
                    tx,
                    caller=self.caller.name,
                    method=self.method,
                    key=self.key,
                    reply=reply.SerializeToString(),
                )
        except BaseException as error:
            await self._abort(error)
            raise
        self._open = None
        await manager.__aexit__(None, None, None)

    async def abandon(self, error: BaseException) -> None:
        """Rolls back what is open."""
        await self._abort(error)


class _Replayed(DomainError):
    def __init__(self, response: bytes) -> None:
        super().__init__()
        self.response = response


def read(
    *,
    public: bool = False,
    scope: str = "",
    or_scope: str = "",
    acting: bool = False,
    delegated: bool = False,
) -> Callable[[Method[S, Request, Reply]], Edge[S, Request, Reply]]:
    """Marks a method as safe.

    A token is needed unless it is `public`; with `scope`, one that has it, or has `or_scope`.

    `acting` takes tokens of services that act for a shopper; any other method refuses them
    (ACTING_NOT_ALLOWED). `delegated` takes tokens of staff who act in the place of a shopper, which
    any other method refuses too.
    """
    needed = _Needed(
        public=public, scope=scope, or_scope=or_scope, acting=acting, delegated=delegated
    )
    return lambda method: _edge(method, needed)


def write(
    *,
    public: bool = False,
    scope: str = "",
    or_scope: str = "",
    needs_key: bool = False,
    acting: bool = False,
    delegated: bool = False,
) -> Callable[[Method[S, Request, Reply]], Edge[S, Request, Reply]]:
    """Marks a method as changing something.

    `needs_key` refuses calls without an idempotency key (KEY_REQUIRED); the others as in `read`.
    A write in the place of a shopper has an audit row that names the member of the staff.
    """
    needed = _Needed(
        public=public,
        scope=scope,
        or_scope=or_scope,
        acting=acting,
        delegated=delegated,
        needs_key=needs_key,
    )
    return lambda method: _edge(method, needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needed:
    """The needs of a method, as `read` and `write` say them."""

    public: bool
    scope: str
    or_scope: str
    acting: bool
    delegated: bool = False
    needs_key: bool = False


def _edge(method: Method[S, Request, Reply], needed: _Needed) -> Edge[S, Request, Reply]:
    name = str(getattr(method, "__name__", ""))
    known: dict[type, _Known] = {}

    async def handle(self: S, request: Request, context: Any) -> Reply:
        it = known.get(type(self)) or known.setdefault(
            type(self), _Known(service_of(type(self)), name)
        )
        headers = {
            key: value
            for key, value in context.invocation_metadata() or ()
            if isinstance(value, str)
        }
        parent, carried = telemetry.extract(headers)
        call = Call(self.database, it.full_name, request, headers, context)
        set_deadline(context.time_remaining())
        began = time.perf_counter()
        it.started.inc()
        code = grpc.StatusCode.OK
        try:
            with telemetry.span(
                it.full_name,
                SpanKind.SERVER,
                parent=parent,
                carried=carried,
                attributes=_ATTRIBUTES,
            ):
                call.caller = await _authenticate(self.verifier, headers, needed)
                require_valid_request(request)
                if needed.needs_key and not call.key:
                    raise KeyRequired
                if len(call.key) > 255:
                    raise KeyRequired("an idempotency key has at most 255 characters")
                reply = await method(self, request, call)
                await call.finish(reply)
                return reply
        except _Replayed as replayed:
            context.set_trailing_metadata(((REPLAYED_HEADER, "true"),))
            return cast(Reply, it.reply_type.FromString(replayed.response))
        except asyncio.CancelledError as error:
            code = grpc.StatusCode.CANCELLED
            await call.abandon(error)
            raise
        except Exception as error:
            await call.abandon(error)
            refusal = _as_domain_error(error, it.full_name)
            code = refusal.status
            context.set_trailing_metadata(trailers_of(refusal))
            await context.abort(code, refusal.message)
            raise AssertionError("abort raises") from error
        finally:
            it.seconds.observe(time.perf_counter() - began)
            it.handled(code).inc()

    handle.__name__, handle.__doc__ = name, method.__doc__
    return handle


class _Known:
    """Names, reply type and metric series of one method, looked up once."""

    def __init__(self, service: str, method: str) -> None:
        self.service, self.method, self.full_name = service, method, f"{service}/{method}"
        self.started = telemetry.rpc_started.labels(service, method)
        self.seconds = telemetry.rpc_seconds.labels(service, method)
        self._handled: dict[grpc.StatusCode, Counter] = {}

    def handled(self, code: grpc.StatusCode) -> Counter:
        if code not in self._handled:
            self._handled[code] = telemetry.rpc_handled.labels(self.service, self.method, code.name)
        return self._handled[code]

    @cached_property
    def reply_type(self) -> Any:
        descriptor = (
            descriptor_pool.Default().FindServiceByName(self.service).methods_by_name[self.method]
        )
        return message_factory.GetMessageClass(descriptor.output_type)


async def _authenticate(
    verifier: TokenVerifier, headers: dict[str, str], needed: _Needed
) -> Caller:
    authorization = headers.get("authorization", "")
    if needed.public and not authorization:
        return ANONYMOUS
    caller = await verifier.verify(authorization)
    if caller.act_for is not None and not needed.acting:
        raise ActingNotAllowed("no service may do this for a shopper")
    if caller.acted_by is not None and not needed.delegated:
        raise ActingNotAllowed("the staff may not do this in the place of a shopper")
    if needed.scope and not (needed.or_scope and caller.has(needed.or_scope)):
        caller.require(needed.scope)
    return caller


def _as_domain_error(error: Exception, method: str) -> DomainError:
    if isinstance(error, DomainError):
        if error.status in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN):
            log.error("call failed", method=method, exc_info=error)
        return error
    if isinstance(error, TimeoutError):
        return DeadlineExceeded()
    if isinstance(error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
        log.warning("transaction lost a race", method=method, exc_info=error)
        return TransactionConflict(retry_after_seconds=1)
    if isinstance(error, psycopg.errors.UniqueViolation):
        # Two first writes of one thing at once. What a service knows of it, it says with a reason
        # of its own.
        log.warning("a row was there already", method=method, exc_info=error)
        return AlreadyExists("another request made this meanwhile")
    if isinstance(error, psycopg.DataError):
        # A value that no column takes: out of range, or of a form that the border let pass.
        log.warning("a value fits no column", method=method, exc_info=error)
        return InvalidValue("a value is out of range or has characters that cannot be stored")
    log.error("call failed", method=method, exc_info=error)
    return Internal("internal error", trace_id=telemetry.trace_id())


class TransactionConflict(Unavailable):
    """Two transactions blocked each other; a repeat succeeds."""


_names: dict[type, str] = {}


def service_of(servicer: type) -> str:
    """Full name of the service of a servicer class, e.g. sojourn.cart.v1.CartService."""
    if servicer not in _names:
        generated = next(base for base in servicer.__mro__ if base.__module__.endswith("_pb2_grpc"))
        package = generated.__module__.rsplit(".", 1)[0]
        _names[servicer] = f"{package}.{generated.__name__.removesuffix('Servicer')}"
    return _names[servicer]

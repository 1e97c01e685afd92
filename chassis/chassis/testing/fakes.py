"""The base of services' fakes: real gRPC and real tokens over state that a test fills."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, cast

from google.protobuf.message import Message

from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Unavailable
from chassis.rpc.server import Call, Edge, Method, Reply, Request, Servicer, write
from chassis.testing.tokens import Tokens

F = TypeVar("F", bound="FakePeer")


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """A call that a fake received. `method` is the name of the RPC."""

    method: str
    request: Any
    headers: dict[str, str]


@dataclass
class Calls:
    """The calls that fakes received, in order, and the faults that a test plans.

    Several fakes may share it.

    `fail_before` and `fail_after` hold, by RPC name, the errors to raise before and after the
    effect; each is raised once.
    """

    received: list[ReceivedCall] = field(default_factory=list)
    fail_before: dict[str, list[DomainError]] = field(default_factory=dict)
    fail_after: dict[str, list[DomainError]] = field(default_factory=dict)
    is_away: bool = False

    @property
    def methods(self) -> list[str]:
        """The RPC names of the received calls."""
        return [call.method for call in self.received]

    def requests(self, method: str = "") -> list[Any]:
        """The received requests; with `method` those of one RPC."""
        return [call.request for call in self.received if method in ("", call.method)]


class FakePeer(Servicer):
    """A service that has no database. Its methods are marked with `answers`."""

    # The name of the service in the audience of tokens that act for a shopper.
    service: ClassVar[str]

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(cast(Database, None), tokens.verifier(self.service))
        self.tokens, self.calls = tokens, calls or Calls()


def answers(
    *, public: bool = False, scope: str = "", needs_key: bool = False, acting: bool = False
) -> Callable[[Method[F, Request, Reply]], Edge[F, Request, Reply]]:
    """Marks a fake's method, as `chassis.rpc.server.read` and `write` mark a real one."""

    def mark(method: Method[F, Request, Reply]) -> Edge[F, Request, Reply]:
        name = str(getattr(method, "__name__", ""))

        async def answer(self: F, request: Request, call: Call) -> Reply:
            if self.calls.is_away:
                raise Unavailable("away")
            self.calls.received.append(ReceivedCall(name, request, call.headers))
            _raise_next(self.calls.fail_before, name)
            reply = _copy(await method(self, request, call))
            _raise_next(self.calls.fail_after, name)
            return reply

        answer.__name__ = name
        return write(public=public, scope=scope, needs_key=needs_key, acting=acting)(answer)

    return mark


def _raise_next(faults: dict[str, list[DomainError]], method: str) -> None:
    if planned := faults.get(method):
        raise planned.pop(0)


def _copy(reply: Reply) -> Reply:
    """A reply as it is now: later changes of the fake's state must not reach it."""
    copied = cast(Message, type(reply)())
    copied.CopyFrom(reply)
    return cast(Reply, copied)

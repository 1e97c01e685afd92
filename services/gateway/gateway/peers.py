"""The services behind the gateway."""

from dataclasses import dataclass
from typing import Any, TypeVar, cast

from google.protobuf.message import Message
from starlette.requests import Request

from chassis.rpc.client import DEADLINE_SECONDS, Method, Peer
from chassis.rpc.headers import REPLAYED_HEADER
from gateway.admission import Admission, OrderCall, Urgency
from gateway.context import context_of
from gateway.contracts.rpc import Rpc

Req = TypeVar("Req", bound=Message)
Rep = TypeVar("Rep", bound=Message)


@dataclass(slots=True)
class CallOptions:
    """Options of a call: what goes with it, and what comes back beside the reply.

    `authorization` is the value to send; None sends the request's own. `is_replayed` says
    afterwards whether the answer had been given before.
    """

    authorization: str | None = None
    key: str = ""
    timeout: float = DEADLINE_SECONDS
    is_replayed: bool = False


class Backend:
    """One service, called with the token, key and trace of a request."""

    def __init__(self, peer: Peer, admission: Admission) -> None:
        self._peer, self._admission = peer, admission
        self._methods: dict[str, Method] = {}

    async def ask(
        self,
        request: Request,
        rpc: Rpc[Req, Rep],
        message: Req,
        options: CallOptions | None = None,
    ) -> Rep:
        """Returns the service's reply. Raises its DomainError, and Overloaded."""
        options = options or CallOptions()
        authorization = options.authorization
        if authorization is None:
            authorization = context_of(request).authorization
        method, seen = self._method(rpc), dict[str, str]()

        async def call() -> Any:
            return await self._peer.ask(
                method,
                message,
                authorization=authorization,
                key=options.key,
                timeout=options.timeout,
                seen=seen,
            )

        if self._admission.urgency_of(rpc.path) is Urgency.ORDER:
            content = message.SerializeToString(deterministic=True)
            order = OrderCall(authorization, rpc.path, options.key, content)
            reply, is_shared = await self._admission.call_for_order(order, call)
            options.is_replayed = is_shared or REPLAYED_HEADER in seen
        else:
            reply = await self._admission.call(rpc.path, call)
            options.is_replayed = REPLAYED_HEADER in seen
        return cast(Rep, reply)

    @property
    def is_overloaded(self) -> bool:
        """Whether a call to it was refused for load a moment ago."""
        return self._admission.is_overloaded

    def require_room(self, rpc: Rpc[Any, Any], authorization: str) -> None:
        """Raises Overloaded where a call of a method would certainly be refused."""
        self._admission.require_room(rpc.path, authorization)

    async def ask_for_anybody(self, rpc: Rpc[Req, Rep], message: Req) -> Rep:
        """Returns the reply to a short public read, batched with others and without a token."""
        method = self._method(rpc)
        reply = await self._admission.call(
            rpc.path, lambda: self._peer.ask(method, message, together=True)
        )
        return cast(Rep, reply)

    def _method(self, rpc: Rpc[Any, Any]) -> Method:
        method = self._methods.get(rpc.path)
        if method is None:
            method = self._methods[rpc.path] = self._peer.channel.unary_unary(
                rpc.path,
                request_serializer=rpc.request.SerializeToString,
                response_deserializer=rpc.reply.FromString,
            )
        return method


@dataclass(frozen=True)
class Peers:
    """All of them, by the names of their contracts' packages."""

    catalog: Backend
    cart: Backend
    checkout: Backend
    identity: Backend
    journey: Backend
    notifications: Backend

    @property
    def is_overloaded(self) -> bool:
        """Whether a call to any of them was refused for load a moment ago."""
        return (
            self.catalog.is_overloaded
            or self.cart.is_overloaded
            or self.checkout.is_overloaded
            or self.identity.is_overloaded
            or self.journey.is_overloaded
            or self.notifications.is_overloaded
        )

    def backend_of(self, rpc: Rpc[Any, Any]) -> Backend:
        """Returns the service that has a method."""
        return cast(Backend, getattr(self, rpc.package))

    def named(self, name: str) -> Backend:
        """Returns a service by its name."""
        return cast(Backend, getattr(self, name))


def peers_of(request: Request) -> Peers:
    return request.app.state.peers  # type: ignore[no-any-return]

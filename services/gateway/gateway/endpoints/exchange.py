"""One request on its way through an endpoint."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from google.protobuf.message import Message
from starlette.requests import Request

from gateway.context import Context, context_of
from gateway.contracts.models import ContractModel
from gateway.contracts.query_models import QueryModel
from gateway.contracts.rpc import Rpc
from gateway.peers import CallOptions, Peers, peers_of
from gateway.settings import GatewaySettings

Req = TypeVar("Req", bound=Message)
Asked = TypeVar("Asked", bound=Message)
Told = TypeVar("Told", bound=Message)


@dataclass(slots=True)
class Exchange(Generic[Req]):
    """A request that was read: the message that it is, and the parts that it was made of."""

    request: Request
    message: Req
    query: QueryModel
    body: ContractModel | None = None
    expand: frozenset[str] = frozenset()
    options: CallOptions = field(default_factory=CallOptions)

    @property
    def context(self) -> Context:
        return context_of(self.request)

    @property
    def peers(self) -> Peers:
        return peers_of(self.request)

    @property
    def settings(self) -> GatewaySettings:
        return self.request.app.state.settings  # type: ignore[no-any-return]

    async def ask(
        self, rpc: Rpc[Asked, Told], message: Asked, options: CallOptions | None = None
    ) -> Told:
        """Returns the reply of the service that has a method. Raises its refusals."""
        return await self.peers.backend_of(rpc).ask(self.request, rpc, message, options)

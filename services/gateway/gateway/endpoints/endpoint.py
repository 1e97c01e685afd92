"""One row of an operation table: all that is to say of an endpoint.

From the row and the contract follow the models of its request, its place in the OpenAPI document,
who may call it, its touchpoint, its limit, and its series.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import Message
from pydantic import JsonValue
from starlette.responses import Response

from chassis.rpc.client import DEADLINE_SECONDS
from gateway.contracts.models import ContractModel
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import Rpc
from gateway.contracts.schemas import Composed
from gateway.endpoints.access import Access, Callers, Limit, Policy
from gateway.endpoints.exchange import Exchange

Req = TypeVar("Req", bound=Message)
Rep = TypeVar("Rep", bound=Message)
KIB: Final = 1024
MIB: Final = 1024 * KIB
STAFF_PREFIX: Final = "/v1/staff/"
# All fields of the request message that come from nowhere else.
WHOLE: Final = "*"
# Messages of resources that answers of 201 and 202 say the place of.
_LOCATED: Final = frozenset({"Cart", "Checkout", "Order"})
_PARAMETER: Final = re.compile(r"{(\w+)}")


class KeyRule(StrEnum):
    """Whether a request carries an idempotency key."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"
    """It creates or charges: KEY_REQUIRED without one."""


@dataclass(frozen=True, kw_only=True)
class Endpoint(Generic[Req, Rep]):
    """An operation of the API. Its fields without a default are what every row says.

    `body` is WHOLE, or the field of the request message that the body is; a raw one is read by
    `prepare`, and `raw_media` is what the document says of it; `takes_plain_text` reads JSON that a
    browser's `sendBeacon` calls text/plain. `paths` are the message's fields that path parameters
    set where the names differ. `hidden` fields are the gateway's to set: `fixed` ones to a value,
    others in `prepare`. `ask` answers in place of the one call, and `compose` makes the answer of
    its reply; `answer_media` is its media type where it is no JSON, or several parted by commas,
    and `stream_media` that of the answer to a client that accepts it. `sends_token` passes the
    caller's token on; `reads_token` is true where it counts although it is not passed on.
    """

    method: str
    path: str
    rpc: Rpc[Req, Rep]
    callers: Callers
    touchpoint: str | None
    body: str | None = None
    body_model: type[ContractModel] | None = None
    is_raw: bool = False
    raw_media: str = "application/json"
    takes_plain_text: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    query: Parameters = field(default_factory=Parameters)
    expands: tuple[str, ...] = ()
    prepare: Callable[[Exchange[Req]], Awaitable[None]] | None = None
    ask: Callable[[Exchange[Req]], Awaitable[Response]] | None = None
    compose: Callable[[Exchange[Req], Rep], Awaitable[Response]] | None = None
    reply: Composed | None = None
    answer_media: str = ""
    stream_media: str = ""
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)
    errors: frozenset[str] = frozenset()
    key: KeyRule | None = None
    is_keyed: bool = False
    needs_version: bool = False
    sends_token: bool = True
    reads_token: bool = False
    is_secret: bool = False
    is_cached: bool = False
    deadline_seconds: float = DEADLINE_SECONDS
    limit: Limit = Limit.USUAL
    most_bytes: int = 64 * KIB
    name: str = ""
    text: str = ""
    example: JsonValue = None

    def __post_init__(self) -> None:
        is_staff = self.callers.access is Access.STAFF
        if is_staff is not bool(self.callers.scope) or is_staff is not self.path.startswith(
            STAFF_PREFIX
        ):
            raise ValueError(
                f"{self.method} {self.path}: endpoints of the staff have a scope and are under "
                f"{STAFF_PREFIX}; others have and are neither"
            )

    @property
    def policy(self) -> Policy:
        """Returns what the edge decides on."""
        is_one_call = self.ask is None and not self.is_cached
        return Policy(self.callers, self.limit, self.most_bytes, self.rpc if is_one_call else None)

    @cached_property
    def parameters(self) -> list[str]:
        """Returns the names of the path's parameters, in order."""
        return _PARAMETER.findall(self.path)

    @property
    def key_rule(self) -> KeyRule:
        """Returns the rule of the row, or the usual one of its method."""
        if self.key is not None:
            return self.key
        match self.method:
            case "GET":
                return KeyRule.NONE
            case "POST" | "PATCH":
                return KeyRule.REQUIRED
        return KeyRule.OPTIONAL

    @property
    def has_versions(self) -> bool:
        """Returns whether If-Match is honoured."""
        return "expected_version" in self.rpc.request.DESCRIPTOR.fields_by_name

    @property
    def has_etag(self) -> bool:
        """Returns whether a good answer has an ETag."""
        return self.is_cached or (
            self.status != 204 and "version" in self.rpc.reply.DESCRIPTOR.fields_by_name
        )

    def has_location(self, status: int) -> bool:
        """Returns whether an answer of this status says where its resource is."""
        return status in (201, 202) and self.rpc.reply.DESCRIPTOR.name in _LOCATED

    @property
    def operation_id(self) -> str:
        """Returns the name of the operation: the method's own, unless the row has another."""
        name = self.name or self.rpc.name
        return name[0].lower() + name[1:]

"""Callers of an endpoint: checked on a request's head, before a byte of the body is read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from chassis.rpc.auth import Caller
from chassis.rpc.errors import Denied, MissingToken
from gateway.contracts.rpc import Rpc


class StaffOnly(Denied):
    """The operation belongs to the back office; the token is not a staff member's."""


class Access(StrEnum):
    """The least that a caller of an endpoint needs."""

    PUBLIC = "public"
    """Nothing; a token that comes along must be valid."""
    SHOPPER = "shopper"
    """A valid token. The services check whose resource it is."""
    STAFF = "staff"
    """A staff member's token with the endpoint's scope."""


class Limit(StrEnum):
    """Limits that requests count against, beside those of address and caller."""

    USUAL = "usual"
    LOGIN = "login"
    """A secret may be tried: counted strictly per address, and refused after many failures."""
    API_KEY = "api_key"
    """As a login, and as often as one account may try."""
    CODE = "code"
    """A code that is worth money may be tried: counted strictly per caller and per address."""
    REFRESH = "refresh"
    GUEST = "guest"
    WEBHOOK = "webhook"
    """Limited by its failures alone."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Permitted callers of an endpoint.

    `scope` is the one that the service checks; a wider one, `or_scope`, will do too.
    """

    access: Access
    scope: str = ""
    or_scope: str = ""

    def require(self, caller: Caller) -> None:
        """Raises MissingToken, ScopeRequired or StaffOnly unless the caller is one of these."""
        if self.access is Access.PUBLIC:
            return
        if caller.kind == "anonymous":
            raise MissingToken
        if self.access is Access.STAFF:
            if self.scope and not (self.or_scope and caller.has(self.or_scope)):
                caller.require(self.scope)
            if caller.kind != "staff":
                raise StaffOnly("only staff may do this", kind=caller.kind)


PUBLIC: Final = Callers(Access.PUBLIC)
SHOPPER: Final = Callers(Access.SHOPPER)


def staff(scope: str, *, or_scope: str = "") -> Callers:
    """Returns the members of the staff who have a scope, or a wider one."""
    return Callers(Access.STAFF, scope, or_scope)


@dataclass(frozen=True, slots=True)
class Policy:
    """Decisions on a request's head.

    `most_bytes` bounds the body. `rpc` is the call that every request makes, if there is one.
    """

    callers: Callers
    limit: Limit = Limit.USUAL
    most_bytes: int = 64 * 1024
    rpc: Rpc[Any, Any] | None = None

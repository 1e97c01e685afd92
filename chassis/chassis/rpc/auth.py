"""Callers: tokens verified against identity's public keys, and the token of this service."""

import asyncio
import base64
import hashlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from cachetools import TLRUCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.rpc.errors import (
    ActingNotAllowed,
    Denied,
    InvalidToken,
    MissingToken,
    NotFound,
    ScopeRequired,
    Unavailable,
)
from chassis.runtime.clock import real_now

ALGORITHM: Final = "Ed25519"
AUDIENCE: Final = "sojourn"


def audience_of(service: str) -> str:
    """Returns the audience of tokens that only one service takes."""
    return f"{AUDIENCE}/{service}"


# The scope of a caller that measures the platform and is nobody: a property of the credential,
# never of a request.
SYNTHETIC: Final = "synthetic"
# The scope of a storefront that renders pages on its own server, for many shoppers at once.
STOREFRONT: Final = "storefront"
# About 0.6 KiB each: a full cache takes less than 10 MiB.
MOST_VERIFIED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller. `kind` is guest, customer, staff, service or anonymous.

    `organization_role` is a customer's in the organization for which they buy: buyer or manager.
    `acted_by` is the member of the staff who acts in the place of a guest or a customer, and
    `acted_via` how they speak with them: `pos` or `call_center`.
    """

    subject_id: UUID | None
    kind: str
    scopes: frozenset[str] = frozenset()
    client_id: str = ""
    act_for: UUID | None = None
    organization_id: UUID | None = None
    organization_role: str = ""
    customer_group: str = ""
    acted_by: UUID | None = None
    acted_via: str = ""

    @property
    def name(self) -> str:
        """Name under which the caller's idempotency keys are stored."""
        return f"{self.kind}:{self.subject_id or self.client_id}"

    @property
    def shopper_id(self) -> UUID:
        """The guest or customer who calls, or for whom a service acts.

        Raises Denied for anybody else.
        """
        shopper = (
            self.act_for
            if self.kind == "service"
            else self.subject_id
            if self.kind in ("guest", "customer")
            else None
        )
        if shopper is None:
            raise Denied("only shoppers do this", kind=self.kind)
        return shopper

    @property
    def person_id(self) -> UUID:
        """The id of the person who calls. Raises Denied for a service."""
        if self.subject_id is None:
            raise Denied("only people do this", kind=self.kind)
        return self.subject_id

    @property
    def is_synthetic(self) -> bool:
        """Returns whether the caller is a synthetic shopper, whose acts count nowhere."""
        return SYNTHETIC in self.scopes

    def has(self, scope: str) -> bool:
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raises ScopeRequired unless the token has the scope."""
        if scope not in self.scopes:
            raise ScopeRequired(f"needs the scope {scope}", scope=scope)

    def must_own(self, owner_id: UUID | None, otherwise: NotFound, *, or_scope: str = "") -> None:
        """Raises `otherwise` unless the caller is the owner or has the scope.

        A resource of another owner does not exist for the caller.
        """
        if or_scope and or_scope in self.scopes:
            return
        mine = self.act_for if self.kind == "service" else self.subject_id
        if owner_id is None or mine != owner_id:
            raise otherwise


ANONYMOUS: Final = Caller(subject_id=None, kind="anonymous")


class TokenVerifier:
    """Verifies tokens.

    Keys are fetched when first needed and when an unknown key id appears, at most once a second.
    """

    def __init__(
        self, fetch_keys: Callable[[], Awaitable[str]], *, issuer: str, service: str
    ) -> None:
        self._fetch, self._issuer, self._audience = fetch_keys, issuer, audience_of(service)
        self._keys: KeySet | None = None
        self._key_ids: set[str] = set()
        self._fetched_at = 0.0
        self._fetching = asyncio.Lock()
        self._verified: TLRUCache[bytes, tuple[float, Caller]] = TLRUCache(
            MOST_VERIFIED, ttu=_expires_at, timer=_unix_time
        )

    def knows(self, authorization: str) -> bool:
        """Returns whether this token was verified lately and is still good."""
        return _digest(authorization.partition(" ")[2]) in self._verified

    async def verify(self, authorization: str) -> Caller:
        """Returns the caller of an `authorization` value.

        Raises MissingToken, InvalidToken, ActingNotAllowed for a token that acts for a shopper at
        another service, and Unavailable while identity has not answered yet.
        """
        if not authorization:
            raise MissingToken
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise InvalidToken
        digest = _digest(token)
        try:
            return self._verified[digest][1]
        except KeyError:
            pass
        verified = self._verified[digest] = await self._verify(token)
        return verified[1]

    async def _verify(self, token: str) -> tuple[float, Caller]:
        key_id = _key_id(token)
        if key_id not in self._key_ids:
            await self._refresh(key_id)
        if key_id not in self._key_ids or self._keys is None:
            raise InvalidToken
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            jwt.JWTClaimsRegistry(
                now=lambda: int(real_now().timestamp()),
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "values": [AUDIENCE, self._audience]},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(decoded.claims)
            caller = _caller(decoded.claims)
            # One bound to no service is identity's of the release before, which no upgraded one
            # issues.
            if (
                caller.act_for is not None
                and decoded.claims["aud"] != AUDIENCE
                and self._audience not in decoded.claims["aud"]
            ):
                raise ActingNotAllowed("the token acts for a shopper at another service")
            return float(decoded.claims["exp"]), caller
        except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
            # A token of brackets alone nests deeper than a parser goes.
            raise InvalidToken from error

    async def _refresh(self, key_id: str) -> None:
        asked_at = time.monotonic()
        async with self._fetching:
            # What was fetched since this token came is all there is: a flood of unknown key ids
            # costs one look-up a second.
            if key_id in self._key_ids or self._fetched_at > asked_at:
                return
            await asyncio.sleep(self._fetched_at + 1 - time.monotonic() if self._fetched_at else 0)
            try:
                jwks = json.loads(await self._fetch())
            except Unavailable:
                if self._keys is None:
                    raise
                return
            self._keys = KeySet.import_key_set(jwks)
            self._key_ids = {str(key["kid"]) for key in jwks["keys"]}
            self._fetched_at = time.monotonic()


def _unix_time() -> float:
    return time.time()


def _expires_at(_: bytes, verified: tuple[float, Caller], __: float) -> float:
    return verified[0]


def _key_id(token: str) -> str:
    try:
        head = token.split(".", 1)[0]
        return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidToken from error


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


@lru_cache(maxsize=256)
def _scopes(text: str) -> frozenset[str]:
    """Returns the scopes of a claim. The same few occur in most tokens."""
    return frozenset(text.split())


def _caller(claims: dict[str, object]) -> Caller:
    kind = sys.intern(str(claims["kind"]))
    subject = str(claims["sub"])
    act_for, organization = claims.get("act_for"), claims.get("org")
    # The actor of RFC 8693, section 4.1.
    actor = claims.get("act")
    acting = actor if isinstance(actor, dict) else {}
    return Caller(
        subject_id=None if kind == "service" else UUID(subject),
        kind=kind,
        scopes=_scopes(str(claims.get("scope") or "")),
        client_id=subject if kind == "service" else "",
        act_for=UUID(str(act_for)) if act_for else None,
        organization_id=UUID(str(organization)) if organization else None,
        organization_role=sys.intern(str(claims.get("org_role") or "")),
        customer_group=sys.intern(str(claims.get("group") or "")),
        acted_by=UUID(str(acting["sub"])) if acting else None,
        acted_via=sys.intern(str(acting.get("via") or "")),
    )

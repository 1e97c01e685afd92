"""Tokens as identity signs them."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.rpc.auth import ALGORITHM, AUDIENCE, TokenVerifier, audience_of
from chassis.runtime.clock import uuid7

ISSUER = "sojourn-identity"


@dataclass
class Tokens:
    """Signs tokens as identity does, and verifies them."""

    key: OKPKey = field(
        default_factory=lambda: OKPKey.generate_key(
            "Ed25519", parameters={"kid": str(uuid7()), "alg": ALGORITHM, "use": "sig"}
        )
    )

    def create(
        self,
        kind: str,
        subject: UUID | str,
        *,
        scopes: Iterable[str] = (),
        expires_in: int = 86_400,
        **claims: Any,
    ) -> str:
        """A token of any kind."""
        now = int(time.time())
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(subject),
            "kind": kind,
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + expires_in,
        }
        return jwt.encode(
            {"alg": ALGORITHM, "kid": self.key.kid or ""},
            {**body, **claims},
            self.key,
            algorithms=[ALGORITHM],
        )

    def guest(self, subject: UUID | None = None) -> str:
        return "Bearer " + self.create("guest", subject or uuid7())

    def customer(
        self,
        subject: UUID | None = None,
        *,
        group: str = "",
        organization_id: UUID | None = None,
        role: str = "",
    ) -> str:
        """A customer's token, also one with which they buy for an organization, in a role."""
        org = str(organization_id or "")
        return "Bearer " + self.create(
            "customer", subject or uuid7(), group=group, org=org, org_role=role
        )

    def delegated(
        self, subject: UUID | None = None, *, staff_id: UUID, via: str = "pos", at: str = ""
    ) -> str:
        """A token with which staff act in the place of a guest, at one service or where they do."""
        act = {"sub": str(staff_id), "via": via}
        services = [at] if at else ["gateway", "cart", "checkout", "identity", "tests"]
        audiences = [audience_of(service) for service in services]
        return "Bearer " + self.create("guest", subject or uuid7(), act=act, aud=audiences)

    def staff(self, *scopes: str) -> str:
        return "Bearer " + self.create("staff", uuid7(), scopes=scopes)

    def service(self, name: str, *scopes: str, act_for: UUID | None = None, at: str = "") -> str:
        """A service's token; with `act_for` one that acts for that shopper at the service `at`."""
        if act_for is None:
            return "Bearer " + self.create("service", name, scopes=scopes)
        return "Bearer " + self.create(
            "service", name, scopes=scopes, act_for=str(act_for), aud=[AUDIENCE, audience_of(at)]
        )

    @property
    def jwks_json(self) -> str:
        return json.dumps({"keys": [self.key.as_dict(private=False)]})

    def verifier(self, service: str = "tests") -> TokenVerifier:
        """The verifier of a service."""

        async def fetch() -> str:
            return self.jwks_json

        return TokenVerifier(fetch, issuer=ISSUER, service=service)

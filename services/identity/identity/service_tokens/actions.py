"""Use case of a service's token: issue it against a client id and a secret."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import ActingNotAllowed, InvalidToken
from chassis.rpc.ids import parse_id
from identity.errors import WrongCredentials
from identity.sessions.tokens import TokenIssuer
from identity.settings import ServiceClient, Settings


@dataclass(frozen=True, slots=True)
class ServiceTokenRequest:
    """The request of a service for a token.

    `act_for` and `subject_token` are the id and the access token of a shopper, `audience` the
    service at which it acts. Each may be empty.
    """

    client_id: str
    client_secret: str = field(repr=False)
    act_for: str
    audience: str
    subject_token: str = field(repr=False)


async def issue_service_token(
    settings: Settings, issuer: TokenIssuer, verifier: TokenVerifier, request: ServiceTokenRequest
) -> str:
    """Returns a token with the scopes of a service.

    The service acts for a shopper if the request names one. Takes as long for an unknown client.
    Raises WrongCredentials, ActingNotAllowed, InvalidId, InvalidToken, KeysUnavailable.
    """
    client = _authenticate_client(settings, request)
    if not request.act_for and not request.subject_token:
        return issuer.sign_service_token(request.client_id, client.scopes)
    audience = _audience(client, request.audience)
    act_for = parse_id(request.act_for) if request.act_for else None
    if request.subject_token:
        act_for = await _verify_shopper(verifier, request.subject_token, act_for)
    elif not client.acts_unattended:
        raise ActingNotAllowed(
            "a service acts for a shopper against the shopper's own token",
            client_id=request.client_id,
        )
    assert act_for is not None
    return issuer.sign_acting_token(request.client_id, client.scopes, act_for=act_for, at=audience)


def _authenticate_client(settings: Settings, request: ServiceTokenRequest) -> ServiceClient:
    client = settings.service_clients.get(request.client_id)
    wanted = client.secret.get_secret_value() if client else ""
    # Digests have one length, so a comparison reveals nothing of the length of the secret.
    is_right = hmac.compare_digest(
        sha256(wanted.encode()).digest(), sha256(request.client_secret.encode()).digest()
    )
    if client is None or not is_right:
        raise WrongCredentials("the client id or its secret is wrong")
    return client


def _audience(client: ServiceClient, audience: str) -> str:
    # A client of the previous release names no audience.
    wanted = audience or next(iter(client.acts_at), "")
    if wanted not in client.acts_at:
        raise ActingNotAllowed("the client may not act for shoppers there", audience=audience[:40])
    return wanted


async def _verify_shopper(verifier: TokenVerifier, token: str, act_for: UUID | None) -> UUID:
    shopper = await verifier.verify(f"Bearer {token}")
    if (
        shopper.kind not in ("guest", "customer")
        or shopper.subject_id is None
        or act_for not in (None, shopper.subject_id)
    ):
        raise InvalidToken("the token is not that shopper's")
    return shopper.subject_id

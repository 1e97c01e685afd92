"""Tokens for services, by client id and secret."""

import hmac
from hashlib import sha256
from uuid import UUID

from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import ActingNotAllowed, InvalidToken
from chassis.rpc.ids import parse_id
from identity.errors import WrongCredentials
from identity.sessions.tokens import Mint
from identity.settings import ServiceClient, Settings
from sojourn.identity.v1 import identity_pb2 as pb


async def issue_service_token(settings: Settings, mint: Mint, verifier: TokenVerifier, request: pb.IssueServiceTokenRequest) -> str:
    """Returns a service's token with its scopes; one that acts for a shopper where the request names one or brings their token.

    Takes as long for unknown clients. Raises WrongCredentials, ActingNotAllowed, InvalidId, InvalidToken, KeysUnavailable.
    """
    client = _client_of(settings, request)
    if not request.act_for and not request.subject_token:
        return mint.service_token(request.client_id, client.scopes)
    at = _audience_of(client, request.audience)
    act_for = parse_id(request.act_for) if request.act_for else None
    if request.subject_token:
        act_for = await _subject_of(verifier, request.subject_token, act_for)
    elif not client.acts_unattended:
        raise ActingNotAllowed("a service acts for a shopper against the shopper's own token", client_id=request.client_id)
    assert act_for is not None
    return mint.acting_token(request.client_id, client.scopes, act_for=act_for, at=at)


def _client_of(settings: Settings, request: pb.IssueServiceTokenRequest) -> ServiceClient:
    client = settings.service_clients.get(request.client_id)
    wanted = client.secret.get_secret_value() if client else ""
    # Digests are of one length, so that comparing them tells nothing of the secret's.
    is_right = hmac.compare_digest(sha256(wanted.encode()).digest(), sha256(request.client_secret.encode()).digest())
    if client is None or not is_right:
        raise WrongCredentials("the client id or its secret is wrong")
    return client


def _audience_of(client: ServiceClient, audience: str) -> str:
    # A client of the release before names no audience.
    wanted = audience or next(iter(client.acts_at), "")
    if wanted not in client.acts_at:
        raise ActingNotAllowed("the client may not act for shoppers there", audience=audience[:40])
    return wanted


async def _subject_of(verifier: TokenVerifier, token: str, act_for: UUID | None) -> UUID:
    shopper = await verifier.verify(f"Bearer {token}")
    if shopper.kind not in ("guest", "customer") or shopper.subject_id is None or act_for not in (None, shopper.subject_id):
        raise InvalidToken("the token is not that shopper's")
    return shopper.subject_id

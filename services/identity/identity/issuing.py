"""Tokens for services, by client id and secret."""

import hmac
from hashlib import sha256
from uuid import UUID

from identity.errors import WrongCredentials
from identity.settings import Settings
from identity.tokens import Mint


def issue(settings: Settings, mint: Mint, *, client_id: str, client_secret: str, act_for: UUID | None) -> str:
    """A service token with the client's scopes. Takes as long for unknown clients. Raises WrongCredentials, KeysUnavailable."""
    client = settings.service_clients.get(client_id)
    wanted = client.secret.get_secret_value() if client else ""
    # Digests are of one length, so that comparing them tells nothing of the secret's.
    is_right = hmac.compare_digest(sha256(wanted.encode()).digest(), sha256(client_secret.encode()).digest())
    if client is None or not is_right:
        raise WrongCredentials("the client id or its secret is wrong")
    return mint.service_token(client_id, client.scopes, act_for)

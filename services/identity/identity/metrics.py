"""Metrics of identity."""

from typing import Final

from prometheus_client import Counter

logins: Final = Counter("logins_total", "logins by outcome", ["outcome"])
registrations: Final = Counter("registrations_total", "customers that registered")
confirmations: Final = Counter(
    "email_confirmations_total", "customers that confirmed their address"
)
refresh_reuses: Final = Counter(
    "refresh_token_reuses_total", "sessions ended because a refresh token came a second time"
)
api_key_sessions: Final = Counter(
    "api_key_sessions_total", "sessions that API keys asked for, by outcome", ["outcome"]
)
erasures: Final = Counter(
    "account_erasures_total", "accounts that were erased, by the party that asked", ["by"]
)
keys_rotated: Final = Counter(
    "signing_keys_rotated_total", "rotations of the signing key by this process"
)

for _outcome in ("succeeded", "wrong_credentials", "locked", "link_required", "busy"):
    logins.labels(_outcome)
for _party in ("customer", "staff"):
    erasures.labels(_party)
for _outcome in ("succeeded", "wrong_credentials"):
    api_key_sessions.labels(_outcome)

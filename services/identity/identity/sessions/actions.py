"""Refreshing: a refresh token for new tokens, once; and logging out."""

from typing import Final

from chassis import telemetry
from chassis.data.tx import Tx
from chassis.rpc.errors import InvalidToken
from chassis.runtime.clock import real_now
from identity import metrics
from identity.credentials.model import SubjectKind
from identity.errors import SessionExpired, SessionRevoked
from identity.sessions import model as sessions
from identity.sessions.model import Session
from identity.sessions.refresh_tokens import RefreshToken
from identity.sessions.tokens import Mint, Opened
from identity.staff import model as staff

log = telemetry.log("refreshing")
# A client that crashed, lost its connection or asked from two tabs at once comes back within this time. A thief who has the same token and the
# same luck gains no second live token: both hold the same successor, and whoever uses it second ends the session.
GRACE_SECONDS: Final = 10


async def refresh(tx: Tx, token: RefreshToken, mint: Mint) -> Opened | SessionRevoked:
    """Trades a refresh token. Twins queue at the session's row, and all get the one successor.

    A token that was traded before ends the session, unless its trade is at most 10 s old and its successor was never used: then the client
    lost the answer, and gets it again. That refusal is returned and not raised, because the end of the session must commit.
    Raises InvalidToken, SessionRevoked, SessionExpired.
    """
    now = real_now()
    session = await tx.lock(Session, token.session_id)
    if session is None:
        raise InvalidToken
    if session.revoked_at is not None:
        raise SessionRevoked
    if session.expires_at <= now:
        raise SessionExpired
    successor = mint.refresh_tokens.after(token)
    if token.is_of(session.refresh_digest):
        session.rotate(successor, now)
        session.expires_at = mint.prolonged(session, now)
        await tx.update(session)
    elif not session.may_repeat(token, now, grace_seconds=GRACE_SECONDS):
        await sessions.revoke(tx, session.id, now)
        metrics.refresh_reuses.inc()
        log.warning("refresh token came a second time; session ended", session_id=str(session.id), kind=session.kind)
        return SessionRevoked("the refresh token was used before")
    return mint.opened(session, successor, await _scopes(tx, session))


async def _scopes(tx: Tx, session: Session) -> frozenset[str]:
    if session.kind is not SubjectKind.STAFF:
        return frozenset()
    # The role may have changed since the login.
    scopes = await staff.scopes_of(tx, session.subject_id)
    if scopes is None:
        raise SessionRevoked
    return scopes


async def log_out(tx: Tx, token: RefreshToken) -> None:
    """Ends the token's session; any of its tokens will do. Access tokens live out their 15 minutes. Idempotent."""
    await sessions.revoke(tx, token.session_id, real_now())

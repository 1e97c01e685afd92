"""Use cases of a session: open, refresh, log out; and the end of old ones."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis import telemetry
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import InvalidToken
from chassis.runtime.clock import real_now, uuid7
from identity import metrics
from identity.credentials.model import SubjectKind
from identity.customers.queries import find_customer_group
from identity.devices.actions import remember_device
from identity.devices.model import DeviceToken
from identity.errors import SessionExpired, SessionRevoked
from identity.sessions.model import HAS_ACCOUNT, IS_UNUSED_GUEST, Session, Subject
from identity.sessions.refresh_tokens import RefreshToken
from identity.sessions.tokens import SessionTokens, TokenIssuer
from identity.staff.queries import get_staff_scopes

log = telemetry.log("sessions")
# A client that crashed, lost its connection or asked from two tabs at once comes back within this
# time. A thief who has the same token gains no second live token within it: both hold the same
# successor, and the one who uses it second ends the session.
GRACE_SECONDS: Final = 10
_IS_LIVE: Final = col(Session.revoked_at).is_(None)
_REVOKE: Final = prepare(
    update(Session)
    .where(col(Session.id) == bindparam("session_id"), _IS_LIVE)
    .values(revoked_at=bindparam("now"))
)
_REVOKE_ALL: Final = prepare(
    update(Session)
    .where(col(Session.subject_id) == bindparam("subject"), HAS_ACCOUNT, _IS_LIVE)
    .values(revoked_at=bindparam("now"))
)
_old: Final = aliased(Session)
_DELETE_EXPIRED: Final = prepare(
    delete(Session).where(
        col(Session.id).in_(
            select(_old.id)
            .where(_old.expires_at < bindparam("before"))
            .order_by(col(_old.expires_at))
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
)
_DELETE_UNUSED_GUESTS: Final = prepare(
    delete(Session).where(
        col(Session.id).in_(
            select(_old.id)
            .where(IS_UNUSED_GUEST, _old.created_at < bindparam("before"))
            .order_by(col(_old.created_at))
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
)


async def open_session(
    tx: Tx,
    subject: Subject,
    issuer: TokenIssuer,
    *,
    channel: str = "",
    device: DeviceToken | None = None,
) -> SessionTokens:
    """Opens a session of a customer or a staff member, and makes the device known to them.

    An empty channel is the default channel. Raises KeysUnavailable.
    """
    session, refresh_token = issuer.new_session(subject.kind, subject.id, channel=channel)
    await tx.insert(session)
    known = await remember_device(
        tx, device, subject.id, real_now() + timedelta(seconds=issuer.device_seconds)
    )
    return issuer.sign_session(
        session,
        refresh_token,
        subject.scopes,
        device_token=known.text,
        customer_group=await _group(tx, session),
    )


def create_guest_session(tx: Tx, issuer: TokenIssuer, *, channel: str) -> SessionTokens:
    """Opens a session of a new guest. Raises KeysUnavailable.

    The insert is the only statement of its transaction: one round trip, without BEGIN and COMMIT.
    """
    session, refresh_token = issuer.new_session(SubjectKind.GUEST, uuid7(), channel=channel)
    tokens = issuer.sign_session(session, refresh_token)
    tx.deferred.insert(session)
    return tokens


async def refresh(
    tx: Tx, token: RefreshToken, issuer: TokenIssuer
) -> SessionTokens | SessionRevoked:
    """Trades a refresh token.

    Concurrent calls queue at the session's row and get the same successor. A token that was traded
    before ends the session. The exception is a trade at most 10 s ago whose successor was never
    used: the client lost the answer, and gets it again. That refusal is returned and not raised,
    because the end of the session must commit. Raises InvalidToken, SessionRevoked, SessionExpired.
    """
    now = real_now()
    session = await tx.lock(Session, token.session_id)
    if session is None:
        raise InvalidToken
    if session.revoked_at is not None:
        raise SessionRevoked
    if session.expires_at <= now:
        raise SessionExpired
    successor = issuer.refresh_tokens.successor_of(token)
    if token.has_digest(session.refresh_digest):
        session.rotate(successor, now)
        session.expires_at = issuer.expires_after_refresh(session, now)
        await tx.update(session)
    elif not session.can_repeat(token, now, grace_seconds=GRACE_SECONDS):
        await revoke_session(tx, session.id, now)
        metrics.refresh_reuses.inc()
        log.warning(
            "refresh token came a second time; session ended",
            session_id=str(session.id),
            kind=session.kind,
        )
        return SessionRevoked("the refresh token was used before")
    scopes, group = await _scopes(tx, session), await _group(tx, session)
    return issuer.sign_session(session, successor, scopes, customer_group=group)


async def _scopes(tx: Tx, session: Session) -> frozenset[str]:
    if session.kind is not SubjectKind.STAFF:
        return frozenset()
    # The role may have changed since the login.
    scopes = await get_staff_scopes(tx, session.subject_id)
    if scopes is None:
        raise SessionRevoked
    return scopes


async def _group(tx: Tx, session: Session) -> str:
    if session.kind is not SubjectKind.CUSTOMER:
        return ""
    # It may have changed since the login.
    return await find_customer_group(tx, session.subject_id)


async def logout(tx: Tx, token: RefreshToken) -> None:
    """Ends the session of a refresh token, live or traded. Idempotent.

    Access tokens stay good until they expire, at most 15 minutes.
    """
    await revoke_session(tx, token.session_id, real_now())


async def revoke_session(tx: Tx, session_id: UUID, now: datetime) -> None:
    """Ends a session. Idempotent."""
    await tx.execute(_REVOKE, session_id=session_id, now=now)


async def revoke_sessions(tx: Tx, subject_id: UUID, now: datetime) -> None:
    """Ends all sessions of a customer or a staff member."""
    await tx.execute(_REVOKE_ALL, subject=subject_id, now=now)


async def delete_expired_sessions(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Deletes sessions that expired earlier, and returns their number.

    Skips rows that another replica deletes.
    """
    return await tx.execute(_DELETE_EXPIRED, before=before, most=at_most)


async def delete_unused_guest_sessions(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Deletes older sessions of guests that were never refreshed, and returns their number.

    An access token lives 15 minutes, so a guest who is present has refreshed. Skips rows that
    another replica deletes.
    """
    return await tx.execute(_DELETE_UNUSED_GUESTS, before=before, most=at_most)

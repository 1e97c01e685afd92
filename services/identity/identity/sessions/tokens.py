"""Access tokens: short-lived JWTs that every service verifies by itself.

All times are real time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.rpc.auth import AUDIENCE, audience_of
from chassis.runtime.clock import real_now, uuid7
from identity.credentials.model import SubjectKind
from identity.sessions.model import Session
from identity.sessions.refresh_tokens import RefreshToken, RefreshTokens
from identity.settings import Settings
from identity.signing_keys.store import KeyStore

# Identity trades the token for one that acts at cart; it takes it for nothing else.
DELEGATED_AT: Final = ("gateway", "cart", "checkout", "identity")


@dataclass(frozen=True, slots=True)
class DelegatedActor:
    """A member of the staff who acts in the place of a shopper, and how they speak with them."""

    staff_id: UUID
    via: str


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """A session with its tokens, as the client gets it.

    The tokens are shown once and stored nowhere.
    """

    session: Session
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_seconds: int
    device_token: str = field(default="", repr=False)


class TokenIssuer:
    """Issues sessions and signs their tokens."""

    def __init__(self, settings: Settings, keys: KeyStore, refresh_tokens: RefreshTokens) -> None:
        self._settings, self._keys, self.refresh_tokens = settings, keys, refresh_tokens

    def new_session(
        self, kind: SubjectKind, subject_id: UUID, *, channel: str
    ) -> tuple[Session, RefreshToken]:
        """Returns a new session, which the caller stores, and its first refresh token."""
        now, id = real_now(), uuid7()
        token = self.refresh_tokens.first(id)
        return Session(
            id=id,
            subject_id=subject_id,
            kind=kind,
            channel=channel or self._settings.default_channel,
            refresh_digest=token.digest,
            created_at=now,
            expires_at=now + self._lifetime(kind),
        ), token

    def expires_after_refresh(self, session: Session, now: datetime) -> datetime:
        """Returns the time at which a session expires that is refreshed now.

        A refresh does not prolong staff's.
        """
        return (
            session.expires_at
            if session.kind is SubjectKind.STAFF
            else now + self._lifetime(session.kind)
        )

    def _lifetime(self, kind: SubjectKind) -> timedelta:
        match kind:
            case SubjectKind.GUEST:
                return timedelta(seconds=self._settings.guest_session_seconds)
            case SubjectKind.CUSTOMER:
                return timedelta(seconds=self._settings.customer_session_seconds)
            case SubjectKind.STAFF:
                return timedelta(seconds=self._settings.staff_session_seconds)

    def sign_session(
        self,
        session: Session,
        refresh_token: RefreshToken,
        scopes: Iterable[str] = (),
        *,
        device_token: str = "",
        customer_group: str = "",
    ) -> SessionTokens:
        """Returns a session with a new access token. Raises KeysUnavailable.

        The token names the customer's group, where there is one.
        """
        claims = {"group": customer_group} if customer_group else {}
        access_token = self._sign(
            str(session.subject_id), session.kind, scopes, sid=str(session.id), **claims
        )
        return SessionTokens(
            session, access_token, refresh_token.text, self.access_token_seconds, device_token
        )

    def sign_api_key_token(self, subject_id: UUID, scopes: Iterable[str]) -> str:
        """Returns an access token of a guest of an API key.

        It has no session, so it cannot be refreshed. Raises KeysUnavailable.
        """
        return self._sign(str(subject_id), SubjectKind.GUEST, scopes)

    def sign_service_token(self, client_id: str, scopes: Iterable[str]) -> str:
        """Returns an access token of a service. Raises KeysUnavailable."""
        return self._sign(client_id, "service", scopes)

    def sign_acting_token(
        self, client_id: str, scopes: Iterable[str], *, act_for: UUID, at: str
    ) -> str:
        """Returns an access token of a service that acts for a shopper, at the service `at` only.

        Raises KeysUnavailable.
        """
        # The general audience stays, because services of the previous release know no other.
        return self._sign(
            client_id, "service", scopes, act_for=str(act_for), aud=[AUDIENCE, audience_of(at)]
        )

    def sign_delegated_token(
        self, kind: SubjectKind, subject_id: UUID, actor: DelegatedActor, *, customer_group: str
    ) -> str:
        """Returns an access token with which staff act in the place of a shopper.

        It has no session, so it cannot be refreshed, and no service but those of `DELEGATED_AT`
        takes it. Raises KeysUnavailable.
        """
        claims: dict[str, Any] = {"group": customer_group} if customer_group else {}
        return self._sign(
            str(subject_id),
            kind,
            (),
            act={"sub": str(actor.staff_id), "via": actor.via},
            aud=[audience_of(service) for service in DELEGATED_AT],
            **claims,
        )

    @property
    def device_seconds(self) -> int:
        """The time that a device stays known after a login."""
        return self._settings.device_days * 86_400

    @property
    def access_token_seconds(self) -> int:
        return self._settings.access_token_seconds

    def _sign(self, subject: str, kind: str, scopes: Iterable[str], **claims: Any) -> str:
        now = int(real_now().timestamp())
        return self._keys.sign(
            {
                "iss": self._settings.token_issuer,
                "aud": AUDIENCE,
                "sub": subject,
                "kind": str(kind),
                "scope": " ".join(sorted(scopes)),
                "iat": now,
                "exp": now + self.access_token_seconds,
                "jti": str(uuid7()),
                **claims,
            }
        )

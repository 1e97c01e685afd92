"""The objects that the servicers share, created once per process."""

from dataclasses import dataclass

from chassis.data.database import Database
from chassis.email_addresses import normalize_email
from chassis.rpc.auth import TokenVerifier
from chassis.runtime.loops import retry_while_unavailable
from identity.credentials.passwords import Hasher
from identity.logins.model import Lockout
from identity.sessions.refresh_tokens import RefreshTokens
from identity.sessions.tokens import TokenIssuer
from identity.settings import Settings
from identity.signing_keys.actions import create_first_key
from identity.signing_keys.store import KeyStore
from identity.staff.actions import ensure_first_admin
from identity.vault import Vault


@dataclass(frozen=True, slots=True)
class Wiring:
    """The shared objects of a replica."""

    settings: Settings
    database: Database
    vault: Vault
    keys: KeyStore
    issuer: TokenIssuer
    hasher: Hasher
    lockout: Lockout
    verifier: TokenVerifier

    @classmethod
    def from_settings(cls, settings: Settings, database: Database) -> "Wiring":
        """Creates the objects of a replica."""
        vault = Vault(settings.master_key)
        store = KeyStore(database, vault, poll_seconds=settings.key_poll_seconds)
        return cls(
            settings=settings,
            database=database,
            vault=vault,
            keys=store,
            issuer=TokenIssuer(settings, store, RefreshTokens(vault)),
            hasher=Hasher(settings),
            lockout=Lockout.from_settings(settings),
            # Verifies by the keys of this service: identity has no peers.
            verifier=TokenVerifier(
                store.jwks_json, issuer=settings.token_issuer, service="identity"
            ),
        )

    async def bootstrap(self) -> None:
        """Creates the first key and the first admin if they are missing. Idempotent."""
        async with self.database.tx() as tx:
            await create_first_key(tx, self.vault)
        if self.settings.staff_email:
            email = normalize_email(
                self.settings.staff_email, allows_test_domains=self.settings.allows_test_domains
            )
            await ensure_first_admin(
                self.database,
                self.hasher,
                email=email,
                password=self.settings.staff_password.get_secret_value(),
            )

    async def prepare(self) -> None:
        """Bootstraps and loads the keys as soon as the database is available.

        Raises WrongEncryptionKey, WeakPassword, InvalidEmail.
        """

        async def bootstrap_and_load() -> None:
            await self.bootstrap()
            await self.keys.reload()

        await retry_while_unavailable(bootstrap_and_load, name="identity's bootstrap")

"""What the edges of identity are made of, put together once per process."""

from dataclasses import dataclass

from chassis.data.database import Database
from chassis.email_addresses import normalize_email
from chassis.rpc.auth import TokenVerifier
from chassis.runtime.loops import retry_while_unavailable
from identity.credentials.passwords import Hasher
from identity.logins.failures import Lockout
from identity.sessions.refresh_tokens import RefreshTokens
from identity.sessions.tokens import Mint
from identity.settings import Settings
from identity.signing_keys import store as keys
from identity.signing_keys.store import KeyStore
from identity.staff import actions as hiring
from identity.vault import Vault


@dataclass(frozen=True, slots=True)
class Parts:
    """A replica's parts."""

    settings: Settings
    database: Database
    vault: Vault
    keys: KeyStore
    mint: Mint
    hasher: Hasher
    lockout: Lockout
    verifier: TokenVerifier

    @classmethod
    def of(cls, settings: Settings, database: Database) -> "Parts":
        vault = Vault(settings.master_key)
        store = KeyStore(database, vault, poll_seconds=settings.key_poll_seconds)
        return cls(
            settings=settings,
            database=database,
            vault=vault,
            keys=store,
            mint=Mint(settings, store, RefreshTokens(vault)),
            hasher=Hasher(settings),
            lockout=Lockout.of(settings),
            # Our own tokens, by our own keys: identity calls nobody.
            verifier=TokenVerifier(store.jwks_json, issuer=settings.token_issuer, service="identity"),
        )

    async def bootstrap(self) -> None:
        """Makes the first key and the first member of staff, where they are missing. Idempotent."""
        async with self.database.tx() as tx:
            await keys.ensure_one(tx, self.vault)
        if self.settings.staff_email:
            email = normalize_email(self.settings.staff_email, allows_test_domains=self.settings.allows_test_domains)
            await hiring.ensure_first(self.database, self.hasher, email=email, password=self.settings.staff_password.get_secret_value())

    async def prepare(self) -> None:
        """Bootstraps and loads the keys, as soon as the database lets us. Raises WrongEncryptionKey, WeakPassword, InvalidEmail."""

        async def bootstrap_and_load() -> None:
            await self.bootstrap()
            await self.keys.reload()

        await retry_while_unavailable(bootstrap_and_load, name="identity's bootstrap")

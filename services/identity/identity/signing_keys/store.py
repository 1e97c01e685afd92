"""The signing keys in memory: each replica signs with them and publishes them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.data.database import Database
from chassis.rpc.auth import ALGORITHM
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically
from identity.errors import KeysUnavailable
from identity.signing_keys.model import SigningKey
from identity.signing_keys.queries import LOOP, list_verifying_keys
from identity.vault import Vault


class KeyStore:
    """The keys that a replica signs with and publishes. `reload_periodically` keeps them fresh."""

    def __init__(self, database: Database, vault: Vault, *, poll_seconds: float) -> None:
        self._database, self._vault, self._poll_seconds = database, vault, poll_seconds
        self._rows: Sequence[SigningKey] = ()
        self._private: dict[UUID, OKPKey] = {}

    async def reload(self) -> None:
        """Reads the keys that verify. A key that cannot be opened signs nothing and still verifies.

        Raises Unavailable, and WrongEncryptionKey if no key can be opened.
        """
        async with self._database.read() as read:
            rows = await list_verifying_keys(read, real_now())
        private: dict[UUID, OKPKey] = {}
        failure: Exception | None = None
        for row in rows:
            try:
                row.require_published()
                private[row.id] = self._private.get(row.id) or row.unsealed(self._vault)
            except Exception as error:
                LOOP.skip(row.id, error)
                failure = error
        if failure is not None and not private:
            raise failure
        self._private = private
        self._rows = rows

    async def reload_periodically(self) -> None:
        """Reloads until cancelled. An unavailable database does not end the loop."""
        await run_periodically(
            self.reload,
            every_seconds=self._poll_seconds,
            name="reload of the keys",
            waits_first=True,
        )

    async def jwks_json(self) -> str:
        """Returns the public keys as a JSON Web Key Set.

        Raises Unavailable if they were never loaded. Reads the database, because another replica
        may sign with a key that is new here. While the database is unavailable, returns the keys of
        the last reload.
        """
        try:
            await self.reload()
        except Unavailable:
            if not self._rows:
                raise
        now = real_now()
        return json.dumps(
            {
                "keys": [
                    row.public_jwk
                    for row in self._rows
                    if row.verifies_until is None or row.verifies_until > now
                ]
            }
        )

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Returns a JWT, signed by the youngest key whose time has come.

        Raises KeysUnavailable before the first reload.
        """
        now = real_now()
        row = max(
            (row for row in self._rows if row.signs_from <= now and row.id in self._private),
            key=lambda row: row.signs_from,
            default=None,
        )
        if row is None:
            raise KeysUnavailable(retry_after_seconds=1)
        return jwt.encode(
            {"alg": ALGORITHM, "kid": str(row.id)},
            dict(claims),
            self._private[row.id],
            algorithms=[ALGORITHM],
        )

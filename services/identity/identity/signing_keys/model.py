"""Key pairs that sign access tokens. The private part is encrypted at rest.

All times are real time.
"""

import json
from datetime import datetime
from uuid import UUID

from joserfc.jwk import OKPKey

from chassis.data.rows import Field, Row, document
from chassis.rpc.auth import ALGORITHM
from chassis.runtime.clock import real_now, uuid7
from identity.vault import Vault

# Members of a JSON Web Key are texts or lists of texts (RFC 7517).
PublicJwk = dict[str, str | list[str]]


class SigningKey(Row, table=True):
    """A key pair. It signs from `signs_from` until a younger one does.

    It verifies until `verifies_until`, which is None while it signs.
    """

    __tablename__ = "signing_key"

    id: UUID = Field(primary_key=True)
    public_jwk: PublicJwk = document(PublicJwk)
    private_sealed: bytes
    created_at: datetime
    signs_from: datetime
    verifies_until: datetime | None = None

    @classmethod
    def generate(cls, vault: Vault, *, signs_from: datetime) -> "SigningKey":
        """Returns a new Ed25519 key pair with an encrypted private part."""
        id = uuid7()
        key = OKPKey.generate_key(
            "Ed25519", parameters={"kid": str(id), "alg": ALGORITHM, "use": "sig"}
        )
        sealed = vault.seal(json.dumps(key.as_dict(private=True)).encode(), context=id.bytes)
        public_jwk: PublicJwk = dict(key.as_dict(private=False))
        return cls(
            id=id,
            public_jwk=public_jwk,
            private_sealed=sealed,
            created_at=real_now(),
            signs_from=signs_from,
        )

    def require_published(self) -> None:
        """Raises ValueError if other services could not verify tokens of this key."""
        if self.public_jwk.get("kid") != str(self.id):
            raise ValueError("the public key is not a JSON Web Key of this id")

    def unsealed(self, vault: Vault) -> OKPKey:
        """Returns the private key. Raises WrongEncryptionKey."""
        return OKPKey.import_key(json.loads(vault.open(self.private_sealed, context=self.id.bytes)))

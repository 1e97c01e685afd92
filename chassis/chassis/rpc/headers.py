"""Names of the metadata that calls carry."""

from typing import Final

KEY_HEADER: Final = "idempotency-key"
REPLAYED_HEADER: Final = "idempotency-replayed"

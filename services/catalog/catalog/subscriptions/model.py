"""Alerts: who is to hear of a variant, and where."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Index, UniqueConstraint

from chassis.data.rows import Field, Row, code, column, counter, minor, states

# A link to confirm is good for this long; then the alert is forgotten.
CONFIRMATION_VALIDITY: Final = timedelta(days=7)
# No second mail asks one address for one alert within this.
ASKED_AGAIN_AFTER: Final = timedelta(hours=1)
MOST_OF_ADDRESS: Final = 100


class AlertKind(StrEnum):
    BACK_IN_STOCK = "back_in_stock"
    PRICE_DROP = "price_drop"


class Alert(Row, table=True):
    """A wish to hear of a variant in one channel, currency and language.

    `baseline_minor` is the price below which it tells, and `most_minor` a bound on top, 0 for none.
    `end_token` only ends this alert.
    """

    __tablename__ = "alert"
    __table_args__ = (
        states("kind", AlertKind),
        UniqueConstraint("email_digest", "variant_id", "kind", "channel", "currency"),
        Index("alert_product", "product_id", "is_active"),
        Index("alert_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    kind: AlertKind = code(AlertKind)
    product_id: UUID
    variant_id: UUID
    channel: str
    currency: str
    locale: str
    customer_id: UUID | None = None
    email: str
    email_digest: str
    token_digest: str | None = Field(default=None, unique=True)
    end_token: str = Field(unique=True)
    baseline_minor: int = minor(default=0)
    most_minor: int = minor(default=0)
    is_active: bool = column(Boolean)
    asked_at: datetime
    created_at: datetime
    version: int = counter(default=1)

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        # The other columns hold personal data and secrets, which must not reach a log.
        return [("id", self.id), ("kind", self.kind)]


def new_token() -> str:
    """Returns a secret for a link."""
    return secrets.token_urlsafe(32)


def digest_of(text: str) -> str:
    """Returns the hexadecimal SHA-256 of a token or of an address in lower case."""
    return hashlib.sha256(text.encode()).hexdigest()

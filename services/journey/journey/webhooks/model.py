"""Tables of webhooks and of what they deliver."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Boolean, Index, Integer, LargeBinary, text

from chassis.backoff import Backoff
from chassis.data.rows import Field, Row, code, column, counter, document, states
from chassis.runtime.sealing import Sealer
from journey.insights.model import Measure

MOST_WEBHOOKS: Final = 20
# The last attempt is about two days after the first.
MOST_ATTEMPTS: Final = 14
BACKOFF: Final = Backoff(first_seconds=30, most_seconds=6 * 3_600)
# A crash in an attempt is followed by another one after this time.
LEASE: Final = timedelta(minutes=2)
KEPT: Final = timedelta(days=30)
_SECRET_BYTES: Final = 32
_PREFIX: Final = "whsec_"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class InsightWebhook(Row, table=True):
    """An address to which insights are told. `secret` is sealed; without `maps` it is all maps."""

    __tablename__ = "insight_webhook"

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    name: str
    url: str
    secret: bytes = column(LargeBinary, repr=False)
    maps: list[str] = document(list[str])
    measures: list[Measure] = document(list[Measure])
    is_active: bool = column(Boolean, default=True)
    created_by: UUID
    created_at: datetime
    changed_at: datetime

    def wants(self, map: str, measure: Measure, *, is_for_all: bool) -> bool:
        """Returns whether it is told of a map's measure; `is_for_all` maps are all staff's."""
        of_map = map in self.maps if self.maps else is_for_all
        return self.is_active and of_map and (not self.measures or measure in self.measures)


class WebhookDelivery(Row, table=True):
    """One thing that a webhook tells. `due_at` is real time, and its lease while it is sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        states("state", DeliveryState),
        Index("webhook_delivery_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("webhook_delivery_webhook", "webhook_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    webhook_id: UUID
    insight_id: UUID
    type: str
    body: dict[str, JsonValue] = document(dict[str, JsonValue])
    state: DeliveryState = code(DeliveryState, default=DeliveryState.WAITING)
    attempts: int = column(Integer, default=0)
    last_status: int = column(Integer, default=0)
    last_problem: str = ""
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None = None


class WebhookSecrets:
    """Makes secrets of webhooks, and seals them for the database."""

    def __init__(self, master_key: bytes) -> None:
        self._sealer = Sealer(master_key, name="sojourn-journey", purposes=())

    def create(self, webhook_id: UUID) -> tuple[str, bytes]:
        """Returns a new secret as its receiver keeps it, and sealed."""
        key = secrets.token_bytes(_SECRET_BYTES)
        told = _PREFIX + base64.b64encode(key).decode()
        return told, self._sealer.seal(key, context=webhook_id.bytes)

    def open(self, webhook: InsightWebhook) -> bytes:
        """Returns the key of a webhook. Raises WrongSeal."""
        return self._sealer.open(webhook.secret, context=webhook.id.bytes)


def signature_of(key: bytes, id: str, timestamp: int, body: bytes) -> str:
    """Returns the signature of a message, as Standard Webhooks 1.0 writes it."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

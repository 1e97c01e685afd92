"""Registrations by idempotency key, so that a repeat finds its account.

They hold no token and no password.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.data.rows import Field, Row
from identity.customers.model import PostalAddress
from identity.devices.model import DeviceToken


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """The validated request of a customer to register.

    `key` is the idempotency key, or empty. `fingerprint` identifies the request that came with it.
    """

    email: str = field(repr=False)
    email_digest: bytes = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    locale: str
    channel: str
    guest_id: UUID | None
    key: str
    fingerprint: bytes
    device: DeviceToken | None = None
    address: PostalAddress | None = field(default=None, repr=False)


class Registration(Row, table=True):
    """The customer that an idempotency key made. It is stored for 48 h.

    `fingerprint` is a MAC of the whole request; `created_at` is real time.
    """

    __tablename__ = "registration"

    idempotency_key: str = Field(primary_key=True)
    fingerprint: bytes
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE")
    created_at: datetime = Field(index=True)

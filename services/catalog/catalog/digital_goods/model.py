"""Digital goods, their files and licence keys, and what orders brought of them."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text

from chassis.data.rows import Field, Row, code, counter, document, states

# On hand of what never sells out: more than a line of a cart may have.
ENDLESS: Final = 10**8
MOST_FILES: Final = 100
MOST_PARTS: Final = 128
MOST_PART_BYTES: Final = 8 * 1024 * 1024
# Shown of a longer key, so that support tells keys apart.
_SHOWN: Final = 4


class LicenceKeyStatus(StrEnum):
    FREE = "free"
    ASSIGNED = "assigned"
    DELIVERED = "delivered"
    REVOKED = "revoked"


class DigitalGood(Row, table=True):
    """A variant that is sold as files, licence keys, or both.

    If it `needs_keys`, its level DIGITAL has its free keys on hand. Limits of 0 are none.
    """

    __tablename__ = "digital_good"
    __table_args__ = (
        CheckConstraint("download_limit >= 0"),
        CheckConstraint("download_days >= 0"),
        CheckConstraint("low_keys_at_most >= 0"),
    )

    variant_id: UUID = Field(primary_key=True, foreign_key="variant.id")
    needs_keys: bool
    download_limit: int
    download_days: int
    low_keys_at_most: int
    version: int = counter(default=1)
    updated_at: datetime


class DigitalFile(Row, table=True):
    """A file of a digital good, whose parts are in the store of pictures, read by no URL.

    `part_keys` are where the store keeps them; an empty text is a part that did not come. Buyers
    get a complete one.
    """

    __tablename__ = "digital_file"
    __table_args__ = (Index("digital_file_variant", "variant_id"),)

    id: UUID = Field(primary_key=True)
    variant_id: UUID = Field(foreign_key="variant.id")
    name: str
    part_keys: list[str] = document(list[str])
    part_bytes: list[int] = document(list[int])
    is_complete: bool = False
    created_at: datetime
    deleted_at: datetime | None = None

    @property
    def size_bytes(self) -> int:
        return sum(self.part_bytes)

    @property
    def parts(self) -> int:
        """The number of parts that came."""
        return sum(1 for key in self.part_keys if key)

    def put_part(self, number: int, key: str, size_bytes: int) -> str:
        """Places a part, from 1 on. Returns the key of the part that it replaces, or nothing."""
        missing = max(number - len(self.part_keys), 0)
        self.part_keys = [*self.part_keys, *[""] * missing]
        self.part_bytes = [*self.part_bytes, *[0] * missing]
        replaced = self.part_keys[number - 1]
        self.part_keys[number - 1], self.part_bytes[number - 1] = key, size_bytes
        return replaced


class LicenceKey(Row, table=True):
    """A licence key, which is given out once.

    A free one may be reserved: the level DIGITAL says how many are.
    """

    __tablename__ = "licence_key"
    __table_args__ = (
        UniqueConstraint("variant_id", "value"),
        states("status", LicenceKeyStatus),
        CheckConstraint("(status = 'free') <= (order_id IS NULL)", name="licence_key_free_check"),
        Index("licence_key_free", "variant_id", "id", postgresql_where=text("status = 'free'")),
        Index("licence_key_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    variant_id: UUID = Field(foreign_key="variant.id")
    value: str = Field(repr=False)
    status: LicenceKeyStatus = code(LicenceKeyStatus, default=LicenceKeyStatus.FREE)
    order_id: UUID | None = None
    created_at: datetime
    delivered_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def ending(self) -> str:
        """The last characters; nothing of a key that they would give away."""
        return self.value[-_SHOWN:] if len(self.value) > 2 * _SHOWN else ""


class ReservedDigitalPart(Row, table=True):
    """A quantity of a digital good that each bundle of an order holds.

    Kept with the order: the bundle may have other parts once the order is paid.
    """

    __tablename__ = "reserved_digital_part"
    __table_args__ = (CheckConstraint("quantity > 0"),)

    order_id: UUID = Field(primary_key=True)
    bundle_id: UUID = Field(primary_key=True)
    variant_id: UUID = Field(primary_key=True)
    quantity: int = counter()


class DigitalDelivery(Row, table=True):
    """A variant that an order brought. `title` and `options` are as the order has them."""

    __tablename__ = "digital_delivery"

    order_id: UUID = Field(primary_key=True)
    variant_id: UUID = Field(primary_key=True)
    sku: str
    title: str
    options: str
    delivered_at: datetime
    downloads_end_at: datetime | None = None
    revoked_at: datetime | None = None

    def may_download(self, now: datetime) -> bool:
        """Whether its files can still be downloaded."""
        is_over = self.downloads_end_at is not None and self.downloads_end_at <= now
        return self.revoked_at is None and not is_over


class DigitalDownload(Row, table=True):
    """The number of downloads of a file by an order."""

    __tablename__ = "digital_download"

    order_id: UUID = Field(primary_key=True)
    file_id: UUID = Field(primary_key=True, foreign_key="digital_file.id")
    downloads: int = counter()

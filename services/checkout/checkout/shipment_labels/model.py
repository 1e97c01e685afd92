"""Labels of shipments and their files."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text

from chassis.data.rows import Field, Row, code, states

# Kind of the timer that asks a carrier again. Its key is the label's id.
COMPLETE_LABEL: Final = "label.complete"


class LabelStatus(StrEnum):
    REQUESTED = "requested"
    READY = "ready"
    VOIDING = "voiding"
    VOIDED = "voided"
    REFUSED = "refused"


class ShipmentLabel(Row, table=True):
    """A label of a shipment. A shipment has one that is neither void nor refused.

    `integration` is the connection that makes it, `carrier_label_id` its id there, empty until it
    is ready.
    """

    __tablename__ = "shipment_label"
    __table_args__ = (
        states("status", LabelStatus),
        Index("shipment_label_shipment", "shipment_id"),
        Index(
            "shipment_label_live",
            "shipment_id",
            unique=True,
            postgresql_where=text("status IN ('requested', 'ready', 'voiding')"),
        ),
    )

    id: UUID = Field(primary_key=True)
    shipment_id: UUID = Field(foreign_key="shipment.id")
    order_id: UUID = Field(foreign_key="orders.id")
    status: LabelStatus = code(LabelStatus, default=LabelStatus.REQUESTED)
    integration: str
    carrier_label_id: str = ""
    tracking_number: str = ""
    problem: str = ""
    requested_by: UUID
    created_at: datetime

    @property
    def is_pending(self) -> bool:
        """Whether its carrier is to be asked."""
        return self.status in (LabelStatus.REQUESTED, LabelStatus.VOIDING)


class LabelFile(Row, table=True):
    """The file of a label."""

    __tablename__ = "shipment_label_file"

    label_id: UUID = Field(primary_key=True, foreign_key="shipment_label.id")
    media_type: str
    content: bytes = Field(repr=False)
    sha256: bytes

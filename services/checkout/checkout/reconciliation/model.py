"""The position of the reconciliation in a provider's ledger, and the findings of a run."""

from dataclasses import dataclass
from datetime import datetime

from chassis.data.rows import Field, Row


class Reconciliation(Row, table=True):
    """The position in the ledger of a provider. The lease lets one replica reconcile at a time."""

    __tablename__ = "reconciliation"

    provider: str = Field(primary_key=True)
    cursor: str
    leased_until: datetime


@dataclass(slots=True)
class Findings:
    """Counts of a run. `unmended` are payments without an order that could not be undone."""

    stuck_orders: int = 0
    paid_without_order: int = 0
    reservations_without_order: int = 0
    unmended: int = 0
    held_gift_cards: int = 0

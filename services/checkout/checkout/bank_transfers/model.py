"""Lines of bank statements, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.data.rows import Field, Row, minor
from chassis.money import Money


class TransferOutcome(StrEnum):
    """Outcomes of a line of an import."""

    SETTLED = "settled"
    IMPORTED_BEFORE = "imported_before"
    UNKNOWN_REFERENCE = "unknown_reference"
    AMOUNT_DIFFERS = "amount_differs"
    NOT_AWAITED = "not_awaited"


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A credit of a bank statement. `id` is the bank's own; `text` what the payer wrote."""

    id: str
    amount: Money
    text: str


@dataclass(frozen=True, slots=True)
class TransferResult:
    """The outcome of a line, the order that it names, and the amount that the order awaits."""

    id: str
    outcome: TransferOutcome
    order_id: UUID | None = None
    number: str = ""
    expected: Money | None = None


class BankTransfer(Row, table=True):
    """A line that settled a payment. Its text is not kept: it may hold personal data."""

    __tablename__ = "bank_transfer"

    id: str = Field(primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", unique=True)
    order_id: UUID = Field(foreign_key="orders.id")
    currency: str
    amount_minor: int = minor()
    imported_at: datetime

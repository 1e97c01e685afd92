"""Credit limits as rows, and what is left of one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from chassis.data.rows import Field, Row, counter, minor


class CreditLimit(Row, table=True):
    """The amount that a customer or an organization may owe at once, in minor units.

    Invoices are to be paid within `payment_days` of their order.
    """

    __tablename__ = "credit_limit"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (organization_id IS NULL)"),
        CheckConstraint("limit_minor > 0"),
        CheckConstraint("payment_days >= 0"),
        Index(
            "credit_limit_customer",
            "customer_id",
            "currency",
            unique=True,
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        Index(
            "credit_limit_organization",
            "organization_id",
            "currency",
            unique=True,
            postgresql_where=text("organization_id IS NOT NULL"),
        ),
    )

    code: str = Field(primary_key=True)
    customer_id: UUID | None = None
    organization_id: UUID | None = None
    currency: str
    limit_minor: int = minor()
    payment_days: int
    is_enabled: bool
    version: int = counter(default=1)


@dataclass(frozen=True, slots=True)
class Credit:
    """The part of a limit that is left for new orders, in minor units of its currency."""

    code: str
    currency: str
    available_minor: int
    payment_days: int

    def covers(self, amount_minor: int, currency: str) -> bool:
        """Returns whether an order of an amount may be paid by invoice."""
        return currency == self.currency and amount_minor <= self.available_minor

"""The credit of shoppers, as checkouts offer invoices by it."""

from uuid import UUID

from chassis.data.database import Database
from checkout.credit_limits.model import Credit
from checkout.credit_limits.queries import find_credit_limit, find_outstanding


class Credits:
    """The credit of shoppers. Ask without a connection out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, customer_id: UUID | None, organization_id: UUID | None, currency: str
    ) -> Credit | None:
        """Returns what is left of a shopper's limit in a currency; None without one."""
        async with self._database.read() as read:
            limit = await find_credit_limit(
                read, customer_id=customer_id, organization_id=organization_id, currency=currency
            )
            if limit is None:
                return None
            outstanding = (await find_outstanding(read, [limit.code])).get(limit.code, 0)
        available = max(limit.limit_minor - outstanding, 0)
        return Credit(limit.code, currency, available, limit.payment_days)

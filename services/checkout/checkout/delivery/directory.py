"""The delivery settings that a process has."""

from chassis.data.database import Database
from checkout.delivery.actions import seed_delivery
from checkout.delivery.queries import GROUP, load_table
from checkout.delivery.seeds import SEEDED
from checkout.delivery.table import DeliveryTable
from checkout.merchant_settings.directory import Directory


class DeliveryDirectory(Directory[DeliveryTable]):
    """The zones, calendars, methods and rates of delivery, followed within seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GROUP, load_table, SEEDED)

    async def seed(self) -> None:
        """Stores the seeded settings where nothing was ever stored."""
        async with self.database.tx() as tx:
            await seed_delivery(tx)

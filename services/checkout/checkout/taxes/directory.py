"""The tax table that a process has."""

from chassis.data.database import Database
from checkout.merchant_settings.directory import Directory
from checkout.taxes.actions import seed_tax_rates
from checkout.taxes.queries import GROUP, load_table
from checkout.taxes.seeds import SEEDED
from checkout.taxes.table import TaxTable


class TaxDirectory(Directory[TaxTable]):
    """The rates and settings of taxes, followed within seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GROUP, load_table, SEEDED)

    async def seed(self) -> None:
        """Stores the seeded rates where nothing was ever stored."""
        async with self.database.tx() as tx:
            await seed_tax_rates(tx)

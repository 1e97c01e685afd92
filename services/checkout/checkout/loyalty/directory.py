"""The loyalty rules that a process has."""

from chassis.data.database import Database
from checkout.loyalty.model import LoyaltyTable
from checkout.loyalty.queries import GROUP, load_loyalty_table
from checkout.merchant_settings.directory import Directory


class LoyaltyDirectory(Directory[LoyaltyTable]):
    """Rules of points, followed within seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GROUP, load_loyalty_table, LoyaltyTable())

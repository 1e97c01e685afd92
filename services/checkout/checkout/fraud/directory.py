"""The limits and settings against fraud that a process has."""

from chassis.data.database import Database
from checkout.fraud.model import FraudTable
from checkout.fraud.queries import GROUP, load_fraud_table
from checkout.merchant_settings.directory import Directory


class FraudDirectory(Directory[FraudTable]):
    """Limits and settings, followed within seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GROUP, load_fraud_table, FraudTable())

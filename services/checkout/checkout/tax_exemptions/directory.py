"""The tax exemptions that a process has."""

from chassis.data.database import Database
from checkout.merchant_settings.directory import Directory
from checkout.tax_exemptions.model import NONE, ExemptionTable
from checkout.tax_exemptions.queries import GROUP, load_exemptions


class ExemptionDirectory(Directory[ExemptionTable]):
    """The exemptions of customers and organizations, followed within seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GROUP, load_exemptions, NONE)

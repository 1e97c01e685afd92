"""The legal entities that a process has."""

from chassis.data.database import Database
from checkout.legal_entities.model import LegalEntityTable
from checkout.legal_entities.queries import GROUP, load_entities
from checkout.merchant_settings.directory import Directory


class LegalEntityDirectory(Directory[LegalEntityTable]):
    """The legal entities, followed within seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GROUP, load_entities, LegalEntityTable())

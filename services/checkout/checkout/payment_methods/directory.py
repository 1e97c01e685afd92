"""The payment methods that a process has."""

from chassis.data.database import Database
from chassis.data.tx import Read
from checkout.merchant_settings.directory import Directory
from checkout.payment_methods.offers import PaymentMethodTable
from checkout.payment_methods.queries import GROUP, find_methods


class PaymentMethodDirectory(Directory[PaymentMethodTable]):
    """The payment methods, followed within seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GROUP, _load, PaymentMethodTable())


async def _load(read: Read, revision: int) -> PaymentMethodTable:
    return PaymentMethodTable(await find_methods(read), revision=revision)

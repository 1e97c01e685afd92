"""The product that synthetic shoppers buy: made by itself where the settings ask for it."""

from typing import Final

from catalog.channels.model import Channels
from catalog.directory import Directory
from catalog.errors import InvalidImport
from catalog.products.import_products import import_products
from chassis import telemetry
from chassis.data.database import Database
from chassis.money import exponent
from chassis.runtime.loops import retry_while_unavailable
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1.money_pb2 import Money

SKU: Final = "SYNTHETIC"
SOURCE: Final = "sojourn"
# Each purchase gives its unit back; so many may be under way at once.
_STOCK: Final = 1_000
_PRICE_MAJOR: Final = 10
log = telemetry.log("probing")


async def prepare(database: Database, directory: Directory) -> None:
    """Makes the product, as soon as the database lets us.

    Idempotent. Whatever is in its way is logged, and stops nothing else.
    """

    async def make() -> None:
        async with database.tx() as tx:
            channels = (await directory.context(tx)).channels
            await import_products(tx, channels, SOURCE, [_product(channels)])

    try:
        await retry_while_unavailable(make, name="making of the synthetic product")
    except InvalidImport as error:
        log.error("there is no product for synthetic shoppers", exc_info=error)
    except Exception as error:
        # The service starts all the same: only synthetic shoppers miss something.
        log.error("the product for synthetic shoppers could not be made", exc_info=error)


def _product(channels: Channels) -> pb.ProductInput:
    """One unit of it costs ten units of each currency that a channel sells in."""
    priced = sorted(
        {
            (channel.price_list, currency)
            for channel in channels.all
            for currency in channel.currencies
        }
    )
    prices = [
        pb.PriceInput(
            price=Money(amount_minor=_PRICE_MAJOR * 10 ** exponent(currency), currency=currency),
            price_list=price_list,
        )
        for price_list, currency in priced
    ]
    stock = {warehouse: _STOCK for channel in channels.all for warehouse in channel.warehouses}
    return pb.ProductInput(
        external_id="synthetic",
        title={"en": "Synthetic product"},
        synthetic=True,
        variants=[pb.VariantInput(sku=SKU, prices=prices, initial_stock=stock)],
    )

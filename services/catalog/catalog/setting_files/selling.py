"""Records of warehouses, channels, price lists, storefronts and pick-up locations."""

from typing import Any, Final
from uuid import UUID

from catalog.channels.actions import FIELDS as CHANNEL_FIELDS
from catalog.channels.actions import create_channel, update_channel
from catalog.channels.model import Channel
from catalog.channels.queries import list_channels
from catalog.channels.wire import encode_channel
from catalog.channels.wire import values_of as channel_values_of
from catalog.errors import InvalidChannel, InvalidPriceList
from catalog.pickup_locations.actions import put_pickup_location
from catalog.pickup_locations.model import PickupLocation
from catalog.pickup_locations.queries import list_pickup_locations
from catalog.pickup_locations.wire import decode_pickup_location, encode_pickup_location
from catalog.prices.actions import create_price_list, update_price_list
from catalog.prices.model import PriceList, price_lists
from catalog.prices.queries import list_price_lists
from catalog.prices.wire import decode_price_list, encode_price_list
from catalog.seo.actions import update_storefront
from catalog.seo.model import Storefront
from catalog.seo.queries import all_storefronts
from catalog.seo.wire import encode_storefront, storefront_values_of
from catalog.setting_files.model import (
    Placed,
    Position,
    SettingKind,
    copy_fields,
    first_of,
    of_code,
    row_of,
)
from catalog.stock.changed_levels import CatalogContext
from catalog.warehouses.actions import create_warehouse, update_warehouse
from catalog.warehouses.model import Warehouse, list_warehouses
from catalog.warehouses.wire import decode_warehouse, encode_warehouse
from chassis.data.rows import columns_of
from chassis.data.tx import Read, Tx
from sojourn.catalog.v1 import (
    channels_pb2,
    pickup_locations_pb2,
    prices_pb2,
    seo_pb2,
    warehouses_pb2,
)
from sojourn.catalog.v1 import setting_records_pb2 as pb

_STOREFRONT_FIELDS: Final = [field.name for field in seo_pb2.StorefrontInput.DESCRIPTOR.fields]
# Of a price list that is there, these stay.
_FIXED: Final = ("channel", "currency", "organization_id", "customer_group")


async def _warehouses(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    found = []
    for row in await list_warehouses(read, after=first_of(after), size=size):
        record = warehouses_pb2.CreateWarehouseRequest()
        copy_fields(encode_warehouse(row), record)
        found.append(Placed((row.code,), record))
    return found


async def _store_warehouse(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    wanted = decode_warehouse(record)
    if await tx.get(Warehouse, record.code) is None:
        await create_warehouse(tx, wanted, actor_id=actor_id)
        return
    changes = {
        name: getattr(wanted, name)
        for name in columns_of(Warehouse)
        if name not in ("code", "version", "is_default")
    }
    # Another record makes its warehouse the default one.
    await update_warehouse(
        tx,
        record.code,
        {**changes, **({"is_default": True} if wanted.is_default else {})},
        actor_id=actor_id,
    )


async def _channels(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns all channels, there are few; those that share the list of another one come last."""
    lists = await price_lists(read)

    def is_own(channel: Channel) -> bool:
        return channel.price_list in lists and lists[channel.price_list].channel == channel.code

    found = []
    for row in sorted(await list_channels(read), key=lambda each: (not is_own(each), each.code)):
        record = channels_pb2.ChannelInput()
        copy_fields(encode_channel(row, is_publishing=False), record)
        record.prices_include_tax = is_own(row) and lists[row.price_list].tax_included
        found.append(Placed((row.code,), record))
    return found


async def _store_channel(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    values = channel_values_of(record, CHANNEL_FIELDS)
    if not values["is_default"]:
        del values["is_default"]
    if await tx.get(Channel, record.code) is None:
        includes_tax = record.prices_include_tax
        await create_channel(
            tx, record.code, values, prices_include_tax=includes_tax, actor_id=actor_id
        )
        return
    # A record is the whole channel: what it has not goes.
    values["own_data"] = values.pop("metadata")
    own = (await price_lists(tx)).get(record.price_list)
    is_own = own is not None and own.channel == record.code
    if own is not None and is_own and own.tax_included is not record.prices_include_tax:
        raise InvalidChannel("is said once, with the list", path="settings.prices_include_tax")
    await update_channel(tx, record.code, values, actor_id=actor_id)


async def _price_lists(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    own = {channel.price_list for channel in context.channels.all}
    found = []
    for row in await list_price_lists(read, after=first_of(after), size=size):
        record = prices_pb2.CreatePriceListRequest()
        copy_fields(encode_price_list(row, read.now, is_own=row.code in own), record)
        record.inactive = row.code not in own and not row.is_active
        found.append(Placed((row.code,), record))
    return found


async def _store_price_list(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    wanted = decode_price_list(record)
    wanted.channel = context.channels.channel(wanted.channel).code
    before = await tx.get(PriceList, record.code)
    if before is None:
        await create_price_list(tx, context.channels, wanted, actor_id=actor_id)
        return
    for name in _FIXED:
        if getattr(before, name) != getattr(wanted, name):
            raise InvalidPriceList("is said once, when the list is made", path=name)
    names: tuple[str, ...] = ("name", "priority", "is_active", "valid_from", "valid_to", "own_data")
    if any(channel.price_list == record.code for channel in context.channels.all):
        names = ("name", "own_data")
    changes = {name: getattr(wanted, name) for name in names}
    await update_price_list(tx, record.code, changes, actor_id=actor_id)


async def _storefronts(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns all storefronts: there is one a channel."""
    found = []
    for code, row in sorted((await all_storefronts(read)).items()):
        record = pb.StorefrontRecord(channel=code)
        record.storefront.SetInParent()
        copy_fields(encode_storefront(row), record.storefront)
        found.append(Placed((code,), record))
    return found


async def _storefront_state(read: Read, context: CatalogContext, record: Any) -> object:
    return await read.get(Storefront, context.channels.channel(record.channel).code)


async def _store_storefront(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    request = seo_pb2.UpdateStorefrontRequest(
        update_mask=_STOREFRONT_FIELDS, storefront=record.storefront
    )
    values = storefront_values_of(request)
    await update_storefront(tx, context.channels, record.channel, values, actor_id=actor_id)


async def _locations(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    found = []
    for row in await list_pickup_locations(read, after=first_of(after), size=size):
        record = pickup_locations_pb2.PickupLocationOfCode(code=row.code)
        copy_fields(encode_pickup_location(row), record.location)
        record.location.hidden = not row.is_active
        found.append(Placed((row.code,), record))
    return found


async def _store_location(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    location = decode_pickup_location(record.code, record.location, tx.now)
    await put_pickup_location(tx, location, actor_id=actor_id)


WAREHOUSES: Final = SettingKind(
    warehouses_pb2.CreateWarehouseRequest,
    of_code,
    _warehouses,
    row_of(Warehouse, "code"),
    _store_warehouse,
)
# Each waits for all others that publish: a transaction takes one.
CHANNELS: Final = SettingKind(
    channels_pb2.ChannelInput, of_code, _channels, row_of(Channel, "code"), _store_channel,
    root="settings.", most_stored=1, is_whole=True,
)  # fmt: skip
PRICE_LISTS: Final = SettingKind(
    prices_pb2.CreatePriceListRequest,
    of_code,
    _price_lists,
    row_of(PriceList, "code"),
    _store_price_list,
)
STOREFRONTS: Final = SettingKind(
    pb.StorefrontRecord,
    lambda record: ("channel", record.channel),
    _storefronts,
    _storefront_state,
    _store_storefront,
    is_whole=True,
)
PICKUP_LOCATIONS: Final = SettingKind(
    pickup_locations_pb2.PickupLocationOfCode, of_code, _locations, row_of(PickupLocation, "code"),
    _store_location,
)  # fmt: skip

"""Records of digital goods and gift cards: variants that no warehouse has."""

from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from catalog.digital_goods.actions import put_digital_good
from catalog.digital_goods.model import DigitalGood
from catalog.digital_goods.wire import decode_digital_good
from catalog.gift_card_variants.actions import put_gift_card_variant
from catalog.gift_card_variants.model import GiftCardVariant
from catalog.gift_card_variants.wire import decode_gift_card_variant
from catalog.products.model import Product, Variant
from catalog.setting_files.goods import is_there, of_sku, variant_id_of
from catalog.setting_files.model import Placed, Position, SettingKind, State, first_of
from catalog.stock.changed_levels import CatalogContext
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.wire import money
from sojourn.catalog.v1 import digital_goods_pb2, gift_card_variants_pb2

R = TypeVar("R", DigitalGood, GiftCardVariant)


def _of_variants(table: type[R]) -> Select[R, str]:
    return (
        select(table, Variant.sku)
        .join(Variant, col(Variant.id) == col(table.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(*is_there, col(Variant.sku) > bindparam("after"))
        .order_by(col(Variant.sku))
        .limit(bindparam("size"))
    )


_GOODS: Final = prepare(_of_variants(DigitalGood))
_CARDS: Final = prepare(_of_variants(GiftCardVariant))


async def _goods(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns digital goods; their files and licence keys stay where they are."""
    return [
        Placed(
            (sku,),
            digital_goods_pb2.PutDigitalGoodRequest(
                sku=sku,
                needs_keys=good.needs_keys,
                download_limit=good.download_limit,
                download_days=good.download_days,
                low_keys_at_most=good.low_keys_at_most,
            ),
        )
        for good, sku in await read.all(_GOODS, after=first_of(after), size=size)
    ]


async def _store_good(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    await put_digital_good(tx, context, decode_digital_good(record), actor_id=actor_id)


async def _cards(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    return [
        Placed(
            (sku,),
            gift_card_variants_pb2.PutGiftCardVariantRequest(
                sku=sku,
                face_values=[
                    money(amount, currency) for currency, amount in card.face_values.items()
                ],
            ),
        )
        for card, sku in await read.all(_CARDS, after=first_of(after), size=size)
    ]


async def _store_card(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    await put_gift_card_variant(tx, context, decode_gift_card_variant(record), actor_id=actor_id)


def _state_of(table: type[DigitalGood] | type[GiftCardVariant]) -> State:
    async def state(read: Read, context: CatalogContext, record: Any) -> object:
        variant_id = await variant_id_of(read, record.sku)
        return await read.get(table, variant_id) if variant_id else None

    return state


DIGITAL_GOODS: Final = SettingKind(
    digital_goods_pb2.PutDigitalGoodRequest, of_sku, _goods, _state_of(DigitalGood), _store_good
)
GIFT_CARD_VARIANTS: Final = SettingKind(
    gift_card_variants_pb2.PutGiftCardVariantRequest,
    of_sku,
    _cards,
    _state_of(GiftCardVariant),
    _store_card,
)

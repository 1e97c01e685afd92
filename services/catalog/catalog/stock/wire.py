"""Stock levels as messages."""

from catalog.stock.model import StockLevel
from sojourn.catalog.v1 import catalog_pb2 as pb


def encode_stock_level(level: StockLevel, sku: str) -> pb.StockLevel:
    return pb.StockLevel(
        variant_id=str(level.variant_id),
        sku=sku,
        warehouse=level.warehouse,
        on_hand=level.on_hand,
        reserved=level.reserved,
    )

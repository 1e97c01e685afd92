"""Variants that are sold as gift cards."""

from datetime import datetime
from uuid import UUID

from chassis.data.rows import Field, Row, counter, document


class GiftCardVariant(Row, table=True):
    """A variant that is a gift card: a denomination.

    `face_values` are what a card is worth by currency, in minor units, where that is not its price.
    """

    __tablename__ = "gift_card_variant"

    variant_id: UUID = Field(primary_key=True, foreign_key="variant.id")
    face_values: dict[str, int] = document(dict[str, int])
    version: int = counter(default=1)
    updated_at: datetime

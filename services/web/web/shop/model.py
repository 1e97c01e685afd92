"""Replies of the gateway that the shop's pages show: sessions, carts, orders and products."""

from datetime import date, datetime
from typing import Final

from pydantic import field_validator

from web.gateway_client import Reply

_UNDER_WAY: Final = frozenset({"placed", "partially_shipped", "shipped"})


class Amount(Reply):
    """Minor units of a currency."""

    amount_minor: int
    currency: str


class Measure(Reply):
    """A quantity: `steps` × 10^-`scale` units."""

    steps: int
    scale: int = 0
    unit_code: str = ""


class Total(Reply):
    type: str
    label: str = ""
    amount: Amount


class Item(Reply):
    """The goods of one line."""

    title: str
    options: str = ""
    image_url: str = ""
    quantity: Measure
    total: Amount


class CartLine(Reply):
    item: Item


class Cart(Reply):
    lines: list[CartLine] = []
    totals: list[Total] = []


class Shipment(Reply):
    status: str
    carrier: str
    tracking_number: str = ""
    tracking_url: str = ""
    delivered_at: datetime | None = None


class PlannedShipment(Reply):
    """Lines of an order that leave together; without a day where it is not known when."""

    line_ids: list[str] = []
    latest_on: date | None = None

    @field_validator("latest_on", mode="before")
    @classmethod
    def _empty_is_unknown(cls, value: object) -> object:
        return value or None


class DeliveryDays(Reply):
    latest_on: date | None = None
    shipments: list[PlannedShipment] = []


class OrderedItem(Reply):
    title: str
    options: str = ""


class OrderLine(Reply):
    id: str
    item: OrderedItem


class Order(Reply):
    number: str
    status: str
    shipments: list[Shipment] = []
    delivery_option: DeliveryDays | None = None
    lines: list[OrderLine] = []
    totals: list[Total] = []
    created_at: datetime
    placed_at: datetime | None = None

    @property
    def total(self) -> Amount | None:
        return next((one.amount for one in self.totals if one.type == "total"), None)

    @property
    def groups(self) -> list[tuple[date | None, str]]:
        """The groups in which a split order leaves: their last day, and the titles of the goods.

        Empty where the order leaves together, and once all of it arrived or nothing will.
        """
        planned = self.delivery_option.shipments if self.delivery_option else []
        if len(planned) < 2 or self.status not in _UNDER_WAY:
            return []
        titles = {line.id: line.item.title for line in self.lines}
        return [
            (each.latest_on, ", ".join(titles[one] for one in each.line_ids if one in titles))
            for each in planned
        ]


class OrderList(Reply):
    orders: list[Order] = []


class Image(Reply):
    url: str = ""
    alt: str = ""


class ProductCard(Reply):
    slug: str
    title: str
    brand: str = ""
    image: Image | None = None
    price_from: Amount | None = None


class ProductList(Reply):
    products: list[ProductCard] = []


class Session(Reply):
    """A guest's or a customer's session at the gateway."""

    access_token: str
    expires_in_seconds: int
    kind: str
    device_token: str = ""


class SurveyChoice(Reply):
    id: str
    text: str


class SurveyQuestion(Reply):
    """A question of a survey in one language."""

    id: str
    type: str
    text: str
    choices: list[SurveyChoice] = []
    lowest: int = 0
    highest: int = 0
    is_required: bool = False

    @property
    def numbers(self) -> range:
        """Numbers of a scale."""
        return range(self.lowest, self.highest + 1)


class Survey(Reply):
    """A survey in one language. One without a score has `highest_score` 0."""

    type: str
    locale: str = "en"
    score_text: str = ""
    lowest_score: int = 0
    highest_score: int = 0
    questions: list[SurveyQuestion] = []

    @property
    def scores(self) -> range:
        """Possible scores."""
        return range(self.lowest_score, self.highest_score + 1 if self.highest_score else 0)

"""Replies of the gateway that the shop's pages show: sessions, carts, orders and products."""

from datetime import datetime

from web.gateway_client import Reply


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


class Order(Reply):
    number: str
    status: str
    totals: list[Total] = []
    created_at: datetime
    placed_at: datetime | None = None

    @property
    def total(self) -> Amount | None:
        return next((one.amount for one in self.totals if one.type == "total"), None)


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
    price_from: Amount


class ProductList(Reply):
    products: list[ProductCard] = []


class Session(Reply):
    """A guest's or a customer's session at the gateway."""

    access_token: str
    expires_in_seconds: int
    kind: str
    device_token: str = ""

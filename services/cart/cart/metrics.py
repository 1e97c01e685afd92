"""Metrics of cart.

Each series exists at 0 from the start, because `increase()` ignores the first sample of a new
series.
"""

from typing import Final

from prometheus_client import Counter

carts: Final = Counter("carts_total", "carts by what happened to them", ["event"])
coupons: Final = Counter("coupons_total", "coupon codes typed, by outcome", ["outcome"])
redemptions: Final = Counter(
    "redemptions_total", "orders that used a cart, by outcome", ["outcome"]
)
prices_not_current: Final = Counter(
    "cart_prices_not_current_total", "carts answered with last seen prices, as catalog was away"
)


for _event in (
    "created",
    "line_added",
    "saved",
    "merged",
    "restored",
    "abandoned",
    "ordered",
    "reopened",
):
    carts.labels(_event)
for _outcome in ("applied", "unknown", "expired", "used_up", "not_first_order", "below_minimum"):
    coupons.labels(_outcome)
for _outcome in ("redeemed", "refused", "undone"):
    redemptions.labels(_outcome)

"""What the cart service counts."""

from prometheus_client import Counter

carts_total = Counter("carts_total", "carts by what became of them", ["event"])
redemptions_total = Counter("redemptions_total", "promotions used and given back", ["outcome"])
for _event in ("created", "abandoned", "ordered", "merged", "restored"):
    carts_total.labels(_event)
for _outcome in ("redeemed", "refused", "undone"):
    redemptions_total.labels(_outcome)

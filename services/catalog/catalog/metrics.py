"""Metrics of the catalogue.

Each series exists at 0 from the start, because `increase()` ignores the first sample of a new
series.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

stock_oversold: Final = Counter(
    "stock_oversold_total", "units found reserved beyond what is on hand; must stay 0"
)
oversold_units: Final = Gauge(
    "stock_oversold_units", "units reserved beyond what is on hand, as last looked; must be 0"
)
reservation_drift: Final = Gauge(
    "reservation_drift_units",
    "difference between reserved counters and held reservations; must be 0",
)
reservations: Final = Counter(
    "reservations_total", "reservations by what became of them", ["outcome"]
)
products_imported: Final = Counter(
    "products_imported_total", "products by what an import did", ["outcome"]
)
search_products: Final = Gauge("search_index_products", "products in this replica's search index")
search_checked: Final = Gauge(
    "search_index_checked_seconds", "Unix time at which this replica last looked for changes"
)
search_snapshots: Final = Counter(
    "search_index_snapshots_total", "snapshots of the search index by outcome", ["outcome"]
)
search_refresh_seconds: Final = Histogram(
    "search_index_refresh_seconds",
    "time to bring changes into the index",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)

for _outcome in (
    "held",
    "refused",
    "confirmed",
    "released",
    "restocked",
    "expired",
    "tombstone",
):
    reservations.labels(_outcome)
for _outcome in ("opened", "stored", "damaged"):
    search_snapshots.labels(_outcome)
for _outcome in ("created", "updated", "unchanged"):
    products_imported.labels(_outcome)

"""Metrics of checkout.

Each series exists at 0 from the start, because `increase()` ignores the first sample of a new
series.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from chassis import telemetry
from chassis.money import CURRENCIES
from checkout.orders.model import Order

orders = Counter("orders_total", "orders that ended so", ["status"])
payments = Counter("payments_total", "answers of the payment provider", ["outcome"])
revenue = Counter(
    "revenue_minor_total",
    "totals of placed orders, taxes included, in minor units of the currency",
    ["currency"],
)
refunded = Counter(
    "refunded_minor_total", "amounts given back, in minor units of the currency", ["currency"]
)
checkout_seconds = Histogram(
    "checkout_seconds",
    "from the call that places an order to its end or its wait for the buyer",
    buckets=telemetry.BUCKETS,
)
paid_without_order = Gauge(
    "paid_without_order",
    "payments that hold or took money for no live order and could not be undone, as last looked",
)
reconciler_findings = Counter("reconciler_findings_total", "what the reconciler found", ["kind"])
authorizations_lapsing = Gauge(
    "payment_authorizations_lapsing",
    "authorized payments of unshipped goods that lapse within a day, as last looked",
)
captures_failed = Gauge(
    "payment_captures_failed", "captures with shipments that the provider refused, as last looked"
)
refunds_owed = Gauge(
    "refunds_owed", "refunds that failed after they were told, and are still owed, as last looked"
)
reconciler_last_success = Gauge(
    "reconciler_last_success_seconds", "Unix time of the reconciler's last whole run"
)

synthetic_orders = Counter(
    "synthetic_orders_total",
    "orders of synthetic shoppers that ended so: they count as nothing else",
    ["status"],
)

vat_id_checks = Counter(
    "vat_id_checks_total", "answers of authorities on VAT ids", ["authority", "status"]
)
tax_calculations = Counter("tax_calculations_total", "answers of the tax provider", ["outcome"])

fraud_decisions = Counter(
    "fraud_decisions_total", "orders that were screened, by the decision", ["decision"]
)
fraud_scores = Counter("fraud_scores_total", "answers of the scorer of fraud", ["outcome"])

ORDER_STATUSES: Final = ("placed", "refused", "action_required", "cancelled")
PAYMENT_OUTCOMES: Final = (
    "captured",
    "capture_failed",
    "declined",
    "requires_action",
    "in_doubt",
    "unavailable",
    "undone",
    "refunded",
    "refund_failed",
)
FINDINGS: Final = (
    "stuck_order",
    "stuck_refund",
    "paid_without_order",
    "reservation_without_order",
    "held_gift_card",
)

for _decision in ("accept", "review", "refuse"):
    fraud_decisions.labels(_decision)
for _answer in ("scored", "unavailable"):
    fraud_scores.labels(_answer)
for _currency in CURRENCIES:
    revenue.labels(_currency)
    refunded.labels(_currency)
for _status in ORDER_STATUSES:
    orders.labels(_status)
    synthetic_orders.labels(_status)
for _outcome in PAYMENT_OUTCOMES:
    payments.labels(_outcome)
for _kind in FINDINGS:
    reconciler_findings.labels(_kind)


def count_order(status: str, order: Order) -> None:
    """Counts an order by the status that it reached."""
    (synthetic_orders if order.is_synthetic else orders).labels(status).inc()


def count_payment(outcome: str, order: Order) -> None:
    """Counts an outcome at the provider, unless the order is synthetic."""
    telemetry.count(payments, outcome, synthetic=order.is_synthetic)


for _outcome in ("calculated", "unavailable"):
    tax_calculations.labels(_outcome)

"""Metrics of notifications.

Each series is created at 0, because `increase()` ignores the first sample of a new series.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

mails = Counter("mails_total", "mails, or attempts to deliver them, by outcome", ["outcome"])
mail_oldest_queued = Gauge(
    "mail_oldest_queued_seconds", "age of the oldest unsent mail, measured every 5 s"
)
sending_seconds = Histogram(
    "mail_sending_seconds",
    "from queueing a mail to its acceptance by the server",
    buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
confirmation_seconds = Histogram(
    "confirmation_mail_seconds",
    "from the placing of an order to the acceptance of its confirmation by the mail server",
    buckets=(1, 2.5, 5, 10, 30, 60, 120, 300, 3600),
)
confirmations = Counter(
    "address_confirmations_total", "addresses confirmed by the link of a mail, with repeats"
)
unsubscribes = Counter("unsubscribes_total", "topics ended by a link", ["topic"])

OUTCOMES: Final = (
    "sent", "failed", "suppressed", "retried", "away", "in_doubt", "recovered", "repeated_in_doubt",
    "skipped", "without_address",
    "unconfirmed", "over_budget",
)  # fmt: skip
for _outcome in OUTCOMES:
    mails.labels(_outcome)
for _topic in ("reminders", "surveys", "marketing"):
    unsubscribes.labels(_topic)

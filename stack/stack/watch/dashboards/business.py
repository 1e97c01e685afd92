"""Business: orders, revenue, conversion, abandonment, and money at risk."""

from __future__ import annotations

from typing import Final

from stack.watch.dashboards.panels import Lines, Number, Page, Row
from stack.watch.queries import grown, highest, quantile, rate, series

_PLACED: Final = 'status="placed"'
# Synthetic shoppers are on no way to an order.
_OPENED: Final = 'synthetic="",route="/v1/products/{slug}",status=~"200|304"'
_STARTED: Final = 'synthetic="",route="/v1/checkouts",method="POST",status="201"'
_LAST: Final = "reconciler_last_success_seconds"


def page() -> Page:
    return Page(
        name="business",
        title="Business",
        about="What is sold, where shoppers turn back, and whose money is at risk.",
        rows=[_sales(), _conversion(), _payments(), _risk()],
    )


def _sales() -> Row:
    revenue = f"{grown('revenue_minor_total', by='currency')} > 0"
    per_order = f"sum({grown('revenue_minor_total')}) / {grown('orders_total', _PLACED)}"
    return Row(
        "Sales over the time shown",
        [
            Number("Orders", "none", grown("orders_total", _PLACED)),
            Number(
                "Revenue, minor units",
                "none",
                revenue,
                legend="{{currency}}",
                about="Totals of placed orders, taxes included.",
            ),
            Number("Refunded, minor units", "none", grown("refunded_minor_total")),
            Number(
                "Average order, minor units",
                "none",
                per_order,
                about="Means something where one currency is sold in.",
            ),
            Number("Customers registered", "none", grown("registrations_total")),
            Number("Logins", "none", grown("logins_total", 'outcome="succeeded"')),
            Lines(
                "Orders by end", "ops", {"{{status}}": rate("orders_total", by="status")}, width=12
            ),
            Lines(
                "Revenue per second, minor units",
                "none",
                {"{{currency}}": f"{rate('revenue_minor_total', by='currency')} > 0"},
                width=12,
            ),
        ],
    )


def _conversion() -> Row:
    views, carts = grown("http_requests_total", _OPENED), grown("carts_total", 'event="created"')
    checkouts, orders = grown("http_requests_total", _STARTED), grown("orders_total", _PLACED)
    abandoned = grown("carts_total", 'event="abandoned"')
    return Row(
        "Conversion by stage",
        [
            Number("Products opened", "none", views),
            Number("Carts per product opened", "percentunit", f"{carts} / {views}"),
            Number("Checkouts per cart", "percentunit", f"{checkouts} / {carts}"),
            Number("Orders per checkout", "percentunit", f"{orders} / {checkouts}"),
            Number("Carts abandoned", "none", abandoned),
            Number("Abandoned per cart", "percentunit", f"{abandoned} / {carts}"),
            Lines(
                "Stages",
                "ops",
                {
                    "product opened": rate("http_requests_total", _OPENED),
                    "cart created": rate("carts_total", 'event="created"'),
                    "checkout started": rate("http_requests_total", _STARTED),
                    "order placed": rate("orders_total", _PLACED),
                },
            ),
            Lines("Carts", "ops", {"{{event}}": rate("carts_total", by="event")}),
            Lines(
                "Reminders of abandoned carts",
                "ops",
                {"{{outcome}}": rate("reminders_total", by="outcome")},
            ),
            Lines("Coupons typed", "ops", {"{{outcome}}": rate("coupons_total", by="outcome")}),
            Lines("Reservations", "ops", {"{{outcome}}": rate("reservations_total", by="outcome")}),
            Lines("Survey answers", "ops", {"{{group}}": rate("feedback_total", by="group")}),
        ],
    )


def _payments() -> Row:
    answered = 'outcome=~"captured|declined|requires_action"'
    declined = f"{_rate_of('declined')} / {rate('payments_total', answered)}"
    return Row(
        "Payments",
        [
            Lines(
                "Answers of the provider",
                "ops",
                {"{{outcome}}": rate("payments_total", by="outcome")},
            ),
            Lines("Share declined", "percentunit", {"declined": declined}),
            Lines(
                "Placing an order takes",
                "s",
                {
                    f"{share:.0%}": quantile(share, "checkout_seconds")
                    for share in (0.5, 0.95, 0.99)
                },
            ),
        ],
    )


def _rate_of(outcome: str) -> str:
    return rate("payments_total", f'outcome="{outcome}"')


def _risk() -> Row:
    age = f"time() - max({series(_LAST)})"
    latest = f"{series(_LAST)} == on (namespace) group_left () max by (namespace) ({series(_LAST)})"
    unmended = f"max({series('paid_without_order')} and on (namespace, instance) ({latest}))"
    return Row(
        "Money at risk",
        [
            Number("Paid without an order", "none", unmended, bad_above=0),
            Number("Units oversold", "none", highest("stock_oversold_units"), bad_above=0),
            Number(
                "Units of reservation drift",
                "none",
                highest("reservation_drift_units"),
                bad_above=0,
            ),
            Number("Reconciler succeeded", "s", age, about="How long ago.", bad_above=900),
            Number("Oldest unsent mail", "s", highest("mail_oldest_queued_seconds"), bad_above=120),
            Number(
                "Dead letters",
                "none",
                f"sum({highest('dead_letters_waiting', by='job')})",
                bad_above=0,
            ),
            Lines(
                "Findings of the reconciler",
                "ops",
                {"{{kind}}": rate("reconciler_findings_total", by="kind")},
                width=12,
            ),
            Lines(
                "Order to confirmation mail",
                "s",
                {
                    f"{share:.0%}": quantile(share, "confirmation_mail_seconds")
                    for share in (0.5, 0.95, 0.99)
                },
                width=12,
            ),
        ],
    )

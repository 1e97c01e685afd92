"""Alerts on money at risk: payments, orders, stock, awaited mails, customers' data."""

from __future__ import annotations

from stack.watch.pace import Pace
from stack.watch.rules import Alert, Group

_ANSWERED = 'payments_total{job="checkout",outcome=~"captured|declined|requires_action"}'
_SILENT = 'payments_total{job="checkout",outcome=~"in_doubt|unavailable"}'
_DECLINED = 'payments_total{job="checkout",outcome="declined"}'


def groups(pace: Pace) -> list[Group]:
    every = pace("30s")
    return [
        Group("money-payments", every, [*_reconciling(pace), *_payments(pace)]),
        Group("money-stock", every, _stock(pace)),
        Group("money-mails", every, _mails(pace)),
        Group("money-touchpoints", every, _touchpoints(pace)),
    ]


def _reconciling(pace: Pace) -> list[Alert]:
    # One replica reconciles at a time, so the gauge of every other is old: the one that succeeded
    # last knows.
    last = 'reconciler_last_success_seconds{job="checkout"}'
    latest = f"{last} == on (namespace) group_left () max by (namespace) ({last})"
    return [
        Alert(
            name="PaidWithoutOrder",
            severity="critical",
            area="money",
            wait=pace("2m"),
            expr=f'max by (namespace) (\n  paid_without_order{{job="checkout"}}\n  and on '
            f"(namespace, instance) ({latest})\n) > 0",
            summary="{{ $value }} payments hold or took money for no live order, and could not be "
            "undone.",
            impact="Buyers paid and get nothing for it.",
        ),
        Alert(
            name="RefundsOwed",
            severity="warning",
            area="money",
            wait=pace("2m"),
            expr=f'max by (namespace) (\n  refunds_owed{{job="checkout"}}\n  and on '
            f"(namespace, instance) ({latest})\n) > 0",
            summary="{{ $value }} refunds failed after buyers were told of them.",
            impact="Buyers wait for money that their bank sent back.",
        ),
        Alert(
            name="PaymentCapturesFailed",
            severity="warning",
            area="money",
            wait=pace("2m"),
            expr=f'max by (namespace) (\n  payment_captures_failed{{job="checkout"}}\n  and on '
            f"(namespace, instance) ({latest})\n) > 0",
            summary="{{ $value }} captures with shipments failed.",
            impact="Goods are on their way without their money.",
        ),
        Alert(
            name="PaymentAuthorizationsLapsing",
            severity="warning",
            area="money",
            wait=pace("2m"),
            expr=f'max by (namespace) (\n  payment_authorizations_lapsing{{job="checkout"}}\n  and '
            f"on (namespace, instance) ({latest})\n) > 0",
            summary="{{ $value }} authorized payments of unshipped goods lapse within a day.",
            impact="Once the bank gives an amount up, its order cannot be charged when it ships.",
        ),
        Alert(
            name="ReconcilerFindings",
            severity="warning",
            area="money",
            expr="sum by (namespace, kind) "
            f'(increase(reconciler_findings_total{{job="checkout"}}[{pace("1h")}])) > 0',
            summary="The reconciler found and mended: {{ $labels.kind }}.",
            impact="None any more, but something leaves orders, payments or stock behind, and the "
            "next may not be mended.",
        ),
        Alert(
            name="ReconcilerStale",
            severity="critical",
            area="money",
            wait=pace("5m"),
            expr=f"time() - max by (namespace) ({last}) > {pace.seconds('15m')}",
            summary="No whole run of the reconciler for {{ $value | humanizeDuration }}.",
            impact="Buyers who paid without getting an order stay unnoticed, and orders that are "
            "stuck stay so.",
        ),
    ]


def _payments(pace: Pace) -> list[Alert]:
    five, thirty = pace("5m"), pace("30m")
    tries = (
        'http_requests_total{job="gateway",synthetic="",method="POST",'
        'route=~"/v1/checkouts/{checkout_id}/complete|/v1/orders"}'
    )
    return [
        Alert(
            name="PaymentsFailing",
            severity="critical",
            area="money",
            wait=pace("1m"),
            expr=(
                f"sum by (namespace) (rate({_SILENT}[{five}]))\n/ (sum by (namespace) "
                f"(rate({_SILENT}[{five}]))"
                f" + sum by (namespace) (rate({_ANSWERED}[{five}])) > 0) > 0.2\n"
                f"and sum by (namespace) (increase({_SILENT}[{five}])) >= 3"
            ),
            summary="The payment provider gave no answer to {{ $value | humanizePercentage }} of "
            "what it was asked.",
            impact="Buyers wait for their payment, and their orders are not placed until it "
            "answers.",
        ),
        Alert(
            name="PaymentsDeclined",
            severity="warning",
            area="money",
            wait=pace("10m"),
            expr=(
                f"sum by (namespace) (rate({_DECLINED}[{thirty}]))\n/ (sum by (namespace) "
                f"(rate({_ANSWERED}[{thirty}])) > 0) > 0.5\n"
                f"and sum by (namespace) (increase({_DECLINED}[{thirty}])) >= 10"
            ),
            summary="{{ $value | humanizePercentage }} of the payments are declined.",
            impact="Buyers with good cards may be refused, or somebody tries stolen ones.",
        ),
        Alert(
            name="NoOrders",
            severity="critical",
            area="money",
            wait=pace("5m"),
            expr=(
                f"sum by (namespace) (increase({tries}[{thirty}])) >= 10\n"
                "unless sum by (namespace) "
                f'(increase(orders_total{{job="checkout",status="placed"}}[{thirty}])) > 0'
            ),
            summary="{{ $value | humanize }} attempts to place an order, and not one was placed.",
            impact="Nobody can buy, whatever the answers of the API say.",
        ),
    ]


def _stock(pace: Pace) -> list[Alert]:
    return [
        Alert(
            name="StockOversold",
            severity="critical",
            area="money",
            expr=(
                'max by (namespace) (stock_oversold_units{job="catalog"}) > 0\n'
                "or max by (namespace) "
                f'(increase(stock_oversold_total{{job="catalog"}}[{pace("1h")}])) > 0'
            ),
            summary="More is reserved than there is: {{ $value | humanize }} units.",
            impact="Buyers pay for goods that cannot be delivered.",
        ),
        Alert(
            name="ReservationDrift",
            severity="warning",
            area="money",
            wait=pace("10m"),
            expr='max by (namespace) (reservation_drift_units{job="catalog"}) > 0',
            summary="Reserved counters and held reservations differ by {{ $value }} units.",
            impact="Goods that are there look sold out, or goods look available that are not.",
        ),
    ]


def _mails(pace: Pace) -> list[Alert]:
    failed, ended = (
        'mails_total{job="notifications",outcome="failed"}',
        'mails_total{job="notifications",outcome=~"failed|sent"}',
    )
    hour = pace("1h")
    return [
        Alert(
            name="MailsWaiting",
            severity="critical",
            area="money",
            wait=pace("1m"),
            expr=f'max by (namespace) (mail_oldest_queued_seconds{{job="notifications"}}) > '
            f"{pace.seconds('2m')}",
            summary="The oldest unsent mail has waited for {{ $value | humanizeDuration }}.",
            impact="Buyers hear nothing of their orders.",
        ),
        Alert(
            name="MailsFailed",
            severity="warning",
            area="money",
            expr=(
                f"sum by (namespace) (increase({failed}[{hour}]))\n/ (sum by (namespace) "
                f"(increase({ended}[{hour}])) > 0) > 0.05\n"
                f"and sum by (namespace) (increase({failed}[{hour}])) >= 5"
            ),
            summary="{{ $value | humanizePercentage }} of the mails were given up.",
            impact="Buyers do not get mails that they wait for, and will not unless somebody "
            "gives them back.",
        ),
    ]


def _touchpoints(pace: Pace) -> list[Alert]:
    return [
        Alert(
            name="TouchpointsLost",
            severity="warning",
            area="money",
            expr="sum by (namespace) "
            f'(increase(touchpoints_lost_total{{job="gateway"}}[{pace("15m")}])) > 0',
            summary="{{ $value | humanize }} touchpoints were lost.",
            impact="Customers notice nothing; journeys and funnels have a gap for good.",
        )
    ]

"""Alerts on messaging: outbox, consumers, dead letters, timers, and skipped rows."""

from __future__ import annotations

from stack.watch.pace import Pace
from stack.watch.rules import Alert, Group


def groups(pace: Pace) -> list[Group]:
    return [
        Group(
            "messaging",
            pace("30s"),
            [*_events(pace), *_consumers(pace), _timers(pace), _rows(pace)],
        )
    ]


def _events(pace: Pace) -> list[Alert]:
    return [
        Alert(
            name="OutboxOld",
            severity="critical",
            area="messaging",
            wait=pace("1m"),
            expr=f"max by (namespace, job) (outbox_oldest_seconds) > {pace.seconds('1m')}",
            summary="The oldest event of {{ $labels.job }} has waited for {{ $value | "
            "humanizeDuration }} to be published.",
            impact="What follows from an order, a registration or a changed price does not "
            "happen: no mail, no stock news, no journey.",
        ),
        Alert(
            name="DeadLetters",
            severity="warning",
            area="messaging",
            expr=(
                "max by (namespace, job) (dead_letters_waiting) > 0\n"
                f"or sum by (namespace, job) (increase(dead_letters_total[{pace('15m')}])) > 0"
            ),
            summary="{{ $labels.job }} gave up {{ $value | humanize }} events; they wait as dead "
            "letters.",
            impact="What should have followed from each of them is missing until it is given "
            "back: a mail, a count, a touchpoint.",
        ),
    ]


def _consumers(pace: Pace) -> list[Alert]:
    ten = pace("10m")
    return [
        Alert(
            name="ConsumerStalled",
            severity="critical",
            area="messaging",
            wait=pace("5m"),
            expr=(
                "max by (namespace, job, consumer) "
                f"(min_over_time(consumer_pending_messages[{ten}])) > 0\n"
                "and max by (namespace, job, consumer) "
                f"(changes(consumer_acknowledged_sequence[{ten}])) == 0"
            ),
            summary="{{ $labels.consumer }} of {{ $labels.job }} handles nothing, and {{ $value "
            "}} messages wait for it.",
            impact="Mails, counts or journeys stand still for everybody.",
        ),
        Alert(
            name="ConsumerLagging",
            severity="warning",
            area="messaging",
            wait=pace("10m"),
            expr="max by (namespace, job, consumer) (consumer_pending_messages) > 1000",
            summary="{{ $value }} messages wait for {{ $labels.consumer }} of {{ $labels.job }}.",
            impact="Mails, counts or journeys are late.",
        ),
    ]


def _timers(pace: Pace) -> Alert:
    return Alert(
        name="TimersLate",
        severity="critical",
        area="messaging",
        wait=pace("5m"),
        expr=f"max by (namespace, job) (timers_oldest_due_seconds) > {pace.seconds('5m')}",
        summary="A timer of {{ $labels.job }} has been due for {{ $value | humanizeDuration }}.",
        impact="Orders that were interrupted are not finished, reservations not given back, "
        "refunds or mails not sent.",
    )


def _rows(pace: Pace) -> Alert:
    return Alert(
        name="RowsSkipped",
        severity="warning",
        area="messaging",
        expr=(
            "max by (namespace, job, loop) (skipped_rows) > 0\n"
            f"or sum by (namespace, job, loop) (increase(rows_skipped_total[{pace('15m')}])) > 0"
        ),
        summary="{{ $labels.job }} leaves out {{ $value | humanize }} rows in {{ $labels.loop }} "
        "that it cannot handle.",
        impact="What each row stands for is missing until it is mended: a product in the search, "
        "a timer, an event. All others go on.",
    )

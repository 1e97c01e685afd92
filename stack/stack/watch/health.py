"""Alerts on the processes themselves and on what they stand on."""

from __future__ import annotations

from collections.abc import Sequence

from stack.watch.pace import Pace
from stack.watch.rules import Alert, Group


def groups(services: Sequence[str], pace: Pace) -> list[Group]:
    """`services` are the jobs that must be there."""
    rules = [*_targets(services, pace), *_dependencies(pace), *_saturation(pace), _watchdog()]
    return [Group("health", pace("30s"), rules)]


def _targets(services: Sequence[str], pace: Pace) -> list[Alert]:
    up = f'up{{job=~"{"|".join(services)}"}}'
    absent = "".join(f'\nor absent(up{{job="{service}"}})' for service in services)
    return [
        Alert(
            name="ServiceDown",
            severity="critical",
            area="platform",
            wait=pace("1m"),
            expr=f"sum by (namespace, job) ({up}) == 0{absent}",
            summary="No replica of {{ $labels.job }} answers.",
            impact="Everything that needs {{ $labels.job }} is answered with an error, or waits.",
        ),
        Alert(
            name="TargetDown",
            severity="warning",
            area="platform",
            wait=pace("5m"),
            expr=f"count by (namespace, job) ({up} == 0) > 0",
            summary="{{ $value }} replicas of {{ $labels.job }} do not answer.",
            impact="None while others serve; there is less room for load and for the next failure.",
        ),
    ]


def _dependencies(pace: Pace) -> list[Alert]:
    return [
        Alert(
            name="DatabaseAway",
            severity="critical",
            area="platform",
            wait=pace("1m"),
            expr='count by (namespace, job) (dependency_up{dependency="postgres"} == 0) > 0',
            summary="{{ $value }} replicas of {{ $labels.job }} cannot reach their database.",
            impact="Requests that need {{ $labels.job }} are answered with 503.",
        ),
        Alert(
            name="BrokerAway",
            severity="critical",
            area="platform",
            wait=pace("1m"),
            expr='count by (namespace) (dependency_up{dependency="nats"} == 0) > 0',
            summary="{{ $value }} processes cannot reach NATS.",
            impact="Buying goes on; mails, stock news and journeys wait until it is back.",
        ),
    ]


def _saturation(pace: Pace) -> list[Alert]:
    return [
        Alert(
            name="ConnectionsExhausted",
            severity="warning",
            area="platform",
            wait=pace("5m"),
            expr=f"max by (namespace, job) (min_over_time(database_calls_waiting[{pace('2m')}])) "
            "> 0",
            summary="Calls of {{ $labels.job }} wait for a database connection all the time.",
            impact="Answers are slow, and the next step is 503.",
        ),
        Alert(
            name="SearchIndexStale",
            severity="warning",
            area="platform",
            wait=pace("5m"),
            expr=f'time() - min by (namespace) (search_index_checked_seconds{{job="catalog"}}) > '
            f"{pace.seconds('2m')}",
            summary="A replica of catalog has not looked for changed products for {{ $value | "
            "humanizeDuration }}.",
            impact="Shoppers find old products, prices and stock in search and listings; the cart "
            "still checks them.",
        ),
    ]


def _watchdog() -> Alert:
    return Alert(
        name="Watchdog",
        severity="none",
        area="platform",
        expr="vector(1)",
        summary="Alerting works: this one always fires.",
        impact="None. Its absence is the news: then nothing else is told either.",
    )

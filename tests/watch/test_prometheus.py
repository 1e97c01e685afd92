"""A real Prometheus scrapes a real stack: series, panels, and the right alert for a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers import demo
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL
from stack.watch import openslo
from stack.watch.generating import rule_files
from stack.watch.pace import Pace
from tests.e2e.conftest import a_product
from tests.watch.prometheus import DEPLOY, Prometheus
from tests.watch.selectors import Selector, selectors_of
from tests.watch.shopping import shopping

# What tells each fault from the others.
SIGNS = {
    "catalog": {"ServiceDown of catalog", "BrowseAvailabilityBurn"},
    "nats": {"BrokerAway", "OutboxOld of checkout", "TouchpointStorageBurn"},
    "payments": {"PaymentsFailing"},
    "mailbox": {"MailsWaiting", "ConfirmationMailBurn"},
}
OWN = {
    "catalog": "ServiceDown of catalog",
    "nats": "BrokerAway",
    "payments": "PaymentsFailing",
    "mailbox": "MailsWaiting",
}


async def test_every_series_that_a_rule_reads_exists_from_the_start_and_every_counter_at_0(
    observed: Platform,
) -> None:
    series = [
        found
        for instance in observed.instances
        if "admin" in instance.component.ports
        for found in scraped(observed, instance.name)
    ]

    read = {
        selector: [found for found in series if selector.matches(found[0], found[1])]
        for selector in read_by_rules()
    }

    assert [selector for selector, found in read.items() if not found] == []
    counters = [
        found
        for selector, every in read.items()
        for found in every
        if selector.metric.endswith(("_total", "_bucket", "_count"))
    ]
    assert [found for found in counters if found[2]] == []


async def test_every_panel_has_data_while_a_journey_is_played(
    observed: Platform, prometheus: Prometheus, traffic: None
) -> None:
    quiet = Console(quiet=True)
    await demo.fill(observed, 120, quiet)
    await demo.play(observed, quiet)

    empty = panels()

    async def all_had_data() -> bool:
        for panel, expr in empty.copy().items():
            if await prometheus.query(expr):
                del empty[panel]
        assert empty == {}
        return True

    await eventually(all_had_data, within=60)


async def test_no_customer_is_said_to_suffer_while_all_is_well(
    observed: Platform, prometheus: Prometheus, traffic: None
) -> None:
    # How fast the machine of a test run answers is not known.
    async def nothing_fires() -> bool:
        return all(alert.endswith("LatencyBurn") for alert in await prometheus.urgent())

    await eventually(nothing_fires, within=60)


@pytest.mark.parametrize("fault", SIGNS)
async def test_the_right_alerts_tell_a_fault(
    observed: Platform, prometheus: Prometheus, traffic: None, fault: str
) -> None:
    seen = set[str]()

    async def told_from_others() -> bool:
        now = await prometheus.urgent()
        seen.update(now)
        return seen >= SIGNS[fault] and now & set(OWN.values()) == {OWN[fault]}

    async def over() -> bool:
        return OWN[fault] not in await prometheus.urgent()

    await eventually(over, within=60)

    async with BREAKING[fault](observed):
        await eventually(told_from_others, within=60)

    await eventually(over, within=60)


@pytest.fixture(scope="module")
async def traffic(observed: Platform) -> AsyncIterator[None]:
    async with Api(observed.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, observed.staff_password)
        variant_id = await a_product(staff, stock=100_000)
    async with shopping(observed, variant_id):
        yield


@asynccontextmanager
async def _killed(platform: Platform, component: str) -> AsyncIterator[None]:
    await asyncio.to_thread(platform.kill, component)
    try:
        yield
    finally:
        await asyncio.to_thread(platform.start, component)


@asynccontextmanager
async def _no_payments(platform: Platform) -> AsyncIterator[None]:
    headers = {"Authorization": f"Bearer {platform.secret('simulator.api-key')}"}
    async with httpx.AsyncClient(base_url=platform.simulator_url, headers=headers) as simulator:
        (await simulator.put("/misbehaviour", json={"outage": True})).raise_for_status()
        try:
            yield
        finally:
            await simulator.delete("/misbehaviour")


BREAKING: dict[str, Callable[[Platform], AbstractAsyncContextManager[None]]] = {
    "catalog": lambda platform: _killed(platform, "catalog"),
    "nats": lambda platform: _killed(platform, "nats"),
    "payments": _no_payments,
    "mailbox": lambda platform: _killed(platform, "mailbox"),
}


def scraped(platform: Platform, instance: str) -> list[tuple[str, dict[str, str], float]]:
    """Returns the metrics of an instance, with the label that a scrape adds."""
    text = httpx.get(f"{platform.url(instance, 'admin')}/metrics").text
    job = {"job": instance.rpartition("-")[0]}
    return [
        (sample.name, {**sample.labels, **job}, sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


def read_by_rules() -> list[Selector]:
    """Returns the series that rules read of services, without recorded ones and `up`."""
    groups = [
        group
        for groups in rule_files(openslo.read(DEPLOY / "slo.yaml"), Pace()).values()
        for group in groups
    ]
    found = {
        selector for group in groups for rule in group.rules for selector in selectors_of(rule.expr)
    }
    return sorted(
        (each for each in found if ":" not in each.metric and each.metric != "up"), key=str
    )


def panels() -> dict[str, str]:
    """Returns the queries of Grafana by their places."""
    found = {}
    for path in sorted((DEPLOY / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            for target in panel.get("targets", []):
                expr = (
                    target["expr"]
                    .replace("$__rate_interval", "10s")
                    .replace("$__range", "2m")
                    .replace("$namespace", ".*")
                )
                found[f"{path.stem}: {panel['id']} {panel['title']}: {target['legendFormat']}"] = (
                    expr
                )
    return found

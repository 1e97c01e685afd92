"""Every alert has a runbook of one form, with calls, queries and settings that exist."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from chassis.rpc.errors import DomainError
from chassis.runtime.settings import Settings
from checkout.settings import CheckoutSettings
from gateway.http import edge as _edge  # noqa: F401 - lets its series exist
from gateway.operations import ENDPOINTS
from gateway.settings import GatewaySettings
from notifications.mails.model import MailReason
from notifications.settings import Settings as NotificationsSettings
from stack.watch import openslo
from stack.watch.generating import alerts, rule_files
from stack.watch.pace import Pace
from stack.watch.rules import Record
from tests.watch.prometheus import DEPLOY
from tests.watch.selectors import selectors_of

FOLDER = DEPLOY.parent / "docs" / "runbooks"
HEADINGS = ["What it means", "How to see it", "What to do", "How to be sure"]
SERVICES = ("cart", "catalog", "checkout", "identity", "journey", "notifications")
SLOS = openslo.read(DEPLOY / "slo.yaml")
every_runbook = pytest.mark.parametrize(
    "runbook", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem
)


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {alert.name for alert in alerts(SLOS)}


def test_the_operators_guide_says_what_each_alert_and_each_objective_means() -> None:
    guide = "".join(
        path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("operations*.md")
    )

    for alert in alerts(SLOS):
        assert f"| [{alert.name}](runbooks/{alert.name}.md) |" in guide
    for slo in SLOS:
        assert f"| `{slo.name}` | {slo.description.strip()} | {slo.minimum_bad_events} |" in guide


@every_runbook
def test_a_runbook_says_what_it_means_how_to_see_it_what_to_do_and_how_to_be_sure(
    runbook: Path,
) -> None:
    text = runbook.read_text(encoding="utf-8")

    assert text.startswith(f"# {runbook.stem}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert all(
        len(part.strip()) > 30 for part in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    )


@every_runbook
def test_the_calls_of_a_runbook_exist(runbook: Path) -> None:
    routes = {endpoint.path for endpoint in ENDPOINTS}

    assert set(re.findall(r"/v1/[\w/{}-]+", _without_queries(runbook))) - routes == set()


@every_runbook
def test_the_queries_of_a_runbook_ask_for_series_that_exist(runbook: Path) -> None:
    queries = re.findall(r"```promql\n(.+?)\n```", runbook.read_text(encoding="utf-8"), re.DOTALL)

    asked = {selector.metric for query in queries for selector in selectors_of(query)}

    assert queries
    assert asked - _told() - _recorded() - {"up", "ALERTS"} == set()


@every_runbook
def test_what_a_runbook_writes_in_capitals_is_a_setting_or_a_reason(runbook: Path) -> None:
    settings = {
        name.upper()
        for kind in (Settings, GatewaySettings, CheckoutSettings, NotificationsSettings)
        for name in kind.model_fields
    }
    for service in SERVICES:
        import_module(f"{service}.errors")
    reasons = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).upper() for kind in _kinds_of(DomainError)
    } | set(MailReason)

    assert (
        set(re.findall(r"`([A-Z]+_[A-Z_]+)`", runbook.read_text(encoding="utf-8")))
        - settings
        - reasons
        == set()
    )


@every_runbook
def test_other_alerts_that_a_runbook_names_exist(runbook: Path) -> None:
    names = {alert.name for alert in alerts(SLOS)}

    named = set(
        re.findall(
            r"\b(?:[A-Z][a-z]+){2,}\b",
            re.sub(r"`[^`]*`|```.+?```", "", _without_queries(runbook), flags=re.DOTALL),
        )
    )

    assert named - {"PostgreSQL"} <= names


def _without_queries(runbook: Path) -> str:
    return re.sub(r"```promql\n.+?\n```", "", runbook.read_text(encoding="utf-8"), flags=re.DOTALL)


def _told() -> set[str]:
    """The names of all series that the services tell."""
    for service in SERVICES:
        import_module(f"{service}.metrics")
    return {
        f"{family.name}{end}"
        for family in REGISTRY.collect()
        for end in ("", "_total", "_bucket", "_count", "_sum")
    }


def _recorded() -> set[str]:
    groups = [group for groups in rule_files(SLOS, Pace()).values() for group in groups]
    return {rule.name for group in groups for rule in group.rules if isinstance(rule, Record)}


def _kinds_of(kind: type[DomainError]) -> set[type[DomainError]]:
    return {kind, *(each for child in kind.__subclasses__() for each in _kinds_of(child))}

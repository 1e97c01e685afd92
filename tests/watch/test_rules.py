"""Rules and alerts: generated, complete, explained, and right about made-up series."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from catalog import metrics as _catalog  # noqa: F401 - lets its series exist
from checkout import metrics as _checkout  # noqa: F401
from gateway.endpoints.endpoint import STAFF_PREFIX
from gateway.metrics import expect_requests
from gateway.operations import ENDPOINTS, catalogue
from journey import metrics as _journey  # noqa: F401
from notifications import metrics as _notifications  # noqa: F401
from stack.watch import openslo
from stack.watch.burning import SHORT
from stack.watch.generating import Options, alerts, files
from stack.watch.openslo import Slo
from stack.watch.pace import Pace, milliseconds
from tests.watch.cases import ALWAYS_FIRES, HEALTH, JOURNEYS, MESSAGING, MONEY, Case
from tests.watch.prometheus import DEPLOY, IS_MISSING, MISSING
from tests.watch.selectors import selectors_of

SLOS = openslo.read(DEPLOY / "slo.yaml")
CASES = [*MONEY, *JOURNEYS, *MESSAGING, *HEALTH]
RUNBOOKS = DEPLOY.parent / "docs" / "runbooks"
# A file takes as long as its reader's connection does.
UNTIMED = {"/v1/downloads/{token}"}
# No stage of buying: accounts, preferences, journeys and documents; what a provider or a front
# end's script calls; and probes.
UNWATCHED = re.compile(
    r"/v1/(me|staff|touchpoints|feedback|surveys|maps|mails|unsubscribe|subscriptions|webhooks|synthetic|orders/links|page-previews|media/uploads|s|shares|robots.txt|sitemap.xml|sitemaps|feeds)\b.*|/v1/sessions/api-key|/\.well-known/.*"
)
needs_promtool = pytest.mark.skipif(IS_MISSING, reason=MISSING)


def test_what_is_committed_is_what_is_made() -> None:
    made = {str(path): content for path, content in files(DEPLOY).items()}

    committed = {
        str(path.relative_to(DEPLOY)): path.read_text(encoding="utf-8")
        for path in (*rule_paths(), *DEPLOY.glob("dashboards/*.json"))
    }

    assert committed == made, "run `make generate` and commit what it makes"


def test_a_pace_shortens_every_duration_and_changes_nothing_else() -> None:
    slow, fast = files(DEPLOY), files(DEPLOY, Options(Pace(Fraction(1, 30))))

    assert [path for path in slow if slow[path] == fast[path]] == [
        path for path in slow if path.parts[0] == "dashboards"
    ]
    for path in slow:
        if path.parts[0] == "alerts":
            assert [rule.get("alert") or rule["record"] for rule in rules_in(slow[path])] == [
                rule.get("alert") or rule["record"] for rule in rules_in(fast[path])
            ]


@pytest.mark.parametrize(
    ("duration", "at_a_thirtieth"),
    [("5m", "10s"), ("1h", "2m"), ("3d", "2h24m"), ("30s", "1s"), ("1s", "1s"), ("1m", "2s")],
)
def test_a_duration_at_a_pace(duration: str, at_a_thirtieth: str) -> None:
    assert Pace()(duration) == duration
    assert Pace(Fraction(1, 30))(duration) == at_a_thirtieth


@needs_promtool
def test_prometheus_can_read_every_rule_file() -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", *map(str, rule_paths())],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_has_a_summary_an_impact_and_a_runbook_and_every_runbook_an_alert() -> None:
    named = {
        rule["alert"]: rule
        for path in rule_paths()
        for rule in rules_in(path.read_text())
        if "alert" in rule
    }

    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(named)
    for name, rule in named.items():
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["impact"]
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"
        assert rule["labels"]["severity"] in ("critical", "warning", "none")


def test_the_address_of_runbooks_is_a_setting() -> None:
    made = files(DEPLOY, Options(runbooks="https://docs.example.com/"))

    assert (
        "runbook_url: https://docs.example.com/OutboxOld.md" in made[Path("alerts/messaging.yaml")]
    )


def test_every_latency_objective_is_a_boundary_of_its_histogram() -> None:
    expect_requests(catalogue.ENDPOINTS)
    samples = [
        sample
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name.endswith("_bucket")
    ]

    boundaries = {(sample.name, sample.labels["le"]) for sample in samples}
    asked = {
        (each.metric, dict(each.labels)["le"].replace("\\", ""))
        for slo in SLOS
        if slo.good
        for each in selectors_of(slo.good)
    }

    assert len(asked) == 5
    assert asked <= boundaries


def test_every_route_of_customers_belongs_to_one_stage() -> None:
    routes = {row.path for row in ENDPOINTS if not row.path.startswith(STAFF_PREFIX)}

    stages = [routes_of(slo.total) for slo in SLOS if slo.name.endswith("-availability")]

    in_time = [routes_of(slo.total) for slo in SLOS if slo.name.endswith("-latency")]
    assert [sorted(set(stage) - UNTIMED) for stage in stages] == in_time
    assert sorted(route for stage in stages for route in stage) == sorted(
        route for route in routes if not UNWATCHED.fullmatch(route)
    )


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    burns = {slo.alert for slo in SLOS}
    names = {alert.name for alert in alerts(SLOS)} - burns

    assert {case.alert for case in CASES if case.fires} == names
    assert {case.alert for case in CASES if not case.fires} == names - {ALWAYS_FIRES}


@needs_promtool
@pytest.mark.parametrize(
    ("area", "cases"),
    [("money", MONEY), ("journeys", JOURNEYS), ("messaging", MESSAGING), ("health", HEALTH)],
)
def test_alerts_fire_when_they_should_and_only_then(
    area: str, cases: list[Case], tmp_path: Path
) -> None:
    groups = [
        {
            "name": f"{case.alert}: {case.what}",
            "interval": "30s",
            "input_series": [
                {"series": name, "values": values} for name, values in case.series.items()
            ],
            "promql_expr_test": [firing(case.alert, case.at, 1 if case.fires else 0)],
        }
        for case in cases
    ]

    run_promtool(tmp_path, area, groups)


# Shares of bad events in budgets, which alert they must raise, and how they come.
BURNS = {
    "fast enough to page": (20.0, {"critical", "warning"}, "0+{step}x200"),
    "fast enough for a ticket": (4.0, {"warning"}, "0+{step}x200"),
    "within the budget": (0.5, set(), "0+{step}x200"),
    "fast, but no more": (20.0, set(), "0+{step}x60 {sum}+0x140"),
}


@needs_promtool
@pytest.mark.parametrize("how", BURNS)
def test_a_budget_that_burns_is_told_by_how_fast_it_burns(how: str, tmp_path: Path) -> None:
    times, severities, bad_values = BURNS[how]
    series = {}
    for slo in SLOS:
        series.update(events(slo, share=times * (1 - slo.target), bad_values=bad_values))
    # Bad events that ended an hour ago are out of the short windows of pages, and not yet out of
    # those of tickets, which are 2 h and 6 h long.
    expected = [
        firing(slo.alert, "95m", int(severity in severities), severity)
        for slo in SLOS
        for severity in (("critical",) if how == "fast, but no more" else ("critical", "warning"))
    ]

    run_promtool(
        tmp_path,
        "slo",
        [{"interval": "30s", "input_series": as_input(series), "promql_expr_test": expected}],
    )


@needs_promtool
def test_a_few_bad_events_of_a_quiet_night_wake_nobody(tmp_path: Path) -> None:
    series = {}
    for slo in SLOS:
        bad = slo.minimum_bad_events - 2
        series.update({name: values.format(bad=bad) for name, values in all_bad(slo).items()})

    expected = [firing(slo.alert, "70m", 0) for slo in SLOS]

    run_promtool(
        tmp_path,
        "slo",
        [{"interval": "30s", "input_series": as_input(series), "promql_expr_test": expected}],
    )


def test_every_window_has_one_of_a_twelfth_of_its_length() -> None:
    assert {milliseconds(long) / milliseconds(short) for long, short in SHORT.items()} == {12}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("indicatorRef: cart-latency", "indicatorRef: missing"),
        ("alertPolicyRef: page-fast", "alertPolicyRef: missing"),
        ("bad:", "ugly:"),
    ],
)
def test_objectives_that_do_not_fit_together_are_refused(
    old: str, new: str, tmp_path: Path
) -> None:
    path = tmp_path / "slo.yaml"
    path.write_text(
        (DEPLOY / "slo.yaml").read_text(encoding="utf-8").replace(old, new), encoding="utf-8"
    )

    with pytest.raises(ValueError, match=r"missing|ugly|ratioMetric"):
        openslo.read(path)


def rule_paths() -> list[Path]:
    return sorted(DEPLOY.glob("alerts/*.yaml"))


def rules_in(text: str) -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def routes_of(query: str) -> list[str]:
    return sorted({dict(selector.labels)["route"] for selector in selectors_of(query)})


def firing(alert: str, at: str, count: int, severity: str = "") -> dict[str, Any]:
    """Expects so many alerts to fire."""
    matchers = f'alertname="{alert}",alertstate="firing"' + (
        f',severity="{severity}"' if severity else ""
    )
    samples = [{"labels": "{}", "value": count}] if count else []
    return {"expr": f"count(ALERTS{{{matchers}}})", "eval_time": at, "exp_samples": samples}


def run_promtool(folder: Path, area: str, groups: list[dict[str, Any]]) -> None:
    path = folder / "tests.yaml"
    content = {
        "rule_files": [str(DEPLOY / "alerts" / f"{area}.yaml")],
        "evaluation_interval": "30s",
        "tests": groups,
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    ran = subprocess.run(
        ["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def as_input(series: dict[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": values} for name, values in series.items()]


def example(query: str, **changes: str) -> str:
    """One series that a query reads."""
    selector = selectors_of(query)[0]
    labels = {
        label: pattern.replace("5..", "503").replace("\\", "") for label, pattern in selector.labels
    }
    return (
        selector.metric
        + "{"
        + ",".join(f'{label}="{value}"' for label, value in {**labels, **changes}.items())
        + "}"
    )


def events(slo: Slo, *, share: float, bad_values: str) -> dict[str, str]:
    """Ten thousand events each 30 s, of which a share is bad."""
    every, bad = 10_000, round(10_000 * share)
    bad_of_one_step = bad_values.format(step=bad, sum=bad * 60)
    if slo.bad:
        return {
            example(slo.bad): bad_of_one_step,
            example(slo.total, status="200"): f"0+{every - bad}x200",
        }
    # Only good ones are counted: what is not bad.
    good = (
        f"0+{every - bad}x60 {(every - bad) * 60}+{every}x140"
        if "sum" in bad_values
        else f"0+{every - bad}x200"
    )
    return {example(slo.good): good, example(slo.total): f"0+{every}x200"}


def all_bad(slo: Slo) -> dict[str, str]:
    """A few events within a minute of an hour's silence, and none of them good."""
    burst = "0+0x120 {bad}+0x80"
    return (
        {example(slo.bad): burst}
        if slo.bad
        else {example(slo.good): "0+0x200", example(slo.total): burst}
    )

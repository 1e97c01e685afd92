"""Dashboards: small, importable, tidy, and about series that exist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.watch.prometheus import DEPLOY

LARGEST_BYTES = 250_000
FOLDER = DEPLOY / "dashboards"
every_dashboard = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem
)
# What each must let an operator see at a glance.
LISTING = {
    "overview": ["Now", "Requests at the gateway", "Calls between services", "Saturation"],
    "business": ["Sales over the time shown", "Conversion by stage", "Payments", "Money at risk"],
    "messaging": ["Waiting", "Events", "Timers", "Touchpoints", "Mails"],
}


def test_there_are_the_four_dashboards() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == [
        "business",
        "messaging",
        "overview",
        "slo",
    ]


@every_dashboard
def test_a_dashboard_is_small_and_loads_into_grafanas_own_model(path: Path) -> None:
    register_default_plugins()
    content = json.loads(path.read_text(encoding="utf-8"))

    loaded = json.loads(json.dumps(Dashboard.from_json(content), cls=JSONEncoder))

    assert path.stat().st_size < LARGEST_BYTES
    assert loaded == content
    assert content["uid"] == f"sojourn-{path.stem}"


@every_dashboard
def test_every_panel_has_a_title_a_unit_a_query_and_a_place_of_its_own(path: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels_of(path):
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }

        assert taken.isdisjoint(cells), panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"]
            assert panel["targets"]
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@every_dashboard
def test_every_query_keeps_to_the_namespace_that_is_chosen(path: Path) -> None:
    exprs = [target["expr"] for panel in panels_of(path) for target in panel.get("targets", [])]

    # Constants of an objective, and Prometheus' own list of alerts, have no namespace.
    free = [
        expr
        for expr in exprs
        if "$namespace" not in expr
        and not expr.startswith(("vector(", "1 - slo:objective", "count(ALERTS"))
    ]

    assert free == []


@pytest.mark.parametrize("name", LISTING)
def test_a_dashboard_has_its_rows(name: str) -> None:
    rows = [
        panel["title"] for panel in panels_of(FOLDER / f"{name}.json") if panel["type"] == "row"
    ]

    assert rows == LISTING[name]


def panels_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["panels"]
    return found

"""Names and selectors: no two releases meet, and no version restarts what is unchanged."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.chart.chart_rendering import (
    CHART,
    COMBINATIONS,
    EVALUATION,
    documents,
    of_kind,
    render,
    text,
    workloads,
)

STABLE = {
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "role",
}


@pytest.mark.parametrize("files", COMBINATIONS.values(), ids=COMBINATIONS)
def test_every_name_begins_with_the_release(files: tuple[str, ...]) -> None:
    assert [
        each["metadata"]["name"]
        for each in render(files)
        if not each["metadata"]["name"].startswith("shop")
    ] == []


def test_two_releases_share_no_name_and_no_pod() -> None:
    one, other = render(EVALUATION), render(EVALUATION, release="shop2")

    def names(objects: list[dict[str, Any]]) -> set[tuple[str, str]]:
        return {(each["kind"], each["metadata"]["name"]) for each in objects}

    assert names(one) & names(other) == set()
    theirs = [template["metadata"]["labels"] for template in workloads(other).values()]
    for each in one:
        selector = each.get("spec", {}).get("selector", {})
        wanted = (selector.get("matchLabels", selector) if isinstance(selector, dict) else {}) or {}
        assert not any(wanted.items() <= labels.items() for labels in theirs if wanted), each[
            "metadata"
        ]["name"]


@pytest.mark.parametrize("files", COMBINATIONS.values(), ids=COMBINATIONS)
def test_selectors_and_pods_carry_nothing_that_a_version_changes(files: tuple[str, ...]) -> None:
    objects = render(files)

    for name, template in workloads(objects).items():
        if not name.startswith("Pod/"):
            assert set(template["metadata"]["labels"]) <= STABLE, name
    for kind in ("Deployment", "StatefulSet"):
        for each in of_kind(objects, kind).values():
            labels = each["spec"]["template"]["metadata"]["labels"]
            assert each["spec"]["selector"]["matchLabels"].items() <= labels.items()
            assert "helm.sh/chart" in each["metadata"]["labels"]


def test_a_new_version_of_the_chart_restarts_no_database(tmp_path: Path) -> None:
    changed = tmp_path / "sojourn"
    shutil.copytree(CHART, changed)
    chart = (changed / "Chart.yaml").read_text()
    (changed / "Chart.yaml").write_text(
        re.sub(r"(?m)^version: .*$", "version: 9.9.9", chart).replace(
            'appVersion: "0.1.0"', 'appVersion: "9.9"'
        )
    )
    secrets = {
        "bundled": {"secrets": False},
        "secrets": {
            "existing": dict.fromkeys(
                (
                    "shared",
                    "postgres",
                    "identity",
                    "catalog",
                    "cart",
                    "checkout",
                    "notifications",
                    "journey",
                    "gateway",
                ),
                "own",
            )
        },
    }

    before, after = (
        list(documents(text(EVALUATION, secrets, chart=chart))) for chart in (CHART, changed)
    )

    for name, each in of_kind(before, "StatefulSet").items():
        assert json.dumps(each["spec"], sort_keys=True) == json.dumps(
            of_kind(after, "StatefulSet")[name]["spec"], sort_keys=True
        )
    assert (
        of_kind(after, "StatefulSet")["shop-postgres"]["metadata"]["labels"]["helm.sh/chart"]
        == "sojourn-9.9.9"
    )
    assert list(of_kind(before, "Job")) == list(of_kind(after, "Job"))


def test_a_service_that_splits_into_roles_keeps_its_name_and_its_selector() -> None:
    before, after = (
        render(EVALUATION),
        render(EVALUATION, {"services": {"journey": {"roles": ["serve", "work"]}}}),
    )

    one, two = of_kind(before, "Deployment"), of_kind(after, "Deployment")
    assert one["shop-journey"]["spec"]["selector"] == two["shop-journey"]["spec"]["selector"]
    assert two["shop-journey"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["serve"]
    assert two["shop-journey-work"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["work"]
    serving = of_kind(after, "Service")["shop-journey"]["spec"]["selector"]
    assert (
        not serving.items()
        <= two["shop-journey-work"]["spec"]["template"]["metadata"]["labels"].items()
    )

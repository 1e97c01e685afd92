"""Kubernetes takes what the chart renders."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
from kubernetes_validate import utils

from tests.chart.chart_rendering import COMBINATIONS, TOGGLES, render

CRDS = Path(__file__).parent / "crds"
CORE = ("v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1")
CASES = {**{name: (files, {}) for name, files in COMBINATIONS.items()}, **TOGGLES}


@pytest.fixture
def schemas_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reads the definitions of all kinds anew for each object."""
    monkeypatch.setattr(utils, "schema_contents", functools.cache(utils.schema_contents))


@pytest.mark.usefixtures("schemas_read_once")
@pytest.mark.parametrize("version", ["1.32", "1.33", "1.34"])
def test_core_objects_are_valid(version: str) -> None:
    # Most objects are the same in all cases: each is looked at once.
    objects = {
        json.dumps(each): each
        for case in CASES.values()
        for each in render(*case)
        if each["apiVersion"] in CORE
    }

    wrong = {
        f"{each['kind']} {each['metadata']['name']}": problem
        for each in objects.values()
        if (problem := problem_of(each, version))
    }

    assert objects
    assert wrong == {}


def problem_of(manifest: dict[str, Any], version: str) -> str:
    """Returns the objections of a version of Kubernetes to an object, or an empty string."""
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return error.message
    return ""


@pytest.mark.parametrize("case", CASES)
def test_objects_of_operators_are_valid_and_of_known_kinds(case: str) -> None:
    for each in render(*CASES[case]):
        if each["apiVersion"] not in CORE:
            schema: dict[str, Any] = json.loads((CRDS / f"{each['kind'].lower()}.json").read_text())
            assert each["apiVersion"] == schema["properties"]["apiVersion"]["const"]
            jsonschema.validate(each, schema)


def test_operators_objects_are_asked_for_and_never_by_default() -> None:
    kinds = {each["kind"] for each in render(*CASES["production"])}

    assert kinds.isdisjoint({"ServiceMonitor", "PrometheusRule", "HTTPRoute"})
    assert "ServiceMonitor" in {each["kind"] for each in render(*CASES["monitors"])}
    assert "HTTPRoute" in {each["kind"] for each in render(*CASES["httproute"])}

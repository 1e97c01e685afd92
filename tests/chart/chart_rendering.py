"""Renders the chart and reads what comes out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "sojourn"
EXAMPLES = CHART / "examples"
EVALUATION = ("evaluation",)
PRODUCTION = ("production",)
# Overlays lie on production.yaml.
COMBINATIONS = {
    "evaluation": EVALUATION,
    "production": PRODUCTION,
    **{
        name: (*PRODUCTION, name)
        for name in ("external-operator", "managed", "ha-nats", "httproute")
    },
}
# Switches that change what is rendered, beside the examples.
TOGGLES: Mapping[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "no policies": (PRODUCTION, {"networkPolicy": {"enabled": False}}),
    "monitors": (PRODUCTION, {"telemetry": {"serviceMonitor": {"enabled": True},
    "prometheusRule": {"enabled": True}}}),
    "scrape annotations": (PRODUCTION, {"telemetry": {"scrapeAnnotations": True}}),
    "roles apart": (EVALUATION, {"services": {name: {"roles": ["serve",
    "work"]} for name in ("catalog", "journey", "notifications")}}),
    "autoscaling": (EVALUATION, {"defaults": {"autoscaling": {"enabled": True}},
    "services": {"simulator": {"autoscaling": {"enabled": False}}}}),
    "digests": (PRODUCTION, {"images": {"digests": {"cart": f"sha256:{'0' * 64}"}}}),
    "bundled servers with secrets of one's own": (EVALUATION, {"bundled": {"secrets": False},
    "secrets": {"existing": {
        name: f"own-{name}" for name in
        ("shared", "postgres", "identity", "catalog", "cart", "checkout", "notifications",
        "journey", "gateway", "mailbox", "sink")
    }}}),
    "virtual clock": (EVALUATION, {"clock": "virtual"}),
    "synthetic shopper": (EVALUATION, {"synthetic": {"enabled": True}}),
    "node port": (EVALUATION, {"services": {"gateway": {"service": {"type": "NodePort",
    "nodePort": 30080}}}}),
}  # fmt: skip


class Refused(Exception):
    """Helm's words when it renders nothing."""


def helm(*arguments: str, values: Mapping[str, Any] | None = None) -> str:
    """Returns the output of helm. `values` lie on top of all files. Raises Refused."""
    given = ["--values", "-"] if values is not None else []
    result = subprocess.run(
        ["helm", *arguments, *given],
        input=json.dumps(values) if values is not None else None,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if result.returncode:
        raise Refused(result.stderr)
    return result.stdout


def text(
    files: tuple[str, ...] = (),
    values: Mapping[str, Any] | None = None,
    *,
    release: str = "shop",
    chart: Path = CHART,
) -> str:
    """The manifests as helm prints them."""
    chosen = [part for name in files for part in ("--values", str(EXAMPLES / f"{name}.yaml"))]
    return helm(
        "template", release, str(chart), "--namespace", "shop-ns", *chosen, values=values or {}
    )


@cache
def _cached(files: tuple[str, ...], values: str, release: str) -> list[dict[str, Any]]:
    return list(documents(text(files, json.loads(values), release=release)))


def documents(manifests: str) -> Iterator[dict[str, Any]]:
    for document in yaml.load_all(manifests, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if document:
            yield document


def render(
    files: tuple[str, ...] = (), values: Mapping[str, Any] | None = None, *, release: str = "shop"
) -> list[dict[str, Any]]:
    """The objects. Treat them as frozen: renderings are shared."""
    return _cached(files, json.dumps(values or {}), release)


def of_kind(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """Objects of a kind by name."""
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def workloads(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Pod templates, and bare pods, by the name of what makes them."""
    found = {}
    for each in objects:
        if each["kind"] in ("Deployment", "StatefulSet", "Job"):
            found[f"{each['kind']}/{each['metadata']['name']}"] = each["spec"]["template"]
        elif each["kind"] == "Pod":
            found[f"Pod/{each['metadata']['name']}"] = each
    return found


def containers(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def environment(container: dict[str, Any]) -> dict[str, Any]:
    """Variables by name: the value, or where it comes from."""
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container["env"]}


def container_of(objects: list[dict[str, Any]], deployment: str) -> dict[str, Any]:
    found: dict[str, Any] = of_kind(objects, "Deployment")[deployment]["spec"]["template"]["spec"][
        "containers"
    ][0]
    return found

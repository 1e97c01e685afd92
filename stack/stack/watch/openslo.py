"""Reads `slo.yaml`: OpenSLO v1 objects, validated and joined into objectives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

_Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
_Description = Annotated[str, Field(max_length=1050)]
_Duration = Annotated[str, Field(pattern=r"^\d+[mhdwMQY]$")]


class _Object(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class _Metadata(_Object):
    name: _Name
    display_name: str = ""
    annotations: dict[str, str] = {}


class _DataSourceSpec(_Object):
    description: _Description = ""
    type: Literal["Prometheus"]
    connection_details: dict[str, Any]


class _ServiceSpec(_Object):
    description: _Description = ""


class _Query(_Object):
    query: str


class _MetricSource(_Object):
    metric_source_ref: str
    type: Literal["Prometheus"]
    spec: _Query


class _Metric(_Object):
    metric_source: _MetricSource


class _RatioMetric(_Object):
    counter: Literal[True]
    good: _Metric | None = None
    bad: _Metric | None = None
    total: _Metric


class _SliSpec(_Object):
    description: _Description = ""
    ratio_metric: _RatioMetric


class _TimeWindow(_Object):
    duration: _Duration
    is_rolling: Literal[True]


class _Objective(_Object):
    display_name: str = ""
    target: Annotated[float, Field(gt=0, lt=1)]


class _PolicyRef(_Object):
    alert_policy_ref: _Name


class _SloSpec(_Object):
    description: _Description = ""
    service: _Name
    indicator_ref: _Name
    time_window: Annotated[list[_TimeWindow], Field(min_length=1, max_length=1)]
    budgeting_method: Literal["Occurrences"]
    objectives: Annotated[list[_Objective], Field(min_length=1, max_length=1)]
    alert_policies: list[_PolicyRef]


class _Condition(_Object):
    kind: Literal["burnrate"]
    threshold: Annotated[float, Field(gt=0)]
    lookback_window: _Duration
    alert_after: _Duration


class _ConditionSpec(_Object):
    description: _Description = ""
    severity: Literal["critical", "warning"]
    condition: _Condition


class _ConditionRef(_Object):
    condition_ref: _Name


class _TargetRef(_Object):
    target_ref: _Name


class _PolicySpec(_Object):
    description: _Description = ""
    alert_when_breaching: bool
    alert_when_resolved: bool
    alert_when_no_data: bool
    conditions: Annotated[list[_ConditionRef], Field(min_length=1, max_length=1)]
    notification_targets: Annotated[list[_TargetRef], Field(min_length=1)]


class _TargetSpec(_Object):
    description: _Description = ""
    target: str


class _Document(_Object):
    api_version: Literal["openslo/v1"]
    kind: str
    metadata: _Metadata
    spec: dict[str, Any]


_SPECS: Final[dict[str, type[_Object]]] = {
    "DataSource": _DataSourceSpec,
    "Service": _ServiceSpec,
    "SLI": _SliSpec,
    "SLO": _SloSpec,
    "AlertCondition": _ConditionSpec,
    "AlertPolicy": _PolicySpec,
    "AlertNotificationTarget": _TargetSpec,
}


@dataclass(frozen=True)
class Burn:
    """Alert when the budget burns so many times too fast over `window`."""

    severity: str
    times: float
    window: str


@dataclass(frozen=True)
class Slo:
    """An objective: of the events that `total` counts, a share of `target` shall be good.

    Either `good` or `bad` is empty.
    """

    name: str
    title: str
    service: str
    impact: str
    description: str
    target: float
    window: str
    total: str
    good: str
    bad: str
    minimum_bad_events: int
    burns: tuple[Burn, ...]

    @property
    def alert(self) -> str:
        """The name of its alerts and of their runbook."""
        return "".join(part.capitalize() for part in self.name.split("-")) + "Burn"

    @property
    def budget(self) -> str:
        """The share of events that may be bad, as PromQL has it."""
        return f"{1 - self.target:.6f}".rstrip("0")


class Broken(ValueError):
    """The objectives do not fit together."""


def read(path: Path) -> list[Slo]:
    """The objectives of a file. Raises Broken, or pydantic's ValidationError."""
    objects: dict[tuple[str, str], tuple[_Metadata, _Object]] = {}
    for loaded in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        document = TypeAdapter(_Document).validate_python(loaded)
        if document.kind not in _SPECS:
            raise Broken(f"the kind {document.kind} is not known here")
        key = document.kind, document.metadata.name
        if key in objects:
            raise Broken(f"there are two of {document.kind} {document.metadata.name}")
        objects[key] = document.metadata, _SPECS[document.kind].model_validate(document.spec)
    return [_slo(objects, name) for kind, name in objects if kind == "SLO"]


_Objects = dict[tuple[str, str], tuple[_Metadata, _Object]]


def _slo(objects: _Objects, name: str) -> Slo:
    metadata, spec = objects["SLO", name]
    assert isinstance(spec, _SloSpec)
    _find(objects, "Service", spec.service)
    indicator = _find(objects, "SLI", spec.indicator_ref)
    assert isinstance(indicator, _SliSpec)
    ratio = indicator.ratio_metric
    if (ratio.good is None) == (ratio.bad is None):
        raise Broken(f"SLI {spec.indicator_ref} needs either good or bad")
    for metric in (ratio.good, ratio.bad, ratio.total):
        if metric is not None:
            _find(objects, "DataSource", metric.metric_source.metric_source_ref)
    return Slo(
        name=name,
        title=metadata.display_name,
        service=spec.service,
        impact=metadata.annotations["impact"],
        description=spec.description,
        target=spec.objectives[0].target,
        window=spec.time_window[0].duration,
        total=ratio.total.metric_source.spec.query,
        good=ratio.good.metric_source.spec.query if ratio.good else "",
        bad=ratio.bad.metric_source.spec.query if ratio.bad else "",
        minimum_bad_events=int(metadata.annotations["minimum-bad-events"]),
        burns=tuple(_burn(objects, policy.alert_policy_ref) for policy in spec.alert_policies),
    )


def _burn(objects: _Objects, policy_name: str) -> Burn:
    policy = _find(objects, "AlertPolicy", policy_name)
    assert isinstance(policy, _PolicySpec)
    for target in policy.notification_targets:
        _find(objects, "AlertNotificationTarget", target.target_ref)
    condition = _find(objects, "AlertCondition", policy.conditions[0].condition_ref)
    assert isinstance(condition, _ConditionSpec)
    return Burn(
        condition.severity, condition.condition.threshold, condition.condition.lookback_window
    )


def _find(objects: _Objects, kind: str, name: str) -> _Object:
    if (kind, name) not in objects:
        raise Broken(f"there is no {kind} {name}")
    return objects[kind, name][1]

"""Rules of Prometheus: what is recorded, what alerts, and how both are written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import yaml

Severity = Literal["critical", "warning", "none"]
HEADER: Final = (
    "# Made by `make generate`; do not edit. Each alert has a runbook of its name in "
    "docs/runbooks.\n"
)


@dataclass(frozen=True)
class Record:
    """A series made of others."""

    name: str
    expr: str
    labels: dict[str, str] = field(default_factory=dict)

    def as_dict(self, runbooks: str) -> dict[str, Any]:
        return {"record": self.name, "expr": self.expr} | (
            {"labels": self.labels} if self.labels else {}
        )


@dataclass(frozen=True)
class Alert:
    """Something that a person must know.

    `summary` says what is, `impact` what customers notice; both may use the alert's labels and
    value.
    """

    name: str
    severity: Severity
    area: str
    expr: str
    summary: str
    impact: str
    wait: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    def as_dict(self, runbooks: str) -> dict[str, Any]:
        return {
            "alert": self.name,
            "expr": self.expr,
            **({"for": self.wait} if self.wait else {}),
            "labels": {"severity": self.severity, "area": self.area, **self.labels},
            "annotations": {
                "summary": self.summary,
                "impact": self.impact,
                "runbook_url": f"{runbooks}{self.name}.md",
            },
        }


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated one after the other, every `interval`."""

    name: str
    interval: str
    rules: Sequence[Record | Alert]


class _Dumper(yaml.SafeDumper):
    """Writes expressions of several lines as blocks, and the same labels again each time."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _text)


def dump(groups: Sequence[Group], runbooks: str) -> str:
    """A rule file, which is also the spec of a PrometheusRule.

    `runbooks` is what the runbooks' addresses begin with.
    """
    content = {
        "groups": [
            {
                "name": group.name,
                "interval": group.interval,
                "rules": [rule.as_dict(runbooks) for rule in group.rules],
            }
            for group in groups
        ]
    }
    return HEADER + yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True
    )

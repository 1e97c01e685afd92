"""Panels of the dashboards, and the frame around them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

_SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
_HEIGHT: Final = 8
_LOW: Final = 4
_GOOD, _BAD = "green", "red"


@dataclass(frozen=True)
class Lines(Builder[models.Panel]):
    """A graph. `queries` map a legend, which may use labels as `{{job}}`, to an expression."""

    title: str
    unit: str
    queries: dict[str, str]
    about: str = ""
    width: int = 8
    stacked: bool = False

    def build(self) -> models.Panel:
        panel = (
            timeseries.Panel()
            .title(self.title)
            .description(self.about)
            .unit(self.unit)
            .datasource(_SOURCE)
            .span(self.width)
            .height(_HEIGHT)
            .min(0)
            .fill_opacity(10)
            .line_width(1)
            .legend(
                common.VizLegendOptions()
                .display_mode(common_models.LegendDisplayMode.LIST)
                .placement(common_models.LegendPlacement.BOTTOM)
                .show_legend(True)
            )
        )
        if self.stacked:
            panel = panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL))
        for number, (legend, expr) in enumerate(self.queries.items()):
            panel = panel.with_target(
                prometheus.Dataquery()
                .expr(expr)
                .legend_format(legend)
                .ref_id(_letter(number))
                .range()
            )
        return panel.build()


@dataclass(frozen=True)
class Number(Builder[models.Panel]):
    """One figure, or one per label. Red above `bad_above` or below `bad_below`."""

    title: str
    unit: str
    expr: str
    legend: str = ""
    about: str = ""
    width: int = 4
    bad_above: float | None = None
    bad_below: float | None = None

    def build(self) -> models.Panel:
        target = (
            prometheus.Dataquery().expr(self.expr).legend_format(self.legend).ref_id("A").instant()
        )
        return (
            stat.Panel()
            .title(self.title)
            .description(self.about)
            .unit(self.unit)
            .datasource(_SOURCE)
            .span(self.width)
            .height(_LOW)
            .thresholds(self._thresholds())
            .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
            .with_target(target)
            .build()
        )

    def _thresholds(self) -> dashboard.ThresholdsConfig:
        steps = [models.Threshold(None, _GOOD)]
        if self.bad_above is not None:
            # The step begins at its value, and the value itself is still good.
            steps.append(models.Threshold(self.bad_above + 1e-6, _BAD))
        if self.bad_below is not None:
            steps = [models.Threshold(None, _BAD), models.Threshold(self.bad_below, _GOOD)]
        return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


@dataclass(frozen=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: Sequence[Lines | Number]


@dataclass(frozen=True)
class Page:
    """A dashboard. `name` is the end of its uid and its file's name."""

    name: str
    title: str
    about: str
    rows: Sequence[Row]
    tags: Sequence[str] = field(default=("sojourn",))

    def as_json(self) -> str:
        """Returns the document that Grafana imports and that its sidecar finds in a ConfigMap."""
        frame = (
            dashboard.Dashboard(f"Sojourn / {self.title}")
            .uid(f"sojourn-{self.name}")
            .description(self.about)
            .tags(list(self.tags))
            .readonly()
            .refresh("30s")
            .time("now-3h", "now")
            .timezone("browser")
            .tooltip(models.DashboardCursorSync.CROSSHAIR)
            .with_variable(
                dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
            )
            .with_variable(_namespaces())
        )
        for row in self.rows:
            frame = frame.with_row(dashboard.Row(row.title))
            for panel in row.panels:
                frame = frame.with_panel(panel)
        built = frame.build()
        for number, panel_or_row in enumerate(built.panels or [], start=1):
            panel_or_row.id_val = number
        return (
            json.dumps(built, cls=JSONEncoder, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        )


def _namespaces() -> dashboard.QueryVariable:
    """Also right where there are none: outside a cluster no series has the label."""
    return (
        dashboard.QueryVariable("namespace")
        .label("Namespace")
        .datasource(_SOURCE)
        .query("label_values(sojourn_build_info, namespace)")
        .include_all(True)
        .all_value(".*")
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def _letter(number: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number]

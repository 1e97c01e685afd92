"""Objectives: the rest of each error budget, its burn rate, and the alerts' windows."""

from __future__ import annotations

from collections.abc import Sequence

from stack.watch.burning import windows_of
from stack.watch.dashboards.panels import Lines, Number, Page, Row
from stack.watch.openslo import Slo
from stack.watch.queries import series


def page(slos: Sequence[Slo]) -> Page:
    return Page(
        name="slo",
        title="Objectives",
        about="Service level objectives over 28 days, from deploy/slo.yaml.",
        rows=[_all(), *(_one(slo) for slo in slos)],
    )


def _all() -> Row:
    # The objective is a constant without a namespace.
    burn = (
        f"{series('slo:sli_error:ratio_rate1h')} / on (slo) group_left () (1 - slo:objective:ratio)"
    )
    return Row(
        "All objectives",
        [
            Number(
                "Budget left",
                "percentunit",
                series("slo:error_budget:remaining_ratio"),
                legend="{{slo}}",
                width=24,
                bad_below=0,
            ),
            Lines(
                "Burn rate over the last hour",
                "none",
                {"{{slo}}": burn},
                width=12,
                about="1 spends the budget in exactly 28 days; 14.4 pages.",
            ),
            Lines(
                "Budget left",
                "percentunit",
                {"{{slo}}": series("slo:error_budget:remaining_ratio")},
                width=12,
            ),
        ],
    )


def _one(slo: Slo) -> Row:
    mine = f'slo="{slo.name}"'
    ratios = {
        window: series(f"slo:sli_error:ratio_rate{window}", mine) for window in windows_of(slo)
    }
    return Row(
        f"{slo.title}: {slo.description}",
        [
            Lines(
                "Share of bad events by window",
                "percentunit",
                {**ratios, "allowed": f"1 - slo:objective:ratio{{{mine}}}"},
            ),
            Lines(
                "Events",
                "ops",
                {
                    "all": series("slo:sli_total:rate5m", mine),
                    "bad": f"clamp_min({series('slo:sli_bad:rate5m', mine)}, 0)",
                },
            ),
            Lines(
                "Bad events in the last hour",
                "none",
                {
                    "bad": f"clamp_min({series('slo:sli_bad:count1h', mine)}, 0)",
                    "needed to alert": f"vector({slo.minimum_bad_events})",
                },
            ),
        ],
    )

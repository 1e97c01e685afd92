"""Rules of the objectives: what is recorded of each, and when its budget burns too fast.

The method of the SRE workbook: a long window that says that it matters, and a second one of a
twelfth of its length that says that it goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from stack.watch.openslo import Burn, Slo
from stack.watch.pace import Pace, milliseconds
from stack.watch.rules import Alert, Group, Record, Severity

EVERY: Final = "30s"
SHORTEST: Final = "5m"
# Each long window with the short one of a twelfth of its length.
SHORT: Final = {"1h": "5m", "6h": "30m", "1d": "2h", "3d": "6h"}
_TITLES: Final[dict[Severity, str]] = {"critical": "fast", "warning": "steadily"}


def groups(slos: Sequence[Slo], pace: Pace) -> list[Group]:
    """One group per objective."""
    return [
        Group(f"slo-{slo.name}", pace(EVERY), [*_records(slo, pace), *_alerts(slo)]) for slo in slos
    ]


def windows_of(slo: Slo) -> list[str]:
    """Every window that its alerts look at, the shortest first."""
    wanted = {burn.window for burn in slo.burns}
    return sorted(wanted | {SHORT[window] for window in wanted}, key=milliseconds)


def _records(slo: Slo, pace: Pace) -> list[Record]:
    labels = {"slo": slo.name, "stage": slo.service}
    mine, five = f'{{slo="{slo.name}"}}', pace(SHORTEST)
    total = f"sum by (namespace) (rate({slo.total}[{five}]))"
    # Not cut off at 0: where good events are counted by another process than all events, one runs
    # ahead for a moment and then behind, and over a window that evens out.
    bad = (
        f"sum by (namespace) (rate({slo.bad}[{five}]))"
        if slo.bad
        else f"{total}\n-\nsum by (namespace) (rate({slo.good}[{five}]))"
    )
    records = [
        Record("slo:objective:ratio", f"vector({slo.target})", labels),
        Record("slo:sli_total:rate5m", total, labels),
        Record("slo:sli_bad:rate5m", bad, labels),
    ]
    for window in windows_of(slo):
        records.append(
            Record(f"slo:sli_error:ratio_rate{window}", _ratio(mine, window, pace), labels)
        )
        if window in SHORT:
            # Rates of 5 min, one for each evaluation: their sum times its interval counts the
            # events.
            count = (
                f"sum_over_time(slo:sli_bad:rate5m{mine}[{pace(window)}]) * {pace.seconds(EVERY)}"
            )
            records.append(Record(f"slo:sli_bad:count{window}", count, labels))
    left = f"1 - {_ratio(mine, slo.window, pace)} / {slo.budget}"
    return [*records, Record("slo:error_budget:remaining_ratio", left, labels)]


def _ratio(mine: str, window: str, pace: Pace) -> str:
    """The share of bad events; nothing where there were no events."""
    if window == SHORTEST:
        return f"clamp_min(slo:sli_bad:rate5m{mine}, 0) / (slo:sli_total:rate5m{mine} > 0)"
    of_window = f"[{pace(window)}]"
    return (
        f"clamp_min(sum_over_time(slo:sli_bad:rate5m{mine}{of_window}), 0) / "
        f"(sum_over_time(slo:sli_total:rate5m{mine}{of_window}) > 0)"
    )


def _alerts(slo: Slo) -> list[Alert]:
    found = []
    for severity, burns in groupby(
        sorted(slo.burns, key=lambda burn: burn.severity), key=lambda burn: burn.severity
    ):
        known: Severity = "critical" if severity == "critical" else "warning"
        found.append(
            Alert(
                name=slo.alert,
                severity=known,
                area="slo",
                expr="\nor\n".join(_condition(slo, burn) for burn in burns),
                summary=f"{slo.title}: the error budget burns {_TITLES[known]}; {{{{ $value | "
                f"humanizePercentage }}}} of what happened was bad.",
                impact=slo.impact,
            )
        )
    return found


def _condition(slo: Slo, burn: Burn) -> str:
    mine, limit = f'{{slo="{slo.name}"}}', f"{burn.times:g} * {slo.budget}"
    return (
        f"(\n  slo:sli_error:ratio_rate{burn.window}{mine} > {limit}\n"
        f"  and slo:sli_error:ratio_rate{SHORT[burn.window]}{mine} > {limit}\n"
        f"  and slo:sli_bad:count{burn.window}{mine} >= {slo.minimum_bad_events}\n)"
    )

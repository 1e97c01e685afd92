"""The alert on objectives of journey maps: how customers get through a stage.

The journey service counts tries, and tells how fast each budget burns over some windows. The
windows and limits are those of the SRE workbook. The objectives of `slo.yaml` are of the back end.
"""

from __future__ import annotations

from typing import Final

from stack.watch.pace import Pace
from stack.watch.rules import Alert, Group, Severity

NAME: Final = "JourneyObjectiveBurn"
# Long window, short window, and the rate from which on both tell.
_LIMITS: Final[dict[Severity, tuple[tuple[str, str, str], ...]]] = {
    "critical": (("1h", "5m", "14.4"), ("6h", "30m", "6")),
    "warning": (("3d", "6h", "1"),),
}
_TITLES: Final[dict[Severity, str]] = {"critical": "fast", "warning": "steadily"}
_BY: Final = "max by (namespace, map, stage, objective)"
_LEAST_BAD: Final = 5


def groups(pace: Pace) -> list[Group]:
    """Rules over windows that the service itself counts, at any pace."""
    return [Group("journey-objectives", pace("30s"), [_alert(one) for one in _LIMITS])]


def _alert(severity: Severity) -> Alert:
    return Alert(
        name=NAME,
        severity=severity,
        area="journeys",
        expr="\nor\n".join(_condition(*limit) for limit in _LIMITS[severity]),
        summary=f"In the stage {{{{ $labels.stage }}}} of the map {{{{ $labels.map }}}} the budget "
        f"of {{{{ $labels.objective }}}} burns {_TITLES[severity]}: {{{{ $value | humanize }}}} "
        "times as fast as it may.",
        impact="Customers fail in this stage, or wait too long, more often than the map allows.",
    )


def _condition(long: str, short: str, limit: str) -> str:
    def burn(window: str) -> str:
        return f'{_BY} (journey_objective_burn_rate{{job="journey",window="{window}"}}) > {limit}'

    bad = f'{_BY} (journey_objective_bad_tries{{job="journey",window="{long}"}}) >= {_LEAST_BAD}'
    return f"(\n  {burn(long)}\n  and {burn(short)}\n  and {bad}\n)"

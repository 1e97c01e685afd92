"""Writing rules and dashboards: everything in `deploy/` that is made and not written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from stack.watch import burning, health, journeys, messaging, money, openslo, scraping
from stack.watch.dashboards import business, objectives, overview
from stack.watch.dashboards import messaging as messaging_dashboard
from stack.watch.openslo import Slo
from stack.watch.pace import Pace
from stack.watch.rules import Alert, Group, dump

RUNBOOKS = "docs/runbooks/"


@dataclass(frozen=True)
class Options:
    """Options of the generator: the rules' pace and the prefix of the runbooks' addresses."""

    pace: Pace = field(default_factory=Pace)
    runbooks: str = RUNBOOKS


def rule_files(slos: list[Slo], pace: Pace) -> dict[str, list[Group]]:
    """The groups of each file in `deploy/alerts`."""
    return {
        "slo.yaml": burning.groups(slos, pace),
        "money.yaml": money.groups(pace),
        "journeys.yaml": journeys.groups(pace),
        "messaging.yaml": messaging.groups(pace),
        "health.yaml": health.groups(scraping.services(), pace),
    }


def alerts(slos: list[Slo], pace: Pace = Pace()) -> list[Alert]:
    """Every alert."""
    groups = [group for groups in rule_files(slos, pace).values() for group in groups]
    return [rule for group in groups for rule in group.rules if isinstance(rule, Alert)]


def files(deploy: Path, options: Options = Options()) -> dict[Path, str]:
    """The content of each file, by its path below `deploy`."""
    slos = openslo.read(deploy / "slo.yaml")
    made = {
        Path("alerts") / name: dump(groups, options.runbooks)
        for name, groups in rule_files(slos, options.pace).items()
    }
    for page in (
        overview.page(),
        business.page(),
        messaging_dashboard.page(),
        objectives.page(slos),
    ):
        made[Path("dashboards") / f"{page.name}.json"] = page.as_json()
    return made


def write(deploy: Path, into: Path, options: Options = Options()) -> list[Path]:
    """Writes the files, deletes obsolete rules and dashboards, and returns the paths."""
    made = files(deploy, options)
    for folder, pattern in (("alerts", "*.yaml"), ("dashboards", "*.json")):
        (into / folder).mkdir(parents=True, exist_ok=True)
        for old in (into / folder).glob(pattern):
            if old.relative_to(into) not in made:
                old.unlink()
    for path, content in made.items():
        (into / path).write_text(content, encoding="utf-8")
    return sorted(into / path for path in made)

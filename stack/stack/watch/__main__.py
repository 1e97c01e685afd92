"""`python -m stack.watch`: writes rules and dashboards from `deploy/slo.yaml`."""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction
from pathlib import Path

from stack.binaries import checkout
from stack.watch.generating import RUNBOOKS, Options, write
from stack.watch.openslo import Broken
from stack.watch.pace import Pace


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="stack.watch", description="Makes rules, alerts and dashboards from deploy/slo.yaml."
    )
    parser.add_argument(
        "--into", type=Path, metavar="FOLDER", help="where to write them (default deploy)"
    )
    parser.add_argument(
        "--pace",
        type=Fraction,
        default=Fraction(1),
        help="what to multiply every duration by, e.g. 1/30 for a rehearsal",
    )
    parser.add_argument(
        "--runbooks",
        default=RUNBOOKS,
        metavar="PREFIX",
        help=f"what runbook_url begins with (default {RUNBOOKS})",
    )
    chosen = parser.parse_args(arguments)
    deploy = checkout() / "deploy"
    into: Path = chosen.into or deploy
    try:
        made = write(deploy, into, Options(Pace(chosen.pace), chosen.runbooks))
    except Broken as error:
        print(f"deploy/slo.yaml: {error}", file=sys.stderr)
        return 1
    print(f"wrote {len(made)} files below {into}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

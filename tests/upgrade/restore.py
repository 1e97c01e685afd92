"""Restores the recorded release's databases into a new platform, as of this moment."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from stack import binaries
from stack.platform import Platform
from tests.upgrade.documents import Document
from tests.upgrade.record import FOLDER, keep_secrets

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)([ T])(\d\d:\d\d:\d\d)(?=(?:\.\d+)?(?:Z|\+00))")


def read_life() -> Document:
    """Returns the facts that people of the recorded release were shown."""
    return dict(json.loads((FOLDER / "life.json").read_text(encoding="utf-8")))


def restore(platform: Platform) -> None:
    """Restores every database as its owner, and the simulator's ledger; `up` migrates them."""
    keep_secrets(platform)
    moved = _moved_to_now(read_life()["taken_at"])
    platform.start("postgres")
    for component in platform.components:
        if component.database:
            platform.postgres.create_service_database(component.name)
            _psql(
                platform.postgres.owner_dsn(component.name),
                moved((FOLDER / f"{component.name}.sql").read_text(encoding="utf-8")),
            )
    ledger = platform.home / "simulator" / "ledger.sqlite3"
    ledger.parent.mkdir()
    with sqlite3.connect(ledger) as connection:
        connection.executescript(moved((FOLDER / "simulator.sql").read_text(encoding="utf-8")))


def _psql(dsn: str, script: str) -> None:
    command = [
        str(binaries.postgres_bin() / "psql"),
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        dsn,
    ]
    subprocess.run(
        command, input=script, check=True, stdout=subprocess.DEVNULL, text=True, timeout=60
    )


def _moved_to_now(taken_at: str) -> Callable[[str], str]:
    """Moves every time in a dump by its age, so that expiries and due dates lie ahead."""
    passed = timedelta(
        seconds=int((datetime.now(UTC) - datetime.fromisoformat(taken_at)).total_seconds())
    )

    def move(time: re.Match[str]) -> str:
        moved = datetime.fromisoformat(f"{time[1]}T{time[3]}") + passed
        return moved.strftime(f"%Y-%m-%d{time[2]}%H:%M:%S")

    return lambda text: _TIME.sub(move, text)

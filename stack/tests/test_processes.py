from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import psutil  # type: ignore[import-untyped]
import pytest

from stack.embedded.processes import Launch, ProcessTable
from stack.errors import ComponentFailed, Interrupted
from stack.home import Home

FOREVER = "import signal; print('up', flush=True); signal.pause()"
DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); "
    "signal.pause()"
)


@pytest.fixture
def table(home: Path) -> Iterator[ProcessTable]:
    table = ProcessTable(Home(home))
    yield table
    for process in table.all():
        table.kill(process.name)


def python(code: str) -> Launch:
    return Launch(command=(sys.executable, "-c", code), env={"PATH": os.defpath})


def started(table: ProcessTable, code: str = FOREVER) -> psutil.Process:
    """A process named `one` that has set up its signals."""
    recorded = table.start("one", python(code))
    table.wait_until("one", lambda: "up" in table.tail("one"), within_seconds=10)
    return psutil.Process(recorded.pid)


def test_a_process_is_found_again_by_another_table(table: ProcessTable, home: Path) -> None:
    process = started(table)

    later = ProcessTable(Home(home))

    assert later.is_alive("one")
    later.stop("one")
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert later.get("one") is None


def test_starting_what_runs_changes_nothing(table: ProcessTable) -> None:
    first = started(table)

    again = table.start("one", python(FOREVER))

    assert again.pid == first.pid


def test_a_stranger_with_a_recycled_pid_is_never_signalled(table: ProcessTable) -> None:
    stranger = started(table)
    with table.home.changing_state() as state:
        state["processes"]["one"]["created_at_unix"] -= 60

    assert not table.is_alive("one")
    assert not table.send("one", SIGTERM)
    table.kill("one")
    table.stop("one")

    assert stranger.is_running()
    stranger.kill()


def test_a_process_that_ignores_sigterm_is_killed(table: ProcessTable) -> None:
    started(table, DEAF)

    table.stop("one", within_seconds=0.2)

    assert not table.is_alive("one")


def test_a_killed_process_stays_on_record(table: ProcessTable) -> None:
    started(table)

    table.kill("one")

    assert not table.is_alive("one")
    assert table.get("one") is not None


def test_a_process_that_dies_early_is_reported_at_once_with_its_log(table: ProcessTable) -> None:
    table.start("one", python("print('starting', flush=True); raise SystemExit('no database')"))

    with pytest.raises(ComponentFailed) as failure:
        table.wait_until("one", lambda: False, within_seconds=60)

    assert failure.value.component == "one"
    assert "exit code 1" in failure.value.why
    assert failure.value.tail.splitlines() == ["starting", "no database"]
    assert failure.value.log_path == table.home.logs / "one.log"


def test_the_reported_log_is_that_of_the_last_run_only(table: ProcessTable) -> None:
    for message in ("first", "second"):
        with pytest.raises(ComponentFailed) as failure:
            table.run("one", python(f"raise SystemExit('{message}')"), within_seconds=10)

    assert failure.value.tail == "second"
    assert (table.home.logs / "one.log").read_text() == "first\nsecond\n"


def test_a_process_that_never_gets_ready_is_reported(table: ProcessTable) -> None:
    started(table)

    with pytest.raises(ComponentFailed, match="not ready within"):
        table.wait_until("one", lambda: False, within_seconds=0.1)


def test_a_wait_can_be_given_up(table: ProcessTable) -> None:
    started(table)
    cancelled = threading.Event()
    cancelled.set()

    with pytest.raises(Interrupted):
        table.wait_until("one", lambda: False, within_seconds=60, cancelled=cancelled)

    assert table.is_alive("one")


def test_a_program_that_is_not_there_is_reported(table: ProcessTable) -> None:
    with pytest.raises(ComponentFailed, match="No such file"):
        table.start("one", Launch(command=("/nowhere/at/all",), env={}))

    assert table.get("one") is None


def test_the_state_is_private(table: ProcessTable) -> None:
    started(table)

    assert stat.S_IMODE((table.home.path / "state.json").stat().st_mode) == 0o600

"""A killed run leaves nothing; the next run names what a killed guardian left."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from chassis.testing import eventually
from stack.embedded import guardian
from stack.embedded.guardian import Owned, owning, stop_leftovers
from stack.embedded.processes import Launch, ProcessTable
from stack.home import Home

OWNER = """
import signal, sys, time
from pathlib import Path
from stack.embedded.guardian import owning
from stack.home import Home
from stack.embedded.processes import Launch, ProcessTable

# Under nohup, or in the background of a shell, a process inherits that it ignores these.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
home = Path(sys.argv[1])
with owning(home, "make bench"):
    sleeper = Launch((sys.executable, "-c", "import time; time.sleep(600)"), {})
    ProcessTable(Home(home)).start("sleeper", sleeper)
    print("started", flush=True)
    time.sleep(600)
"""
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def records_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps a test from stopping what another one, in another process, has just left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Starts a process that owns the home, and waits until its own process runs."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", OWNER, str(home)], stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def is_running(pid: int) -> bool:
    """Whether a process runs; one that nobody has asked for its exit code does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def sleeper_of(home: Path) -> int:
    recorded = ProcessTable(Home(home)).get("sleeper")
    assert recorded is not None
    return recorded.pid


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_run_that_is_killed_leaves_no_process_and_no_home(
    home: Path, start: Start, how: signal.Signals
) -> None:
    owner = start()
    pid = sleeper_of(home)

    owner.send_signal(how)
    owner.wait()

    await eventually(lambda: not is_running(pid) and not home.exists(), within=20)


async def test_what_a_killed_guardian_left_is_named_and_stopped_by_the_next_run(
    home: Path, start: Start
) -> None:
    owner = start()
    pid = sleeper_of(home)
    for process in psutil.Process(owner.pid).children():
        if "stack.embedded.guardian" in process.cmdline():
            process.kill()
    owner.kill()
    owner.wait()
    said: list[str] = []

    stop_leftovers(said.append)

    assert not is_running(pid)
    assert not home.exists()
    mine = [line for line in said if str(home) in line]
    assert len(mine) == 1
    assert f"`make bench` (process {owner.pid}, which has ended)" in mine[0]
    assert f"sleeper ({pid})" in mine[0]


async def test_a_guardian_and_the_next_run_stop_a_home_one_after_the_other(
    home: Path, start: Start
) -> None:
    owner = start()
    pid = sleeper_of(home)
    owner.kill()
    owner.wait()

    with ThreadPoolExecutor() as pool:
        for stopped in [pool.submit(guardian.stop, home, purges=True) for _ in range(8)]:
            stopped.result()

    await eventually(lambda: not is_running(pid) and not home.exists(), within=20)


async def test_a_run_that_still_goes_on_is_left_alone(home: Path, start: Start) -> None:
    start()
    pid = sleeper_of(home)

    stop_leftovers(lambda line: None)

    assert is_running(pid)


def test_a_run_that_ends_by_itself_keeps_what_it_did_not_stop(home: Path) -> None:
    with owning(home, "make bench"):
        ProcessTable(Home(home)).start(
            "sleeper", Launch((sys.executable, "-c", "import time; time.sleep(600)"), {})
        )

    assert is_running(sleeper_of(home))
    guardian.stop(home, purges=True)
    assert not home.exists()
    assert not Owned(str(home), "", 0, 0.0).record.exists()

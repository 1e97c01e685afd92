"""One throw-away PostgreSQL for a test run, and one NATS for each of its workers."""

import gc
import os
import random
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from stack.embedded.guardian import owning, stop_leftovers
from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.ports import free_port

STOPS = pytest.StashKey[list]()
OWNED = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle",
        type=int,
        metavar="SEED",
        help="run the tests in the random order of this seed: what depends on another test shows",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Thousands of modules and tests are loaded, and none of them is garbage.
    gc.disable()
    config.stash[STOPS] = []
    config.stash[OWNED] = ExitStack()
    if config.option.collectonly or getattr(config.option, "help", False):
        return
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        stop_leftovers(lambda line: print(line, file=sys.stderr))  # noqa: T201
        # Workers are started after this and inherit the environment.
        _start_postgres(config)
    if is_worker or not config.getoption("numprocesses", None):
        _start_nats(config)


def _start_postgres(config: pytest.Config) -> None:
    home = Path(tempfile.mkdtemp(prefix="sojourn-tests-"))
    config.stash[OWNED].enter_context(owning(home, "make test"))
    postgres = Postgres(home, free_port(), durable=False)
    config.stash[STOPS] += [postgres.purge, lambda: shutil.rmtree(home, ignore_errors=True)]
    postgres.start()
    os.environ["TEST_POSTGRES_DSN"] = postgres.superuser_dsn("postgres")


def _start_nats(config: pytest.Config) -> None:
    home = Path(tempfile.mkdtemp(prefix="sojourn-tests-"))
    config.stash[OWNED].enter_context(owning(home, "make test"))
    nats = Nats(home, free_port(), monitor_port=free_port())
    config.stash[STOPS] += [nats.purge, lambda: shutil.rmtree(home, ignore_errors=True)]
    nats.start()
    os.environ["TEST_NATS_URL"] = nats.url()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keeps what was loaded out of each later collection of garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    for stop in config.stash.get(STOPS, []):
        stop()
    if (owned := config.stash.get(OWNED, None)) is not None:
        owned.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips container tests where no Docker engine answers, and shuffles on demand.

    Each worker shuffles alike.
    """
    if (seed := config.getoption("--shuffle")) is not None:
        random.Random(seed).shuffle(items)
    in_containers = [item for item in items if item.get_closest_marker("containers")]
    if not in_containers:
        return
    from stack.containers.images import is_engine_reachable

    if not is_engine_reachable():
        for item in in_containers:
            item.add_marker(pytest.mark.skip(reason="containers: no Docker engine is reachable"))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stops the stacks that no later test of this worker uses."""
    from tests.stacks import stop_stacks

    stop_stacks(item, nextitem)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says on which stacks the stories ran, and what did not run."""
    passed = [
        report.nodeid
        for report in terminalreporter.stats.get("passed", [])
        if report.when == "call"
    ]
    stories = [
        nodeid
        for nodeid in passed
        if nodeid.startswith("tests/e2e/") and "/test_images.py" not in nodeid
    ]
    in_containers = sum("[containers" in nodeid for nodeid in stories)
    skipped = sorted(
        {
            str(report.longrepr[2])
            for report in terminalreporter.stats.get("skipped", [])
            if isinstance(report.longrepr, tuple)
        }
    )
    if stories:
        terminalreporter.write_line(
            f"stories: {len(stories) - in_containers} ran on the embedded stack, {in_containers} "
            "on containers"
        )
    for reason in skipped:
        terminalreporter.write_line(f"not run: {reason}")

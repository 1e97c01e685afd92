from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import psycopg
import pytest

from stack import __main__ as cli
from stack.commands.options import Exit
from stack.embedded.guardian import owning
from stack.errors import ComponentFailed, StackBusy
from stack.platform import Platform
from stack.status import State
from stack.topology import Component

# One server for all of the module, not one per worker.
pytestmark = pytest.mark.xdist_group("stack-platform")

# A service as the stack knows it: `migrate` makes its table, `all` answers /readyz as long as the
# table is there.
FAKE_SERVICE = """
import http.server, os, sys
import psycopg

if sys.argv[1] == "migrate":
    owner = psycopg.connect(os.environ["MIGRATE_DATABASE_URL"], autocommit=True)
    owner.execute("CREATE TABLE IF NOT EXISTS product (sku TEXT)")
    sys.exit(0)

class Admin(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        psycopg.connect(os.environ["DATABASE_URL"]).execute("SELECT * FROM product").fetchall()
        self.send_response(200)
        self.end_headers()

if os.environ.get("BROKEN"):
    sys.exit("the setting COLOUR is missing")
print(os.environ["SERVICE_INSTANCE"], "serves", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["ADMIN_PORT"])), Admin).serve_forever()
"""
COMPONENTS = (
    Component(name="sink", command=("stack.traces.sink",), ports={"http": 1}, singleton=True),
    Component(
        name="shop",
        command=("shop", "all"),
        ports={"grpc": 2, "admin": 3},
        database=True,
        broker=True,
        replicas=2,
    ),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home, purged in the end, beside a folder with the fake service."""
    folder = tmp_path_factory.mktemp("platform")
    (folder / "code").mkdir()
    (folder / "code" / "shop.py").write_text(FAKE_SERVICE)
    with owning(folder / "home", "make test"):
        yield folder / "home"
        a_platform(folder / "home").down(purge=True)


def a_platform(path: Path, **shop: str) -> Platform:
    settings = {"shop": {"PYTHONPATH": str(path.parent / "code"), **shop}}
    return Platform(
        home=path, ports="free", durable=False, settings=settings, components=COMPONENTS
    )


@pytest.fixture
def platform(path: Path) -> Platform:
    """The platform, all up."""
    platform = a_platform(path)
    platform.up()
    return platform


def states(platform: Platform) -> dict[str, State]:
    return {line.name: line.state for line in platform.status()}


def pids(platform: Platform) -> dict[str, int | None]:
    return {line.name: line.pid for line in platform.status()}


def test_a_failure_names_the_component_and_the_next_up_goes_on_from_it(path: Path) -> None:
    with pytest.raises(ComponentFailed) as failure:
        a_platform(path, BROKEN="1").up()
    assert failure.value.component in ("shop-1", "shop-2")
    assert "COLOUR" in failure.value.tail
    before = pids(a_platform(path))

    platform = a_platform(path)
    platform.up()

    assert set(states(platform).values()) == {State.READY}
    assert set(states(platform)) == {"postgres", "nats", "sink", "shop-1", "shop-2"}
    assert {name: pids(platform)[name] for name in ("postgres", "nats", "sink")} == {
        name: before[name] for name in ("postgres", "nats", "sink")
    }


def test_up_on_a_running_stack_starts_only_what_is_missing(platform: Platform) -> None:
    before = pids(platform)
    platform.kill("shop-2")
    assert states(platform)["shop-2"] is State.CRASHED

    platform.up()

    after = pids(platform)
    assert {name for name in after if after[name] != before[name]} == {"shop-2"}
    assert set(states(platform).values()) == {State.READY}


def test_a_component_is_terminated_and_started_with_all_its_replicas(platform: Platform) -> None:
    before = pids(platform)

    platform.terminate("shop")
    assert states(platform)["shop-1"] is states(platform)["shop-2"] is State.STOPPED
    platform.start("shop")

    after = pids(platform)
    assert {name for name in after if after[name] != before[name]} == {"shop-1", "shop-2"}


def test_the_database_can_be_killed_and_started(platform: Platform) -> None:
    with psycopg.connect(platform.postgres.superuser_dsn()):
        platform.kill("postgres")
        platform.start("postgres")

    with psycopg.connect(platform.postgres.service_dsn("shop")) as connection:
        assert connection.execute("SELECT count(*) FROM product").fetchone() == (0,)


def test_the_sink_answers(platform: Platform) -> None:
    assert httpx.get(f"{platform.sink_url}/traces").json()["traces"] == []


def test_a_second_up_at_the_same_time_is_refused(platform: Platform, path: Path) -> None:
    with platform.runtime.home.exclusively(), pytest.raises(StackBusy, match=str(path)):
        a_platform(path).up()


def test_a_wait_cut_short_leaves_a_stack_that_up_completes(platform: Platform) -> None:
    platform.terminate("shop")
    interrupted = a_platform(platform.home)

    def press_ctrl_c(component: str, what: str, elapsed_seconds: float) -> None:
        raise KeyboardInterrupt

    interrupted.report = press_ctrl_c
    with pytest.raises(KeyboardInterrupt):
        interrupted.up()

    platform.up()

    assert set(states(platform).values()) == {State.READY}
    assert threading.active_count() < 10


def test_status_and_logs_are_printed(
    platform: Platform, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        cli.main(["status", "--home", str(path)]) == Exit.NOT_RUNNING
    )  # of the real topology, most is missing
    shown = capsys.readouterr().out
    assert any(line.split()[:2] == ["postgres", "ready"] for line in shown.splitlines())
    assert any(line.split()[:2] == ["shop-1", "ready"] for line in shown.splitlines())
    assert "\x1b" not in shown

    assert cli.main(["logs", "shop-1", "--home", str(path)]) == Exit.OK
    assert "shop-1 serves" in capsys.readouterr().out


def test_an_error_tells_what_to_do(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["logs", "nothing", "--home", str(path)]) == Exit.FAILED

    assert "to do" in capsys.readouterr().err


def test_down_stops_everything_and_purge_deletes_it(platform: Platform) -> None:
    data = platform.postgres.folder

    platform.down()
    assert set(states(platform).values()) == {State.STOPPED}
    assert data.exists()
    platform.up()
    platform.down(purge=True)

    assert not data.exists()
    assert not platform.home.exists()


def test_a_full_disk_is_told_and_does_not_keep_the_stack_from_stopping(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as at_the_start:
        at_the_start.setattr(
            "shutil.disk_usage", lambda _: SimpleNamespace(total=10, used=9, free=1)
        )
        assert cli.main(["up", "--home", str(home)]) == Exit.FAILED
    assert "is full" in capsys.readouterr().err
    with monkeypatch.context() as at_the_end:
        at_the_end.setattr("stack.home.write_private", full)
        assert cli.main(["down", "--home", str(home), "--purge"]) == Exit.OK

    assert not home.exists()

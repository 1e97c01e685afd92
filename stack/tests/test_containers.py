"""A small stack in containers: what runs, what was killed, and what stays of it."""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from stack.containers.images import BASE, SOURCES_LABEL, VERSION_LABEL, Builder, all_images, engine
from stack.containers.runtime import Containers
from stack.containers.table import STACK_LABEL
from stack.errors import ComponentFailed, StackError
from stack.platform import Platform
from stack.status import State
from stack.topology import Component

# The first of them may build the images.
pytestmark = [
    pytest.mark.containers,
    pytest.mark.xdist_group("containers"),
    pytest.mark.timeout(1200),
]
COMPONENTS = (
    Component(name="sink", command=("stack.traces.sink",), ports={"http": 4318}, singleton=True),
    Component(
        name="mailbox",
        command=("stack.mailbox.server",),
        ports={"http": 8025, "smtp": 8026},
        folder=True,
        replicas=2,
    ),
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Servers, a sink, and two mail boxes."""
    platform = a_platform(tmp_path_factory.mktemp("containers") / "home")
    try:
        platform.up()
        yield platform
    finally:
        platform.down(purge=True)


def a_platform(home: Path) -> Platform:
    return Platform(
        home=home, kind="containers", ports="free", durable=False, components=COMPONENTS
    )


def states(platform: Platform) -> dict[str, State]:
    return {line.name: line.state for line in platform.status()}


def pids(platform: Platform) -> dict[str, int | None]:
    return {line.name: line.pid for line in platform.status()}


def test_another_run_finds_what_runs_and_up_starts_only_what_was_killed(platform: Platform) -> None:
    before = pids(platform)
    platform.kill("mailbox-2")
    assert states(platform)["mailbox-2"] is State.CRASHED

    again = a_platform(platform.home)
    again.up()

    assert {name for name, pid in pids(again).items() if pid != before[name]} == {"mailbox-2"}
    assert set(states(again).values()) == {State.READY}


def test_files_and_logs_outlive_a_restart(platform: Platform) -> None:
    log = platform.log_path("postgres").read_bytes()
    with smtplib.SMTP(platform.wiring.at, platform.wiring.ports["mailbox-1.smtp"]) as server:
        server.sendmail("a@example.com", ["b@example.com"], "Subject: kept\r\n\r\n")

    platform.restart("postgres")
    platform.restart("mailbox-1")

    assert platform.log_path("postgres").read_bytes().startswith(log)
    [letter] = httpx.get(platform.url("mailbox-1") + "/messages").json()["messages"]
    assert letter["subject"] == "kept"


def test_a_failure_tells_the_end_of_its_log(platform: Platform) -> None:
    platform.terminate("mailbox-2")
    broken = a_platform(platform.home)
    broken.settings = {"mailbox-2": {"SMTP_PORT": "none"}}

    with pytest.raises(ComponentFailed) as failure:
        broken.start("mailbox-2")
    platform.start("mailbox-2")

    assert "exited before it was ready (exit code 1)" in str(failure.value)
    assert "invalid literal for int" in failure.value.tail
    assert set(states(platform).values()) == {State.READY}


def test_nothing_stays_of_a_stack_that_is_purged(tmp_path: Path) -> None:
    platform = Platform(
        home=tmp_path / "home",
        kind="containers",
        ports="free",
        durable=False,
        components=COMPONENTS[:1],
    )
    platform.up()
    assert isinstance(platform.runtime, Containers)
    client, mine = platform.runtime.client, {"label": f"{STACK_LABEL}={platform.runtime.id}"}
    assert client.volumes.list(filters=mine)

    platform.down(purge=True)

    assert client.containers.list(all=True, filters=mine) == []
    assert client.volumes.list(filters=mine) == []
    assert client.networks.list(filters=mine) == []
    assert not platform.home.exists()


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Small sources of the images of two services."""
    for path in (
        "services/catalog/catalog/stock/model.py",
        "services/cart/cart/carts/model.py",
        "chassis/chassis/data/database.py",
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("")
    (tmp_path / ".dockerignore").write_text("*\n!services\n!chassis\nservices/*/tests\n")
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\nRUN echo the cause >&2 && false\n")
    return tmp_path


def test_a_change_concerns_only_the_images_that_hold_it(sources: Path) -> None:
    images = [image for image in all_images() if image.name in ("catalog", "cart")]

    def digests() -> list[str]:
        builder = Builder(engine(), root=sources)
        return [builder.sources_of(image) for image in images]

    first = digests()
    (sources / "services/catalog/catalog/stock/model.py").write_text("changed")
    of_catalog = digests()
    (sources / "chassis/chassis/data/database.py").write_text("changed")
    of_all = digests()

    assert [one != other for one, other in zip(first, of_catalog, strict=True)] == [
        image.name == "catalog" for image in images
    ]
    assert all(one != other for one, other in zip(of_catalog, of_all, strict=True))


def test_an_image_that_was_made_from_one_of_ours_is_not_taken_for_it(sources: Path) -> None:
    (sources / "Dockerfile").write_text(
        f"FROM {BASE}\nARG SOURCES\nARG VERSION\nLABEL {SOURCES_LABEL}=$SOURCES "
        f"{VERSION_LABEL}=$VERSION\n"
    )
    [cart] = [image for image in all_images() if image.name == "cart"]
    client = engine()
    builder = Builder(client, root=sources)
    built = builder.build([cart], tag := f"test-{uuid.uuid4().hex}")
    derived = client.images.get(built["cart"])
    derived.tag(cart.repository, f"{tag}-derived")

    try:
        assert builder.ensure([cart]) == built
        client.images.remove(built["cart"])
        assert builder.ensure([cart]) != {"cart": f"{cart.repository}:{tag}-derived"}
    finally:
        for reference in {
            tag
            for image in client.images.list(
                filters={"label": f"{SOURCES_LABEL}={builder.sources_of(cart)}"}
            )
            for tag in image.tags
        }:
            client.images.remove(reference)


def test_a_build_that_fails_tells_why(sources: Path) -> None:
    with pytest.raises(StackError, match="the cause"):
        Builder(engine(), root=sources).build(all_images()[:1], "never")

"""Images as users meet them: user, capabilities, stop, and contents."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest
from docker.models.containers import Container
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

from chassis.testing import eventually
from stack.binaries import checkout
from stack.containers import bills
from stack.containers.images import PYTHON, all_images
from stack.containers.runtime import Containers
from stack.platform import Platform

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]
NAMES = [image.name for image in all_images()]
STOP_SECONDS = 25
# Asked of process 1 from within: who it is, what it may do, and whether its file system can be
# written to.
INTROSPECTION = """
import json, os, pathlib, tempfile
status = dict(line.split(":",
1) for line in pathlib.Path("/proc/1/status").read_text().splitlines())
try:
    pathlib.Path("/opt/sojourn/new").touch()
    written = "yes"
except OSError as error:
    written = error.strerror
with tempfile.TemporaryFile():
    pass
command = pathlib.Path("/proc/1/cmdline").read_text().split(chr(0))
print(json.dumps({"uid": status["Uid"].split(), "capabilities": int(status["CapEff"], 16),
"no_new_privileges": status["NoNewPrivs"].strip(),
                  "program": os.path.basename(command[0]), "written": written}))
"""
LEFT_BEHIND = """
import importlib.util, json, pathlib, shutil
tools = [tool for tool in ("gcc", "cc", "g++", "c++", "clang", "make", "ld", "uv", "uvx", "pip",
"pip3", "git", "protoc") if shutil.which(tool)]
modules = [name for name in ("pip", "uv", "setuptools", "ensurepip", "grpc_tools",
"mypy") if importlib.util.find_spec(name)]
sources = list(pathlib.Path("/opt/sojourn/lib").rglob("*.py"))
raw = [
    str(path)
    for path in sources
    if not list((path.parent / "__pycache__").glob(path.stem + ".*.pyc"))
]
print(json.dumps({"tools": tools, "modules": modules, "sources": len(sources),
"not_compiled": raw}))
"""


@pytest.fixture(scope="session")
def runtime(containers: Platform) -> Containers:
    assert isinstance(containers.runtime, Containers)
    return containers.runtime


def container_of(runtime: Containers, instance: str) -> Container:
    return runtime.client.containers.get(runtime.container_name(instance))


def asked(runtime: Containers, name: str, program: str) -> dict[str, Any]:
    """Returns the JSON that a program prints in a fresh container of an image."""
    printed = runtime.client.containers.run(
        runtime.images[name],
        ["-P", "-c", program],
        entrypoint=[PYTHON],
        remove=True,
        read_only=True,
    )
    answer: dict[str, Any] = json.loads(printed)
    return answer


def test_every_instance_is_a_python_without_rights_on_a_file_system_that_it_cannot_write(
    containers: Platform, runtime: Containers
) -> None:
    for instance in containers.instances:
        code, output = container_of(runtime, instance.name).exec_run(
            [PYTHON, "-P", "-c", INTROSPECTION]
        )
        assert code == 0, (instance.name, output)
        assert json.loads(output) == {
            "uid": ["10001"] * 4,
            "capabilities": 0,
            "no_new_privileges": "1",
            "program": "python",
            "written": "Read-only file system",
        }, instance.name


async def test_a_service_told_to_stop_drains_and_exits_with_0(
    containers: Platform, runtime: Containers
) -> None:
    before = containers.settings
    containers.terminate("catalog-2")
    containers.settings = {**before, "catalog-2": {"DRAIN_SECONDS": "2"}}
    try:
        containers.start("catalog-2")
    finally:
        containers.settings = before
    container = container_of(runtime, "catalog-2")

    began = time.monotonic()
    container.kill(signal="SIGTERM")
    async with httpx.AsyncClient(base_url=containers.admin_url("catalog-2")) as client:

        async def is_draining() -> bool:
            return (await client.get("/readyz")).status_code == 503

        await eventually(is_draining, within=1.5)
        assert (await client.get("/livez")).status_code == 200
    ended = container.wait(timeout=STOP_SECONDS)
    took = time.monotonic() - began
    log = [
        json.loads(line)["event"]
        for line in containers.log_path("catalog-2").read_text().splitlines()
    ]
    containers.start("catalog-2")

    assert ended["StatusCode"] == 0
    assert 2 <= took < STOP_SECONDS
    assert log.index("draining") < log.index("stopped")


@pytest.mark.parametrize("instance", ["gateway-2", "simulator", "mailbox", "sink"])
def test_every_other_kind_of_process_exits_with_0_too(
    containers: Platform, runtime: Containers, instance: str
) -> None:
    container = container_of(runtime, instance)

    container.kill(signal="SIGTERM")
    ended = container.wait(timeout=STOP_SECONDS)
    containers.start(instance)

    assert ended["StatusCode"] == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_image_holds_no_compiler_and_no_installer_and_is_byte_compiled(
    runtime: Containers, name: str
) -> None:
    found = asked(runtime, name, LEFT_BEHIND)

    assert found.pop("sources") > 500
    assert found == {"tools": [], "modules": [], "not_compiled": []}


@pytest.mark.parametrize("name", NAMES)
def test_an_image_says_what_it_is(runtime: Containers, name: str) -> None:
    image = runtime.client.images.get(runtime.images[name])
    labels, prefix = image.labels, "org.opencontainers.image."

    assert labels[f"{prefix}title"] == f"sojourn-{name}"
    assert labels[f"{prefix}version"] in {tag.rpartition(":")[2] for tag in image.tags}
    assert re.fullmatch(r"[0-9a-f]{10}|unversioned", labels[f"{prefix}revision"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", labels[f"{prefix}created"])
    assert (image.attrs["Config"]["User"], image.attrs["Config"]["Entrypoint"][0]) == (
        "10001:10001",
        PYTHON,
    )


def test_images_share_their_largest_layers(runtime: Containers) -> None:
    layers = [
        runtime.client.images.get(reference).attrs["RootFS"]["Layers"]
        for reference in runtime.images.values()
    ]

    # All but the last, which is the service's own.
    assert len({tuple(each[:-1]) for each in layers}) == 1
    assert len({each[-1] for each in layers}) == len(layers)


@pytest.mark.parametrize("name", NAMES)
def test_a_bill_of_materials_tells_all_that_an_image_holds(
    runtime: Containers, tmp_path: Path, name: str
) -> None:
    (root := tmp_path / "root").mkdir()
    (root / "deploy").symlink_to(checkout() / "deploy")
    lock = "\n" + (checkout() / "requirements.lock").read_text()

    [path] = bills.write(runtime.client, {name: runtime.images[name]}, root)

    bill = json.loads(path.read_text())
    versions = {
        component["purl"].partition("@")[0]: component["version"]
        for component in bill["components"]
    }
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert {
        f"pkg:pypi/sojourn-{name}",
        "pkg:pypi/protobuf",
        "pkg:deb/debian/libc6",
        "pkg:generic/python",
    } <= versions.keys()
    ours = {
        purl: version
        for purl, version in versions.items()
        if purl.startswith("pkg:pypi/") and "/sojourn-" not in purl
    }
    for purl, version in ours.items():
        assert f"\n{purl.removeprefix('pkg:pypi/')}=={version} " in lock, (
            f"{purl}@{version} is not what the lock says"
        )
    assert len(set(bill["dependencies"][0]["dependsOn"])) == len(bill["components"])


@pytest.fixture
def without_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its image may not be there to pull, and what is started here is stopped here."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)


@pytest.fixture
def lonely_simulator(runtime: Containers, without_reaper: None) -> Iterator[DockerContainer]:
    """The simulator's image with its own defaults, but for what it asks for."""
    volume = f"sojourn-test-{uuid.uuid4().hex}"
    container = (
        DockerContainer(runtime.images["simulator"])
        .with_env("SIMULATOR_API_KEY", "key")
        .with_env("WEBHOOK_SECRET", "secret")
        .with_exposed_ports(8090)
        .with_tmpfs_mount("/tmp")
        .with_volume_mapping(volume, "/var/lib/sojourn", "rw")
        .with_kwargs(read_only=True, cap_drop=["ALL"], security_opt=["no-new-privileges"])
        .waiting_for(
            HttpWaitStrategy(8090, "/readyz").for_status_code(200).with_startup_timeout(30)
        )
    )
    try:
        with container:
            yield container
    finally:
        runtime.client.volumes.get(volume).remove()


def test_an_image_runs_by_itself_with_its_own_defaults(lonely_simulator: DockerContainer) -> None:
    url = f"http://{lonely_simulator.get_container_host_ip()}:{lonely_simulator.get_exposed_port(8090)}"

    assert (
        httpx.get(f"{url}/ledger/summary", headers={"Authorization": "Bearer key"}).status_code
        == 200
    )
    assert httpx.get(f"{url}/ledger/summary").status_code == 401


def test_an_image_says_what_its_environment_lacks(runtime: Containers) -> None:
    with pytest.raises(docker.errors.ContainerError) as failure:
        runtime.client.containers.run(
            runtime.images["gateway"], ["serve"], remove=True, read_only=True
        )

    assert failure.value.exit_status == 1
    assert b"gateway: the environment is not complete: IDENTITY_TARGET" in failure.value.stderr

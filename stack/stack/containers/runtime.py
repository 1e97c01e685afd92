"""The parts of a stack as containers on their own network, by any Docker engine here."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from stack import topology
from stack.containers import servers as container_servers
from stack.containers.boxes import CONFINED, Box
from stack.containers.images import PYTHON, Builder, Built, all_images, image_of
from stack.containers.table import POLL_SECONDS, STACK_LABEL, ContainerTable
from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.environment import Program, Wiring
from stack.errors import Interrupted
from stack.permissions import Permissions

# The defaults of the images, as the chassis' settings say; another kind listens on its component's
# own port.
STANDARD_PORTS: Final = {"grpc": 50051, "admin": 9090}
DATA: Final = PurePosixPath("/var/lib/sojourn")


class Containers(ContainerTable):
    """Programs as containers, of images that are built when their sources change."""

    def __init__(self, home: Path, *, built: Built = lambda reference, seconds: None) -> None:
        super().__init__(home)
        self._built = built
        self._lock = threading.Lock()

    @cached_property
    def images(self) -> dict[str, str]:
        """References by name, built now where the sources have changed."""
        with self._lock:
            return Builder(self.client, built=self._built).ensure(all_images())

    def prepare(self) -> None:
        self.home.create()
        _ = self.images
        if not self.client.networks.list(names=[f"^{self.network}$"]):
            self.client.networks.create(
                self.network, driver="bridge", labels={STACK_LABEL: self.id}
            )

    def clear(self, *, purge: bool) -> None:
        mine = {"label": f"{STACK_LABEL}={self.id}"}
        for container in self.client.containers.list(all=True, filters=mine):
            self.remove(container)
        for network in self.client.networks.list(filters=mine):
            network.remove()
        if purge:
            for volume in self.client.volumes.list(filters=mine):
                volume.remove(force=True)
            shutil.rmtree(self.home.path, ignore_errors=True)

    def servers(
        self, ports: Mapping[str, int], *, durable: bool, users: Mapping[str, Permissions]
    ) -> tuple[Postgres, Nats]:
        return container_servers.make(self, ports, durable=durable, users=users)

    def seen_from_inside(self, wiring: Wiring) -> Wiring:
        ports = {
            slot: port
            for slot, port in wiring.ports.items()
            if slot in topology.INFRASTRUCTURE_PORTS
        }
        for instance in topology.instances(wiring.components, wiring.replicas):
            for kind, port in instance.component.ports.items():
                ports[f"{instance.name}.{kind}"] = STANDARD_PORTS.get(kind, port)
        postgres, nats = container_servers.seen_from_inside(self.home.path, wiring.nats)
        return replace(
            wiring,
            ports=ports,
            published=wiring.ports,
            data=Path(DATA),
            postgres=postgres,
            nats=nats,
        )

    def start(self, name: str, program: Program, ports: Mapping[str, int]) -> None:
        inside = {
            kind: STANDARD_PORTS.get(kind, port) for kind, port in program.component.ports.items()
        }
        box = replace(
            self._box(program),
            aliases=(program.component.name,),
            ports={kind: (inside[kind], port) for kind, port in ports.items()},
        )
        self.start_box(name, box)

    def run(
        self,
        name: str,
        program: Program,
        *,
        within_seconds: float,
        cancelled: threading.Event | None = None,
    ) -> None:
        self.stop(name, within_seconds=0)  # one left over by an interrupted run
        self.start_box(name, self._box(program))
        deadline, pause = time.monotonic() + within_seconds, cancelled or threading.Event()
        try:
            while (code := self.exit_code(name)) is None:
                if time.monotonic() > deadline:
                    raise self.failure(name, f"not done within {within_seconds:g} s")
                if pause.wait(POLL_SECONDS):
                    raise Interrupted(f"{name}: given up waiting")
            if code != 0:
                raise self.failure(name, f"exit code {code}")
        finally:
            self.stop(name, within_seconds=0)

    def _box(self, program: Program) -> Box:
        module, *arguments = program.module
        is_whole = image_of(module) == module
        return Box(
            image=self.images[image_of(module)],
            # The image runs its package; a module inside of it has to be named.
            entrypoint=() if is_whole else (PYTHON, "-P", "-m", module),
            command=tuple(arguments),
            env=program.env,
            files=str(DATA) if program.component.folder else None,
            limits=CONFINED,
        )

"""The platform of one home: start, stop, status, and components to kill and start."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Final, Literal

from stack import environment, topology
from stack.embedded import nats, postgres
from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.embedded.processes import answers_ready
from stack.environment import Wiring
from stack.errors import UnknownComponent
from stack.permissions import of_all
from stack.ports import PortChoice, chosen, is_free, require_free
from stack.runtime import Kind, Processes, Runtime
from stack.status import ComponentStatus, State, stopping_order
from stack.topology import Component, Instance

READY_SECONDS: Final = 90.0
MIGRATE_SECONDS: Final = 120.0
# A service finishes what is in flight for 20 s at most.
STOP_SECONDS: Final = 25.0
PORTS_SECONDS: Final = 3.0
# What an empty stack takes: databases with their write-ahead logs, streams, logs.
LEAST_BYTES: Final = 256 * 1024 * 1024

Report = Callable[[str, str, float], None]


def say_nothing(component: str, what: str, elapsed_seconds: float) -> None:
    """A report that goes nowhere."""


@dataclass
class Platform:
    """Everything that runs for one home.

    All calls block; call them from a thread in asynchronous code.

    `ports` is "default", "free" (unused ones, kept by the home) or the first of a row of numbers.
    `settings` adds variables to the environment of a component or of a single instance. `report`
    hears of each step, from several threads. `kind` says whether the parts are processes of this
    machine or containers. `ready_seconds` is how long a service may take until it is ready.
    """

    home: Path
    ports: PortChoice = "default"
    replicas: Mapping[str, int] = field(default_factory=dict)
    clock: Literal["real", "virtual"] = "real"
    durable: bool = True
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    report: Report = say_nothing
    components: tuple[Component, ...] = topology.COMPONENTS
    kind: Kind = "embedded"
    ready_seconds: float = READY_SECONDS

    def __post_init__(self) -> None:
        unknown = {*self.replicas, *self.settings} - {"postgres", "nats", *self._names()}
        if unknown:
            raise self._unknown(", ".join(sorted(unknown)))
        self.runtime = self._runtime()
        self._cancelled = threading.Event()

    # --- the whole ---

    def up(self) -> None:
        """Starts whatever does not run, and returns when all of it is ready.

        Restarts nothing that is alive.

        Raises StackBusy, PortInUse, ComponentFailed or StackError. What was started stays, and the
        next `up` goes on from it.
        """
        self._cancelled = threading.Event()
        with self.wiring.home.exclusively():
            self.wiring.home.require_room(LEAST_BYTES)
            self.runtime.prepare()
            self._at_once({"postgres": self._start_postgres, "nats": self._start_nats})
            for component in self.components:
                if component.database:
                    self.postgres.create_service_database(component.name)
            missing = {
                i.component.name
                for i in self.instances
                if i.component.database and not self.runtime.is_alive(i.name)
            }
            first = {
                i.name: partial(self._start, i) for i in self.instances if i.component.singleton
            }
            migrations = {
                f"{c.name}-migrate": partial(self._migrate, c)
                for c in self.components
                if c.name in missing
            }
            self._at_once(first | migrations)
            self._at_once(
                {
                    i.name: partial(self._start, i)
                    for i in self.instances
                    if not i.component.singleton
                }
            )

    def down(self, *, purge: bool = False) -> None:
        """Stops everything of this home, callers before those that they call.

        `purge` deletes the home and its data too.

        Raises StackBusy.
        """
        if not self.runtime.home.path.exists():
            return
        with self.runtime.home.exclusively():
            for group in stopping_order(self.runtime.all(), self.components):
                self._at_once({name: partial(self._stop, name) for name in group})
            if purge:
                self.nats.purge()
                self.postgres.purge()
            self.runtime.clear(purge=purge)

    def status(self) -> list[ComponentStatus]:
        """Every instance of the topology, and whatever else was started and not stopped."""
        names = ["postgres", "nats", *(instance.name for instance in self.instances)]
        recorded = [process.name for process in self.runtime.all()]
        return [self._status_of(name) for name in dict.fromkeys([*names, *recorded])]

    # --- one component (all of its replicas) or one instance ---

    def start(self, name: str) -> None:
        """Starts it and waits until it is ready.

        Idempotent. Raises as `up` does, and UnknownComponent.
        """
        self._cancelled = threading.Event()
        match name:
            case "postgres":
                self._start_postgres()
            case "nats":
                self._start_nats()
            case _:
                self._at_once({one.name: partial(self._start, one) for one in self._resolve(name)})

    def kill(self, name: str) -> None:
        """Ends it by SIGKILL, and returns when it is gone."""
        for instance in self._names_of(name):
            self.runtime.kill(instance)

    def terminate(self, name: str) -> None:
        """Stops an instance in order, kills it after a time, and returns when it is gone."""
        self._at_once(
            {instance: partial(self._stop, instance) for instance in self._names_of(name)}
        )

    def restart(self, name: str) -> None:
        """Terminates and starts it."""
        self.terminate(name)
        self.start(name)

    # --- where things are ---

    @cached_property
    def wiring(self) -> Wiring:
        """Ports, servers and secrets as this machine sees them, settled at the first use."""
        home = self.runtime.home
        home.create()
        ports = chosen(home, topology.default_ports(self.components, self.replicas), self.ports)
        for process in self.runtime.all():
            # What runs keeps its ports, and the others must find it there.
            if self.runtime.is_alive(process.name):
                ports |= {f"{process.name}.{kind}": port for kind, port in process.ports.items()}
        users = of_all(self.components, is_virtual=self.clock == "virtual")
        postgres, nats = self.runtime.servers(ports, durable=self.durable, users=users)
        return Wiring(
            home=home,
            components=self.components,
            ports=ports,
            replicas=self.replicas,
            clock=self.clock,
            postgres=postgres,
            nats=nats,
            at=self.runtime.at,
        )

    @cached_property
    def _inside(self) -> Wiring:
        """The wiring as the instances see it."""
        return self.runtime.seen_from_inside(self.wiring)

    @property
    def postgres(self) -> Postgres:
        return self.wiring.postgres

    @property
    def nats(self) -> Nats:
        return self.wiring.nats

    @property
    def instances(self) -> list[Instance]:
        return topology.instances(self.components, self.replicas)

    @property
    def gateway_url(self) -> str:
        return self.gateway_urls[0]

    @property
    def gateway_urls(self) -> list[str]:
        """One per replica."""
        return [self.url(instance.name) for instance in self._resolve("gateway")]

    @property
    def web_url(self) -> str:
        """The base URL of the pages for people."""
        return self.url("web-1")

    @property
    def simulator_url(self) -> str:
        return self.url("simulator")

    @property
    def sink_url(self) -> str:
        return self.url("sink")

    @property
    def staff_password(self) -> str:
        """The password of STAFF_EMAIL."""
        return self.secret(topology.STAFF_PASSWORD_SECRET)

    @property
    def synthetic_api_key(self) -> str:
        """The API key of synthetic shoppers."""
        return self.secret(topology.SYNTHETIC_KEY_SECRET)

    def url(self, instance: str, kind: str = "http") -> str:
        """The base URL of an instance's HTTP or admin port. Raises UnknownComponent."""
        if f"{instance}.{kind}" not in self.wiring.ports:
            raise self._unknown(f"{instance}.{kind}")
        return self.wiring.url(instance, kind)

    def grpc_target(self, instance: str) -> str:
        """Returns the gRPC target at which this machine reaches an instance."""
        return f"{self.runtime.at}:{self.wiring.ports[f'{instance}.grpc']}"

    def admin_url(self, instance: str) -> str:
        """Returns the URL at which an instance answers /livez, /readyz and /metrics."""
        return self.url(instance, self._resolve(instance)[0].component.ready_port)

    def environment(self, instance: str) -> dict[str, str]:
        """The variables that an instance runs with. Addresses in it are those that it sees."""
        found = self._resolve(instance)[0]
        return environment.environment(found, self._inside) | self._settings_of(found)

    def secret(self, name: str) -> str:
        """A secret of the home by its name, e.g. `client.checkout`."""
        return self.runtime.home.secret(name)

    def log_path(self, name: str) -> Path:
        """The file with what it wrote, up to now."""
        return self.runtime.log_path(name)

    # --- how ---

    def _runtime(self) -> Runtime:
        if self.kind == "embedded":
            return Processes(self.home)
        # Whoever runs processes needs no client of an engine.
        from stack.containers.runtime import Containers

        return Containers(
            self.home, built=lambda reference, seconds: self.report(reference, "built", seconds)
        )

    def _start_postgres(self) -> None:
        self.postgres.start(self._cancelled)

    def _start_nats(self) -> None:
        self.nats.start(self._cancelled)

    def _migrate(self, component: Component) -> None:
        program = environment.migration(
            component, self._inside, self.settings.get(component.name, {})
        )
        self.runtime.run(
            f"{component.name}-migrate",
            program,
            within_seconds=MIGRATE_SECONDS,
            cancelled=self._cancelled,
        )

    def _start(self, instance: Instance) -> None:
        name, ports = instance.name, topology.ports_of(instance, self.wiring.ports)
        if not self.runtime.is_alive(name):
            self._await_ports(name, ports)
            self.runtime.start(
                name,
                environment.program(instance, self._inside, self._settings_of(instance)),
                ports,
            )
        ready = partial(answers_ready, ports[instance.component.ready_port], host=self.runtime.at)
        self.runtime.wait_until(
            name, ready, within_seconds=self.ready_seconds, cancelled=self._cancelled
        )

    def _await_ports(self, name: str, ports: Mapping[str, int]) -> None:
        """Raises PortInUse.

        A process that was just killed may be gone while its last threads still hold its ports: they
        get a moment.
        """
        deadline = time.monotonic() + (PORTS_SECONDS if self.runtime.get(name) else 0)
        while time.monotonic() < deadline and not all(map(is_free, ports.values())):
            time.sleep(0.02)
        require_free(name, ((f"{name}.{kind}", port) for kind, port in ports.items()))

    def _stop(self, name: str) -> None:
        match name:
            case "postgres":
                self.postgres.stop()
            case "nats":
                self.nats.stop()
            case _:
                self.runtime.stop(name, within_seconds=STOP_SECONDS)

    def _settings_of(self, instance: Instance) -> dict[str, str]:
        return {
            **self.settings.get(instance.component.name, {}),
            **self.settings.get(instance.name, {}),
        }

    def _at_once(self, jobs: Mapping[str, Callable[[], None]]) -> None:
        """Runs the jobs side by side.

        The first error, or Ctrl-C, makes the others give up, and is raised when they have.
        """
        began = time.monotonic()

        def timed(name: str, job: Callable[[], None]) -> None:
            job()
            self.report(name, "done", time.monotonic() - began)

        with ThreadPoolExecutor(max_workers=max(1, len(jobs))) as pool:
            running = [pool.submit(timed, name, job) for name, job in jobs.items()]
            try:
                for future in as_completed(running):
                    future.result()
            except BaseException:
                self._cancelled.set()
                raise

    def _status_of(self, name: str) -> ComponentStatus:
        recorded = self.runtime.get(name)
        if recorded is None or not self.runtime.is_alive(name):
            state = State.STOPPED if recorded is None else State.CRASHED
            return ComponentStatus(name, state, None, recorded.ports if recorded else {}, None)
        ready = self._is_ready(name, recorded.ports)
        state = State.READY if ready else State.NOT_READY
        return ComponentStatus(name, state, recorded.pid, recorded.ports, recorded.uptime_seconds)

    def _is_ready(self, name: str, ports: Mapping[str, int]) -> bool:
        match name:
            case "postgres":
                return self.postgres.is_ready()
            case "nats":
                return self.nats.is_ready()
        port = ports.get("admin") or ports.get("http")
        return port is not None and answers_ready(port, host=self.runtime.at)

    def _names(self) -> list[str]:
        return [component.name for component in self.components] + [
            instance.name for instance in self.instances
        ]

    def _resolve(self, name: str) -> list[Instance]:
        found = [
            instance
            for instance in self.instances
            if name in (instance.name, instance.component.name)
        ]
        if not found:
            raise self._unknown(name)
        return found

    def _names_of(self, name: str) -> list[str]:
        if name in (postgres.NAME, nats.NAME):
            return [name]
        return [instance.name for instance in self._resolve(name)]

    def _unknown(self, name: str) -> UnknownComponent:
        known = ", ".join(["postgres", "nats", *(instance.name for instance in self.instances)])
        return UnknownComponent(
            f"there is no component {name}", advice=f"the components are {known}"
        )

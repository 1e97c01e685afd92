"""NATS with JetStream for one home: a server that nobody uses without a password."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from signal import SIGHUP
from threading import Event
from typing import Final

from stack import binaries
from stack.embedded.processes import Launch, ProcessTable, answers_ready
from stack.home import Home, write_private
from stack.permissions import Permissions
from stack.ports import accepts, require_free

NAME: Final = "nats"
# The stack's own user, beside one per service: for tests, and for commands that look into a stream.
OPERATOR: Final = "stack"
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 10.0
MAX_PAYLOAD_BYTES: Final = 4 * 1024 * 1024
MAX_STORE_BYTES: Final = 4 * 1024**3


class Nats:
    """One server per home, on the loopback only.

    `users` may connect, each with its permissions, beside the operator, who may do all.

    `host` is where those who get a URL find it.
    """

    def __init__(
        self,
        home: Path,
        port: int,
        *,
        monitor_port: int,
        users: Mapping[str, Permissions] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.home = Home(home)
        self.host = host
        self.port = port
        self.monitor_port = monitor_port
        self.users: dict[str, Permissions] = {OPERATOR: {}, **(users or {})}
        self.table = ProcessTable(self.home)

    @property
    def folder(self) -> Path:
        return self.home.path / "nats"

    @property
    def pid(self) -> int | None:
        """The server's pid while it runs."""
        recorded = self.table.get(NAME)
        return recorded.pid if recorded and self.table.is_alive(NAME) else None

    def is_running(self) -> bool:
        return self.table.is_alive(NAME)

    def url(self, user: str = OPERATOR) -> str:
        """Returns the URL at which a user connects, with the password."""
        return f"nats://{user}:{self._password(user)}@{self.host}:{self.port}"

    def start(self, cancelled: Event | None = None) -> None:
        """Starts the server and returns when it takes connections and its streams are back.

        Idempotent.

        A running server learns of users that are new to it. Raises PortInUse, ComponentFailed or
        StackError.
        """
        changed, loaded = self._write_config(), ""
        if not self.is_running():
            require_free(NAME, [("nats.client", self.port), ("nats.monitor", self.monitor_port)])
            self.table.start(NAME, self._launch())
        elif changed:
            loaded = self._config_loaded_at()
            self.table.send(NAME, SIGHUP)

        def is_ready() -> bool:
            return self.is_ready() and (not loaded or self._config_loaded_at() != loaded)

        self.table.wait_until(NAME, is_ready, within_seconds=START_SECONDS, cancelled=cancelled)

    def stop(self) -> None:
        """Ends the server, which writes its streams first. Idempotent."""
        self.table.stop(NAME, within_seconds=STOP_SECONDS)

    def purge(self) -> None:
        """Stops the server and deletes its streams."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _password(self, user: str) -> str:
        return self.home.secret(f"nats.{user}")

    def is_ready(self) -> bool:
        """True if it takes connections and its streams are back."""
        return accepts(self.port) and answers_ready(self.monitor_port, "/healthz")

    def _config_loaded_at(self) -> str:
        """Returns when the server read its settings; empty where it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.monitor_port, timeout=1)
        try:
            connection.request("GET", "/varz")
            return str(json.load(connection.getresponse()).get("config_load_time", ""))
        except (OSError, ValueError, http.client.HTTPException):
            return ""
        finally:
            connection.close()

    def _launch(self) -> Launch:
        command = (str(binaries.nats_server()), "--config", str(self.folder / "server.conf"))
        return Launch(
            command=command,
            env={},
            cwd=self.folder,
            ports={"client": self.port, "monitor": self.monitor_port},
        )

    def _write_config(self) -> bool:
        """True if the file was missing or differed."""
        text = self._config(
            host="127.0.0.1", port=self.port, monitor_port=self.monitor_port, folder=self.folder
        )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / "server.conf"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        write_private(path, text)
        return True

    def _config(self, *, host: str, port: int, monitor_port: int, folder: Path) -> str:
        """The server's configuration. The format is a superset of JSON."""
        users = [
            {
                "user": user,
                "password": self._password(user),
                **({"permissions": allowed} if allowed else {}),
            }
            for user, allowed in self.users.items()
        ]
        config = {
            "server_name": "sojourn",
            "host": host,
            "port": port,
            "http": f"{host}:{monitor_port}",
            "max_payload": MAX_PAYLOAD_BYTES,
            "jetstream": {
                "store_dir": str(folder / "jetstream"),
                "max_file_store": MAX_STORE_BYTES,
            },
            "authorization": {"users": users},
        }
        return json.dumps(config, indent=2) + "\n"

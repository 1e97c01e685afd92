"""Real servers on free ports, each with a ledger of its own in a temporary folder."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from chassis.testing import eventually
from simulator.server import Server
from simulator.settings import Settings
from stack.embedded.guardian import end_with_parent

API_KEY = "key-of-the-tests"
WEBHOOK_SECRET = "secret-of-the-tests"


async def answers(client: httpx.AsyncClient, path: str) -> bool:
    """Returns True if GET `path` succeeds, False if it fails or nothing listens."""
    with contextlib.suppress(httpx.TransportError):
        return (await client.get(path)).is_success
    return False


def free_socket() -> socket.socket:
    """A bound port of loopback that does not listen yet, so that connections are refused."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


class InProcessServer(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals to pytest."""
        yield


@dataclass
class Simulator:
    """A client of one running simulator."""

    url: str
    client: httpx.AsyncClient

    async def create(
        self, method: str = "pm_card_ok", *, key: str | None = None, **body: Any
    ) -> httpx.Response:
        new = {
            "reference": f"order-{uuid4()}",
            "amount_minor": 55_00,
            "currency": "EUR",
            "payment_method": method,
            **body,
        }
        return await self.client.post(
            "/v1/payments", json=new, headers={"Idempotency-Key": key or str(uuid4())}
        )

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        return await self.client.post(
            path, json=body, headers={"Idempotency-Key": key} if key else {}
        )

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.client.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def misbehave(self, **rules: Any) -> None:
        response = await self.client.put("/misbehaviour", json=rules)
        assert response.status_code == 200, response.text

    async def kinds_in_ledger(self, reference: str) -> list[tuple[str, int]]:
        page = await self.get("/ledger", reference=reference)
        return [(entry["kind"], entry["amount_minor"]) for entry in page["entries"]]

    async def sums(self, reference: str) -> Any:
        [sums] = (await self.get("/ledger/summary", reference=reference))["references"]
        return sums


@asynccontextmanager
async def running(folder: Path, *, webhook_url: str | None = None) -> AsyncIterator[Simulator]:
    """A simulator within this process."""
    bound = free_socket()
    port = bound.getsockname()[1]
    settings = Settings(
        http_port=port,
        ledger_path=folder / "ledger.db",
        simulator_api_key=SecretStr(API_KEY),
        webhook_secret=SecretStr(WEBHOOK_SECRET),
        webhook_url=webhook_url,
    )
    server = InProcessServer(settings)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(
        base_url=url, headers={"Authorization": f"Bearer {API_KEY}"}, timeout=10
    ) as client:
        await eventually(lambda: answers(client, "/livez"))
        yield Simulator(url, client)
        server.should_exit = True
    await asyncio.wait_for(serving, timeout=10)


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with running(tmp_path) as simulator:
        yield simulator


@dataclass
class Program:
    """`python -m simulator` as a process; `folder` holds its ledger."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        environment = {
            **os.environ,
            "HTTP_PORT": str(self.port),
            "LEDGER_PATH": str(self.folder / "ledger.db"),
            "SIMULATOR_API_KEY": API_KEY,
            "WEBHOOK_SECRET": WEBHOOK_SECRET,
            "LOG_LEVEL": "WARNING",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator"], env=environment, preexec_fn=end_with_parent
        )
        async with self.client() as client:
            await eventually(lambda: answers(client, "/readyz"), within=20)

    def client(self) -> httpx.AsyncClient:
        url = f"http://127.0.0.1:{self.port}"
        return httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {API_KEY}"}, timeout=10
        )

    def kill(self) -> None:
        """kill -9."""
        assert self.process
        self.process.kill()
        self.process.wait(timeout=10)


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    with free_socket() as bound:
        port = bound.getsockname()[1]
    program = Program(tmp_path, port)
    await program.start()
    yield program
    if program.process and program.process.poll() is None:
        program.kill()


@dataclass
class Receiver:
    """A merchant's webhook endpoint: keeps what arrives, and answers with `status_code`."""

    bound: socket.socket
    status_code: int = 204
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.bound.getsockname()[1]}/webhooks"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, has_more = b"", True
        while has_more:
            message = await receive()
            body += message.get("body", b"")
            has_more = message.get("more_body", False)
        self.bodies.append(body)
        self.signatures.append(dict(scope["headers"])[b"simulator-signature"].decode())
        await send({"type": "http.response.start", "status": self.status_code, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        config = uvicorn.Config(self, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment]
        serving = asyncio.create_task(server.serve(sockets=[self.bound]))
        yield
        server.should_exit = True
        await asyncio.wait_for(serving, timeout=10)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with free_socket() as bound:
        yield Receiver(bound)

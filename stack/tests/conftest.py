from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.ports import free_port


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running server, shared by a module's tests."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), free_port(), durable=False)
    server.start()
    yield server
    server.purge()


@pytest.fixture(scope="module")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    """A running server that knows the user `catalog`, shared by a module's tests."""
    server = Nats(
        tmp_path_factory.mktemp("nats"),
        free_port(),
        monitor_port=free_port(),
        users={"catalog": {}},
    )
    server.start()
    yield server
    server.purge()

"""A database, a mailbox and the log for each test."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from chassis.data.database import Database
from chassis.testing import ServiceUnderTest, service_under_test
from services.notifications.tests.notifications_edge import Edge, serve_edge
from services.notifications.tests.notifications_world import Postbox, World, postbox_at


@pytest.fixture
async def service() -> AsyncIterator[ServiceUnderTest]:
    async with service_under_test("notifications") as service:
        yield service


@pytest.fixture
def database(service: ServiceUnderTest) -> Database:
    return service.database


@pytest.fixture
async def postbox(tmp_path: Path) -> AsyncIterator[Postbox]:
    async with postbox_at(tmp_path / "mailbox.sqlite3") as postbox:
        yield postbox


@pytest.fixture
def world(service: ServiceUnderTest, postbox: Postbox) -> World:
    return World(service, postbox)


@pytest.fixture
async def edge(world: World) -> Edge:
    return await serve_edge(world)


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """The log as operators see it."""
    written, before = io.StringIO(), structlog.get_config()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    structlog.configure(**{**before, "logger_factory": structlog.PrintLoggerFactory(written)})
    yield written
    structlog.configure(**before)
    logging.getLogger().removeHandler(handler)

"""A database and a mailbox for each test, and what is logged."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from chassis.data.database import Database
from chassis.testing import fresh_database
from services.notifications.tests.notifications_world import Postbox, World, postbox_at


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with fresh_database("notifications") as database:
        yield database


@pytest.fixture
async def postbox(tmp_path: Path) -> AsyncIterator[Postbox]:
    async with postbox_at(tmp_path / "mailbox.sqlite3") as postbox:
        yield postbox


@pytest.fixture
def world(database: Database, postbox: Postbox) -> World:
    return World(database, postbox)


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """All that is logged, as operators see it."""
    written, before = io.StringIO(), structlog.get_config()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    structlog.configure(**{**before, "logger_factory": structlog.PrintLoggerFactory(written)})
    yield written
    structlog.configure(**before)
    logging.getLogger().removeHandler(handler)

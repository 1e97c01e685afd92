"""A database and a replica of identity for each test."""

import io
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from chassis.data.database import Database
from chassis.testing import fresh_database
from services.identity.tests.identity_replica import Replica, replica


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with fresh_database("identity") as database:
        yield database


@pytest.fixture
async def identity(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


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

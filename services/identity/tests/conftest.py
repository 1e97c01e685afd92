"""A database and a replica of identity for each test."""

import io
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from chassis.data.database import Database
from chassis.testing import ServiceUnderTest, service_under_test
from services.identity.tests.identity_replica import Replica, replica


@pytest.fixture
async def service() -> AsyncIterator[ServiceUnderTest]:
    async with service_under_test("identity") as service:
        yield service


@pytest.fixture
def database(service: ServiceUnderTest) -> Database:
    return service.database


@pytest.fixture
async def identity(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """The log, as operators see it."""
    written, before = io.StringIO(), structlog.get_config()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    structlog.configure(**{**before, "logger_factory": structlog.PrintLoggerFactory(written)})
    yield written
    structlog.configure(**before)
    logging.getLogger().removeHandler(handler)

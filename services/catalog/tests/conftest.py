"""A database and a replica of catalog for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.data.database import Database
from chassis.testing import fresh_database
from services.catalog.tests.catalog_replica import Replica, replica


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready

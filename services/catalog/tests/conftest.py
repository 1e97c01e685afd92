"""A database and a replica of catalog for each test."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.data.database import Database
from chassis.testing import fresh_database

sys.path.insert(0, str(Path(__file__).parent))

from catalog_replica import Replica, replica


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready

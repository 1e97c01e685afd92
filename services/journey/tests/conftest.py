"""A journey service of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.data.database import Database
from chassis.events.broker import Broker
from chassis.testing import fresh_broker, fresh_database
from services.journey.tests.journey_world import World, a_world


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with fresh_database("journey") as database:
        yield database


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with a_world(database) as world:
        yield world


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    async with fresh_broker() as broker:
        yield broker

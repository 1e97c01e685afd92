"""A database of the sample service and a broker for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.data.database import Database
from chassis.events.broker import Broker
from chassis.testing import Tokens, fresh_broker, fresh_database


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with fresh_database("ledger_sample") as database:
        yield database


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    async with fresh_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    return Tokens()

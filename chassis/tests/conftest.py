"""Makes the sample service importable."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.data.database import Database
from chassis.events.broker import Broker
from chassis.testing import Tokens, fresh_broker, fresh_database

sys.path.insert(0, str(Path(__file__).parent))


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

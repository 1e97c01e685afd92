"""A cart service of its own for each test."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.testing import fresh_database

sys.path.insert(0, str(Path(__file__).parent))

from cart_store import Store, a_store


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with fresh_database("cart") as database, a_store(database) as store:
        yield store

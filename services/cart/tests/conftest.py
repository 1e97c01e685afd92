"""A cart service of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing import fresh_database
from services.cart.tests.cart_store import Store, a_store


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with fresh_database("cart") as database, a_store(database) as store:
        yield store

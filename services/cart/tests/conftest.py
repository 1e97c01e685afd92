"""A cart service of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing import service_under_test
from services.cart.tests.cart_store import Store, a_store


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with service_under_test("cart") as service:
        yield await a_store(service)

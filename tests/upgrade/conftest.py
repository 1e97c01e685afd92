"""The platform of this release on the databases of an older one."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL
from tests.stacks import sharing
from tests.upgrade.documents import Document
from tests.upgrade.restore import read_life, restore


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/upgrade/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("upgrade"))
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def upgraded() -> Iterator[Platform]:
    """A stack of its own: databases restored, then migrated by this release, which serves them."""
    home = Path(tempfile.mkdtemp(prefix="sojourn-upgrade-"))
    platform = Platform(
        home=home, ports="free", clock="virtual", settings=chaos.SETTINGS, durable=False
    )
    with sharing(platform, group="upgrade"):
        restore(platform)
        platform.up()
        yield platform


@pytest.fixture(scope="session")
def life() -> Document:
    """Facts that people of the older release were shown."""
    return read_life()


@pytest.fixture
async def staff(upgraded: Platform) -> AsyncIterator[Api]:
    async with Api(upgraded.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, upgraded.staff_password)
        yield staff


@pytest.fixture
async def guest(upgraded: Platform) -> AsyncIterator[Api]:
    async with Api(upgraded.gateway_urls) as guest:
        await guest.become_guest()
        yield guest

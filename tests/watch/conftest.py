"""One stack of its own, watched by a real Prometheus, for the tests that break it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from stack.platform import Platform
from tests.stacks import sharing
from tests.watch.prometheus import IS_MISSING, MISSING, Prometheus, watching

# The gateway's limits are per address, and one machine plays all shoppers. The reconciler runs as
# often as the pace of the rules wants it.
SETTINGS = {
    "gateway": {"RATE_LIMIT_PER_MINUTE": "1000000", "LOGIN_RATE_LIMIT_PER_MINUTE": "100000"},
    "checkout": {
        "PAYMENT_TIMEOUT_SECONDS": "1",
        "COMPLETE_WAIT_SECONDS": "2",
        "RECONCILE_EVERY_SECONDS": "2",
    },
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stack belongs to one worker."""
    for item in items:
        if item.path.stem == "test_prometheus":
            item.add_marker(pytest.mark.xdist_group("watch"))
            item.add_marker(pytest.mark.timeout(400))


@pytest.fixture(scope="session")
def observed() -> Iterator[Platform]:
    """A stack that nothing has used yet when its first test begins."""
    home = Path(tempfile.mkdtemp(prefix="sojourn-watch-"))
    platform = Platform(home=home, ports="free", clock="virtual", durable=False, settings=SETTINGS)
    with sharing(platform, group="watch"):
        platform.up()
        yield platform


@pytest.fixture(scope="session")
async def prometheus(
    observed: Platform, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Prometheus]:
    if IS_MISSING:
        pytest.skip(MISSING)
    async with watching(observed, tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus

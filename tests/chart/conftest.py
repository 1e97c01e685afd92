"""The chart, rendered by the real helm, without a cluster."""

from __future__ import annotations

import shutil

import pytest

REASON = "the chart's tests: helm is not on PATH"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Renderings are kept within a worker."""
    for item in items:
        if "/tests/chart/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("chart"))
            if shutil.which("helm") is None:
                item.add_marker(pytest.mark.skip(reason=REASON))

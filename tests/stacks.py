"""Stacks that tests share, stopped once their worker has run the last test of their group.

Idle processes of a stack take about 2 % of a core each; several stacks would slow all later tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from stack.embedded.guardian import owning
from stack.platform import Platform

_RUNNING: Final[dict[str, list[Platform]]] = {}


@contextmanager
def sharing(platform: Platform, *, group: str) -> Iterator[Platform]:
    """Owns a stack until the block ends; `stop_stacks` may stop it before."""
    stacks = _RUNNING.setdefault(group, [])
    with owning(platform.home, "make test", kind=platform.kind):
        stacks.append(platform)
        try:
            yield platform
        finally:
            if platform in stacks:
                stacks.remove(platform)
                _stop(platform)


def stop_stacks(item: pytest.Item, next_item: pytest.Item | None) -> None:
    """Stops the stacks of a test's group if the worker's next test belongs to another group."""
    group = _group_of(item)
    if next_item is not None and group and group != _group_of(next_item):
        for platform in _RUNNING.pop(group, []):
            _stop(platform)


def _stop(platform: Platform) -> None:
    platform.down(purge=not os.environ.get("KEEP_STACKS"))


def _group_of(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker is not None and marker.args else ""

"""Tests that share a stack run in one worker."""

import os

import pytest


@pytest.mark.xdist_group("groups")
def test_workers_know_the_groups(request: pytest.FixtureRequest) -> None:
    # Without the suffix each worker would start stacks of its own, and nothing else would tell.
    assert request.node.nodeid.endswith("@groups") or "PYTEST_XDIST_WORKER" not in os.environ

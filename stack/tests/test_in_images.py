"""Programs of the stack that run in its image, where there is no checkout of the repository."""

from __future__ import annotations

import subprocess
import sys

import pytest

IN_IMAGE = ("stack.shoppers.shopping", "stack.shoppers.buying")


@pytest.mark.parametrize("module", IN_IMAGE)
def test_a_program_of_the_image_needs_no_checkout(module: str) -> None:
    program = f"import sys, importlib; importlib.import_module({module!r}); print(*sys.modules)"

    run = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True
    )

    assert "stack.binaries" not in run.stdout.split()

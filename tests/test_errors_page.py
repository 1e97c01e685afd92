"""The page of errors is complete."""

from __future__ import annotations

import subprocess
import sys

from tests.errors_page import PAGE


def test_the_page_of_errors_is_what_is_made() -> None:
    # A process of its own: other tests define refusals too.
    code = "import sys; from tests.errors_page import page; sys.stdout.write(page())"

    made = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=PAGE.parent.parent,
    )

    assert PAGE.read_text(encoding="utf-8") == made.stdout, "run `python -m tests.errors_page`"

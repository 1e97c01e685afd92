"""The documents name what exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ("chassis", "stack", "services", "tests")


def test_every_test_that_the_guarantees_name_exists() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", (ROOT / "docs" / "guarantees.md").read_text()))
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("test_*.py")]
    defined = {
        name for path in files for name in re.findall(r"def (test_[a-z0-9_]+)", path.read_text())
    }

    assert named
    assert named - defined == set()


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text())
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_the_make_targets_that_the_readme_names_exist() -> None:
    named = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text()))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert named <= targets

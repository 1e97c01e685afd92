"""psycopg executes every statement: no Engine, Session, relationship or lazy load serves."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
# What migrates a database, or makes one to compare, is no part of serving.
_APART: Final = ("chassis/chassis/data/migrations.py", "chassis/chassis/data/drift.py")
_FORBIDDEN: Final = frozenset(
    {"Engine", "Session", "AsyncSession", "Relationship", "create_engine", "create_async_engine",
    "relationship", "sessionmaker", "scoped_session"}
)  # fmt: skip


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (
            "sqlalchemy",
            "sqlmodel",
        ):
            yield from (each.name for each in node.names)


def _serving() -> list[Path]:
    folders = [
        ROOT / "chassis/chassis",
        *(folder / folder.name for folder in (ROOT / "services").iterdir()),
    ]
    found = (
        path
        for folder in folders
        for path in folder.rglob("*.py")
        if "migrations" not in path.parts
    )
    return sorted(path for path in found if str(path.relative_to(ROOT)) not in _APART)


@pytest.mark.parametrize("path", _serving(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_serves_imports_an_engine_or_a_session(path: Path) -> None:
    assert not _FORBIDDEN & set(_imported(path.read_text()))

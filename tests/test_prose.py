"""Docstrings begin with the thing or the verb, never with a question word."""

import ast
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parent.parent
_BEGINNINGS: Final = ("What ", "Who ", "Whose ", "Where ", "Why ", "Which ", "Those ", "How ")
_FOLDERS: Final = ("chassis", "services", "stack", "tests", "protos")


def docstrings_of(path: Path) -> list[tuple[int, str]]:
    """Returns line and text of each docstring of a file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and (text := ast.get_docstring(node)):
            found.append((getattr(node, "lineno", 1), text))
    return found


def test_no_docstring_begins_with_a_question_word() -> None:
    found = [
        f"{path.relative_to(_ROOT)}:{line}: {text.splitlines()[0]}"
        for folder in _FOLDERS
        for path in sorted((_ROOT / folder).rglob("*.py"))
        if "gen" not in path.relative_to(_ROOT).parts
        for line, text in docstrings_of(path)
        if text.startswith(_BEGINNINGS)
    ]

    assert found == []

"""Docstrings begin with one line of at most 90 characters, and with the thing or the verb."""

import ast
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parent.parent
_BEGINNINGS: Final = ("What ", "Who ", "Whose ", "Where ", "Why ", "Which ", "Those ", "How ")
_MOST_CHARACTERS: Final = 90
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


DOCSTRINGS: Final = [
    (f"{path.relative_to(_ROOT)}:{line}", text)
    for folder in _FOLDERS
    for path in sorted((_ROOT / folder).rglob("*.py"))
    if not {"gen", "migrations"} & set(path.relative_to(_ROOT).parts)
    for line, text in docstrings_of(path)
]


def test_no_docstring_begins_with_a_question_word() -> None:
    found = [f"{place}: {text}" for place, text in DOCSTRINGS if text.startswith(_BEGINNINGS)]

    assert found == []


def test_every_docstring_begins_with_one_short_line() -> None:
    found = []
    for place, text in DOCSTRINGS:
        first, _, rest = text.partition("\n")
        if len(first) > _MOST_CHARACTERS or (rest and not rest.startswith("\n")):
            found.append(f"{place}: {first}")

    assert found == []

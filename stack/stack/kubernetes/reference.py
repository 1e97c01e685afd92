"""The chart's values as a table, from values.yaml and its comments:

`python -m stack.kubernetes.reference` writes docs/values.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stack.binaries import checkout

OUTPUT: Final = Path("docs/values.md")
_HEAD: Final = """# Values of the chart

Generated from `deploy/helm/sojourn/values.yaml` by `python -m stack.kubernetes.reference`; edit
that file, not this one. Each service of
`services` takes what `defaults` has; what a service says of itself beats it, maps one level deep.

| value | default | what it is |
|---|---|---|
"""
_LINE: Final = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z][\w-]*):(?: (?P<value>.*))?$")
_LONGEST: Final = 90


@dataclass(frozen=True)
class Value:
    """One line of the table."""

    path: str
    default: str
    description: str


def values_in(text: str) -> Iterator[Value]:
    """Every value with a default of its own, services' entries apart."""
    path: list[str] = []
    notes: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            notes.append(stripped.lstrip("# ").removeprefix("-- "))
            continue
        found = _LINE.match(line)
        if not found:
            notes = []
            continue
        depth = len(found["indent"]) // 2
        path = [*path[:depth], found["key"]]
        default = found["value"] or ""
        if path[0] == "services":
            if len(path) == 2:
                yield Value(".".join(path), "see values.yaml", " ".join(notes))
        elif default or notes:
            yield Value(".".join(path), default, " ".join(notes))
        notes = []


def table(text: str) -> str:
    """The whole document."""
    rows = [
        f"| `{value.path}` | {_shown(value.default)} | {_escaped(value.description)} |"
        for value in values_in(text)
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _shown(default: str) -> str:
    if not default:
        return ""
    short = default if len(default) <= _LONGEST else default[: _LONGEST - 1] + "…"
    return f"`{_escaped(short)}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def rendered() -> str:
    """Returns the text of docs/values.md."""
    return table(
        (checkout() / "deploy" / "helm" / "sojourn" / "values.yaml").read_text(encoding="utf-8")
    )


if __name__ == "__main__":
    (checkout() / OUTPUT).write_text(rendered(), encoding="utf-8")

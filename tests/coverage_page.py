"""Makes docs/coverage.md from endpoints, events and tests: `python -m tests.coverage_page`."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from gateway.endpoints.endpoint import Endpoint
from gateway.operations import ENDPOINTS
from tests.coverage_steps import STEPS, Step

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "coverage.md"
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_HOLE: Final = "\0"
_MESSAGE: Final = re.compile(r"^message (\w+) \{", re.MULTILINE)
_HEAD: Final = """# Coverage of the shopper's journey

Each of the 35 steps of a commerce platform, with the endpoints that serve it, the touchpoints and
events by which it becomes part of a journey, and the folders of the tests that call those
endpoints. A dash is a gap. `python -m tests.coverage_page` makes this page from the gateway's
tables, the contracts of events, and the tests; `tests/coverage_steps.py` names what belongs to a
step.

A test covers an endpoint if it names its method and path, or its RPC in a test of the service
that answers it. What a test makes of parts while it runs is not seen. The test that calls every
documented path with generated input (`tests/e2e/test_documented.py`) is not counted.
"""


@dataclass(frozen=True, slots=True)
class Covered:
    """A step with its endpoints, the folders of their tests, its touchpoints and events."""

    step: Step
    endpoints: Mapping[str, frozenset[str]]
    touchpoints: tuple[str, ...]
    events: tuple[str, ...]

    @property
    def tested(self) -> int:
        """Returns how many of its endpoints a test calls."""
        return sum(bool(folders) for folders in self.endpoints.values())

    @property
    def gaps(self) -> list[str]:
        """Returns what is missing, in words."""
        found = []
        if not self.endpoints:
            found.append("no endpoint")
        elif untested := len(self.endpoints) - self.tested:
            found.append(f"{untested} of {len(self.endpoints)} endpoints without a test")
        if not self.touchpoints and not self.events:
            found.append("no touchpoint or event")
        if self.step.missing:
            found.append(f"not there yet: {self.step.missing}")
        return found


def page() -> str:
    """Returns the page."""
    tests = covering_folders()
    covered = [_cover(step, tests) for step in STEPS]
    gaps = [one for one in covered if one.gaps]
    parts = [
        _HEAD,
        f"\n{len(STEPS)} steps, {len(tests)} endpoints, {len(gaps)} steps with gaps.\n",
        "\n| stage | step | touchpoints | events | tested endpoints |\n|---|---|---|---|---|\n",
        *(_row(one) for one in covered),
        "\n## Gaps\n\n| step | what is missing |\n|---|---|\n",
        *(f"| {one.step.name} | {'; '.join(one.gaps)} |\n" for one in gaps),
        "\n## Endpoints without a test of their own\n\n",
        _listed(name for name, folders in tests.items() if not folders),
        "\n## Endpoints of no step\n\n"
        "Those of staff and machines that serve the whole shop, such as journey maps.\n\n",
        _listed(tests.keys() - {name for one in covered for name in one.endpoints}),
        "\n## Endpoints by step\n",
        *(_details(one) for one in covered),
    ]
    return "".join(parts)


def _row(one: Covered) -> str:
    cells = (
        one.step.stage,
        one.step.name,
        ", ".join(f"`{name}`" for name in one.touchpoints) or "–",
        ", ".join(one.events) or "–",
        f"{one.tested} of {len(one.endpoints)}" if one.endpoints else "–",
    )
    return f"| {' | '.join(cells)} |\n"


def _details(one: Covered) -> str:
    rows = [
        f"| `{name}` | {', '.join(sorted(folders)) or '–'} |\n"
        for name, folders in one.endpoints.items()
    ]
    table = ("| endpoint | tests |\n|---|---|\n", *rows) if rows else ("No endpoint.\n",)
    return f"\n### {one.step.name}\n\n{''.join(table)}"


def _listed(names: Any) -> str:
    lines = [f"- `{name}`\n" for name in sorted(names, key=lambda name: name.split(" ")[::-1])]
    return "".join(lines) or "None.\n"


def _cover(step: Step, tests: Mapping[str, frozenset[str]]) -> Covered:
    fits = [re.compile(pattern) for pattern in step.endpoints]
    chosen = {
        name: folders
        for name, folders in tests.items()
        if any(pattern.fullmatch(name) for pattern in fits)
    }
    kinds = {one.touchpoint for one in ENDPOINTS if one.touchpoint and name_of(one) in chosen}
    if unknown := set(step.events) - events():
        raise ValueError(f"{step.name}: no such events: {sorted(unknown)}")
    return Covered(step, chosen, tuple(sorted(kinds)), step.events)


def name_of(endpoint: Endpoint[Any, Any]) -> str:
    """Returns an endpoint's method and path."""
    return f"{endpoint.method} {endpoint.path}"


@cache
def events() -> frozenset[str]:
    """Returns the names of the messages that services publish."""
    files = (ROOT / "protos" / "sojourn").glob("*/v1/*events.proto")
    return frozenset(name for file in files for name in _MESSAGE.findall(file.read_text("utf-8")))


def covering_folders() -> dict[str, frozenset[str]]:
    """Returns the folders of tests that call each endpoint, by its method and path."""
    found: dict[str, set[str]] = {name_of(one): set() for one in ENDPOINTS}
    by_rpc: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in ENDPOINTS:
        by_rpc[one.rpc.package, one.rpc.name].append(name_of(one))
    for file in _test_files():
        tree = ast.parse(file.read_text("utf-8"))
        name = _folder_of(file)
        for endpoint in set(_called(tree)):
            found[endpoint].add(name)
        if name.startswith("services/"):
            service = name.split("/")[1]
            for rpc in _names(tree):
                for endpoint in by_rpc.get((service, rpc), ()):
                    found[endpoint].add(name)
    return {name: frozenset(folders) for name, folders in found.items()}


def _folder_of(file: Path) -> str:
    """Returns the folder of a test. Files are not told: they change too often."""
    parts = file.relative_to(ROOT).parts
    return "/".join(parts[:3] if parts[0] == "services" else parts[:2])


def _test_files() -> Iterator[Path]:
    roots = [ROOT / "tests" / "e2e", *sorted((ROOT / "services").glob("*/tests"))]
    for root in roots:
        for file in sorted(root.rglob("*.py")):
            # Its paths are those of the document: all of them.
            if file.name != "test_documented.py":
                yield file


def _names(tree: ast.AST) -> set[str]:
    """Returns what may name an RPC: attributes, texts, and classes of requests."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found |= {node.attr, node.attr.removesuffix("Request")}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _called(tree: ast.AST) -> Iterator[str]:
    """Yields the endpoints whose paths a file names."""
    nodes = list(ast.walk(tree))
    inner = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    methods: dict[int, str] = {}
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and node.args
            and isinstance(node.func, ast.Attribute)
            and (method := node.func.attr.upper()) in _METHODS
        ):
            methods[id(node.args[0])] = method
        elements = node.args if isinstance(node, ast.Call) else getattr(node, "elts", ())
        for first, second in pairwise(elements):
            if isinstance(first, ast.Constant) and first.value in _METHODS:
                methods[id(second)] = str(first.value)
    for node in nodes:
        if id(node) not in inner and (path := _path(node)):
            # A path in a variable: any method may be called with it.
            yield from _endpoints_at(methods.get(id(node), ""), path)


def _path(node: ast.AST) -> str:
    """Returns a text that is a path of the API, with holes for values; else the empty text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else _HOLE for part in node.values
        )
    else:
        return ""
    text = re.split(r"[?#\s]", text, maxsplit=1)[0]
    if text.startswith(f"{_HOLE}/") and "/v1/" not in text:
        return text
    start = text.find("/v1/")
    # Before it stands at most an origin: a hole, or https://host.
    return text[start:] if start >= 0 and "/" not in text[:start].replace("://", "") else ""


@cache
def _endpoints_at(method: str, path: str) -> tuple[str, ...]:
    """Returns the endpoints of a path; one that begins with a hole must be the end of one alone."""
    parts = path.split("/")
    is_end = path.startswith(_HOLE)
    wanted = parts[1:] if is_end else parts
    found = []
    for one in ENDPOINTS:
        its = one.path.split("/")
        if method not in ("", one.method) or (len(its) <= len(wanted) if is_end else False):
            continue
        its = its[-len(wanted) :] if is_end else its
        # A value at the end of a path may be anything; a word after a hole is a word of the path.
        is_sharp = not is_end or all(
            (_HOLE in mine) or "{" not in part for mine, part in zip(wanted, its, strict=True)
        )
        if len(its) == len(wanted) and is_sharp and all(map(_fits, wanted, its)):
            found.append(name_of(one))
    return () if is_end and len(found) != 1 else tuple(found)


def _fits(mine: str, its: str) -> bool:
    if its.startswith("{") and its.endswith("}"):
        return bool(mine)
    pattern = "[^/]+".join(map(re.escape, re.split(r"{\w+}", its)))
    return re.fullmatch(pattern, mine) is not None


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

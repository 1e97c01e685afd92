"""Makes docs/errors.md from the classes of refusals: `python -m tests.errors_page`."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from chassis.rpc import errors
from chassis.rpc.errors import DomainError
from gateway.http.problems import TITLES, status_of

PAGE: Final = Path(__file__).parent.parent / "docs" / "errors.md"
PACKAGES: Final = (
    "chassis",
    "catalog",
    "cart",
    "checkout",
    "identity",
    "journey",
    "notifications",
    "gateway",
)
# Kinds that refusals are made of, and what is no part of a running service.
_KINDS: Final = {DomainError, errors.Refused, errors.Invalid, errors.Exists, errors.Stale}
_SKIPPED: Final = ("migrations", "testing", "__main__")
_HEAD: Final = """# Errors

Every refusal is a problem document (RFC 9457): match on `reason`. 503 and 504 are safe to repeat
with the same key, after `Retry-After`. Errors of single fields are in `errors`, as
`{pointer, code, message, allowed}`. `python -m tests.errors_page` makes this page.
"""


def page() -> str:
    """Returns the page: each reason with its status, where it comes from, and what it says."""
    for package in PACKAGES:
        _import_all(package)
    by_status: dict[int, list[str]] = {}
    for kind in sorted(_subclasses(DomainError), key=lambda each: each.reason):
        source = kind.__module__.partition(".")[0]
        if kind in _KINDS or source not in PACKAGES or _is_skipped(kind.__module__):
            continue
        said = " ".join((inspect.getdoc(kind) or "").split()).replace("|", "\\|")
        row = f"| `{kind.reason}` | {source} | {said} |"
        rows = by_status.setdefault(status_of(kind.__new__(kind)), [])
        if row not in rows:
            rows.append(row)
    parts = [
        f"\n## {status} {TITLES[status]}\n\n| reason | from | meaning |\n|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
        for status, rows in sorted(by_status.items())
    ]
    return _HEAD + "".join(parts)


def _import_all(package: str) -> None:
    module = import_module(package)
    for found in pkgutil.walk_packages(module.__path__, f"{package}."):
        if not _is_skipped(found.name):
            import_module(found.name)


def _is_skipped(module: str) -> bool:
    return any(part in _SKIPPED for part in module.split("."))


def _subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

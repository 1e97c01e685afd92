"""Layout of a new service: contract, package, migration, tests, and its place in every list."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from stack.errors import StackError

_TEMPLATE: Final = Path(__file__).parent / "template"
_SUFFIX: Final = ".tmpl"
_NAME: Final = re.compile(r"[a-z][a-z0-9]{1,29}")
_FIRST_PORT: Final = 7001
_PORTS_A_SERVICE: Final = 100
# A service that stands in every list of services.
_LISTED: Final = "notifications"


@dataclass(frozen=True)
class NewService:
    """Names of a service and of its first resource, both singular, e.g. loyalty and account.

    Raises StackError for names that are no lower-case words.
    """

    name: str
    resource: str

    def __post_init__(self) -> None:
        for word in (self.name, self.resource):
            if not _NAME.fullmatch(word):
                raise StackError(
                    f"{word!r} is no name of a service or resource",
                    advice="take one word of lower-case letters and digits, e.g. NAME=loyalty "
                    "RESOURCE=account",
                )
        if self.name in (self.resource, self.resources):
            raise StackError(
                "a service and its resource need different names",
                advice="e.g. NAME=loyalty RESOURCE=account",
            )

    @property
    def resources(self) -> str:
        """The plural, as English spells regular ones."""
        if self.resource.endswith("y") and self.resource[-2] not in "aeiou":
            return self.resource[:-1] + "ies"
        return self.resource + ("es" if self.resource.endswith(("s", "x", "ch", "sh")) else "s")

    @property
    def words(self) -> Mapping[str, str]:
        """Words of the template and what stands for them."""
        return {
            "@service@": self.name,
            "@Service@": self.name.capitalize(),
            "@resource@": self.resource,
            "@Resource@": self.resource.capitalize(),
            "@resources@": self.resources,
            "@Resources@": self.resources.capitalize(),
            "@REASON@": self.resource.upper(),
        }

    def fill(self, text: str) -> str:
        """Returns a text of the template with this service's words."""
        for word, value in self.words.items():
            text = text.replace(word, value)
        return text


def lay_out(new: NewService, root: Path) -> list[Path]:
    """Writes the service's files below `root` and adds it to the lists; returns new files.

    Raises StackError if a service of this name exists; nothing is written then.
    """
    if (root / "services" / new.name).exists() or (root / "protos" / "sojourn" / new.name).exists():
        raise StackError(f"the service {new.name} exists already", advice="choose another NAME")
    written = []
    for template in sorted(_TEMPLATE.rglob(f"*{_SUFFIX}")):
        relative = template.relative_to(_TEMPLATE).as_posix().removesuffix(_SUFFIX)
        path = root / new.fill(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(new.fill(template.read_text()))
        written.append(path)
    _format(root / "services" / new.name, root)
    _edit(root / "pyproject.toml", lambda text: _in_project(text, new))
    _edit(root / "deploy" / "topology.yaml", lambda text: _in_topology(text, new))
    _edit(
        root / "deploy" / "helm" / "sojourn" / "values.yaml",
        lambda text: text.replace("\n  gateway:\n", f"\n  {new.name}: {{}}\n  gateway:\n", 1),
    )
    return written


def _format(folder: Path, root: Path) -> None:
    """Sorts imports and breaks lines: both depend on the names of service and resource."""
    ruff = str(Path(sys.executable).parent / "ruff")
    first_party = f"lint.isort.known-first-party = ['chassis', 'sojourn', '{folder.name}']"
    for arguments in (("check", "--select", "I", "--fix", "--config", first_party), ("format",)):
        subprocess.run([ruff, *arguments, "-q", str(folder)], cwd=root, check=True)


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text()
    after = change(before)
    if after == before:
        raise StackError(f"found no place for the service in {path.name}", advice="add it by hand")
    path.write_text(after)


def _in_project(text: str, new: NewService) -> str:
    """Adds the service beside a listed one, and the layers contract of its packages."""
    for before in (f'"sojourn-{_LISTED}"', f'"{_LISTED}"', f'"{_LISTED}.*.wire"'):
        text = text.replace(before, f"{before}, {before.replace(_LISTED, new.name)}")
    source = f"sojourn-{_LISTED} = {{ workspace = true }}\n"
    text = text.replace(source, source + source.replace(_LISTED, new.name), 1)
    return text.replace(
        '[[tool.importlinter.contracts]]\nname = "services import no HTTP framework',
        _contract_of(new)
        + '[[tool.importlinter.contracts]]\nname = "services import no HTTP framework',
        1,
    )


def _contract_of(new: NewService) -> str:
    package = f"{new.name}.{new.resources}"
    layers = [
        f"{new.name}.__main__",
        f"{new.name}.servicers",
        f"{package}.wire",
        f"{package}.actions",
        f"{package}.queries",
        f"{package}.events",
        f"{package}.model",
        f"{new.name}.errors : {new.name}.metrics : {new.name}.settings",
    ]
    lines = "".join(f'  "{layer}",\n' for layer in layers)
    return (
        "[[tool.importlinter.contracts]]\n"
        f'name = "{new.name}: servicers > wire > actions > queries > model"\n'
        f'type = "layers"\nlayers = [\n{lines}]\n\n'
    )


def _in_topology(text: str, new: NewService) -> str:
    """Adds an entry before the gateway's: own events, calls of identity, free ports."""
    stated = yaml.safe_load(text)["components"]
    taken = {port for entry in stated.values() for port in _ports_of(entry)}
    first = next(
        port
        for port in range(_FIRST_PORT, 65_000, _PORTS_A_SERVICE)
        if not any(port <= used < port + _PORTS_A_SERVICE for used in taken)
    )
    entry = (
        f"  {new.name}:\n"
        f"    local: {{ports: {{grpc: {first}, admin: {first + 1}}}}}\n"
        "    calls: [identity]\n"
        f"    publishes: [events.sojourn.{new.name}.>]\n"
    )
    return text.replace("\n  gateway:\n", f"\n{entry}  gateway:\n", 1)


def _ports_of(entry: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[int]:
    return list(entry.get("local", {}).get("ports", {}).values())

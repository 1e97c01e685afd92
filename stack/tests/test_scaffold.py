"""`make service` lays out a service that passes every check and its own tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack.binaries import checkout
from stack.errors import StackError
from stack.scaffold.service import NewService, lay_out

NEW = NewService("loyalty", "account")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with the new service in it."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(
        checkout(),
        root,
        dirs_exist_ok=True,
        symlinks=True,
        ignore=shutil.ignore_patterns(
            ".*_cache", ".venv", ".uv", ".stack", ".tools", ".git", "__pycache__"
        ),
    )
    for tools in (".uv", ".tools"):
        (root / tools).symlink_to(checkout() / tools)
    lay_out(NEW, root)
    run(root, sys.executable, "protos/generate.py")
    return root


def run(root: Path, *command: str, folder: str = "") -> str:
    """Runs a command in the copy, whose packages go before those of the checkout."""
    roots = [root / "protos" / "gen", root / "chassis", root / "stack"]
    roots += sorted((root / "services").iterdir())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))}
    done = subprocess.run(
        command, cwd=root / folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_a_new_service_passes_lint_and_format(copy: Path) -> None:
    run(copy, str(BIN / "ruff"), "check", ".")
    run(copy, str(BIN / "ruff"), "format", "--check", ".")


def test_a_new_service_passes_types(copy: Path) -> None:
    run(copy, str(BIN / "mypy"), "-p", "loyalty")


def test_a_new_service_passes_the_import_contracts(copy: Path) -> None:
    assert "loyalty: servicers > wire > actions > queries > model KEPT" in run(
        copy, str(BIN / "lint-imports")
    )


def test_a_new_services_contract_passes_its_lint(copy: Path) -> None:
    run(copy, str(BIN / "buf"), "lint", folder="protos")


def test_a_new_services_own_tests_pass(copy: Path) -> None:
    out = run(copy, sys.executable, "-m", "pytest", "-q", "-n", "0", "services/loyalty")

    assert "4 passed" in out


def test_a_new_service_is_in_the_topology_with_ports_of_its_own(copy: Path) -> None:
    program = "from stack.topology import COMPONENTS; print([c.name for c in COMPONENTS])"

    assert "'loyalty'" in run(copy, sys.executable, "-c", program)


def test_a_service_that_exists_is_refused_and_nothing_is_written(copy: Path) -> None:
    before = sorted(copy.rglob("*.py"))

    with pytest.raises(StackError, match="exists already"):
        lay_out(NEW, copy)

    assert sorted(copy.rglob("*.py")) == before


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("Loyalty", "account"),
        ("loyalty points", "account"),
        ("loyalty", ""),
        ("loyalty", "loyalty"),
    ],
)
def test_names_that_are_no_words_are_refused(name: str, resource: str) -> None:
    with pytest.raises(StackError):
        NewService(name, resource)


@pytest.mark.parametrize(
    ("resource", "resources"),
    [("account", "accounts"), ("entry", "entries"), ("box", "boxes"), ("day", "days")],
)
def test_resources_have_their_plural(resource: str, resources: str) -> None:
    assert NewService("loyalty", resource).resources == resources

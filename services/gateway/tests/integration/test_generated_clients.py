"""Tools of others take the OpenAPI document: a linter, and generators of clients.

The tools of Node are installed once, into `.tools/npm`; where Node or its registry is not there,
their tests are skipped. The generator for Python is locked as every package is.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gateway.app import DESCRIPTION, OPERATIONS
from gateway.documents.openapi import document_of
from gateway.operations import TEXTS

# One worker installs the tools.
pytestmark = [pytest.mark.xdist_group("generated-clients"), pytest.mark.timeout(600)]
REPOSITORY = Path(__file__).parents[4]
RULES = REPOSITORY / "services" / "gateway" / "redocly.yaml"
PYTHON_CLIENT = REPOSITORY / "services" / "gateway" / "openapi-python-client.yaml"
PACKAGES = ("@redocly/cli@2.77.0", "openapi-typescript@7.13.0", "typescript@5.9.3")
# The oldest Node that all of them run on.
LEAST_NODE = (20, 19)
INSTALL_SECONDS = 120
TOOL_SECONDS = 240
# Nothing is reported, and no newer version is looked for.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}
Done = subprocess.CompletedProcess[str]
# What a program writes against the generated types: it compiles only if they say what is true.
PROGRAM = """
import type { components, operations, paths } from "./schema";

type Problem = components["schemas"]["Problem"];
type AddLine = paths["/v1/carts/{cart_id}/lines"]["post"];
type AddLineHeaders = operations["addLine"]["parameters"]["header"];
type Placed = operations["completeCheckout"]["responses"][201]["content"]["application/json"];

const headers: AddLineHeaders = { "Idempotency-Key": "k-1", "Sojourn-Storefront": "token" };
// @ts-expect-error: a line is added with a key only
const without: AddLineHeaders = {};
const line: components["schemas"]["LineInput"] = { variant_id: "0190a6e2", quantity: 1 };
// @ts-expect-error: null is not a way to leave a field out of a new cart
const cart: components["schemas"]["CreateCartRequest"] = { currency: null };
const change: components["schemas"]["UpdateCheckoutRequest"] = { email: null };
const refused = (answer: AddLine["responses"][409]["content"]["application/problem+json"]) => {
  const problem: Problem = answer;
  return problem.reason;
};
const isPlaced = (order: Placed) => order.status === "placed";
export { cart, change, headers, isPlaced, line, refused, without };
"""
IMPORT_ALL = """
import importlib, pkgutil, client
names = [each.name for each in pkgutil.walk_packages(client.__path__, "client.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def run(*command: str, cwd: Path, seconds: float = TOOL_SECONDS) -> Done:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **QUIET},
        timeout=seconds,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document in a file, in a folder of its own."""
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    made = document_of(
        "Sojourn", "1.0.0", DESCRIPTION, OPERATIONS, TEXTS, public_url="https://api.shop.example"
    )
    path.write_text(json.dumps(made))
    return path


@pytest.fixture(scope="module")
def programs() -> Path:
    """The folder of the installed programs of Node."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    found = run("node", "--version", cwd=REPOSITORY).stdout.strip()
    if tuple(int(part) for part in found.removeprefix("v").split(".")[:2]) < LEAST_NODE:
        pytest.skip(f"Node {found} is too old for {', '.join(PACKAGES)}")
    digest = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:12]
    target = REPOSITORY / ".tools" / "npm" / digest
    if not target.exists():
        _install(target)
    return target / "node_modules" / ".bin"


# Operations whose good answer is a redirect: the linter's rule knows 2XX alone.
REDIRECTS = {
    ("operation-2xx-response", "#/paths/~1v1~1mails~1links~1{token}/get/responses"),
    ("operation-2xx-response", "#/paths/~1v1~1s~1{code}/get/responses"),
}


def _install(target: Path) -> None:
    """Installs the packages, whole or not at all: the folder gets its name when all is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
        quick = ("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=1000")
        try:
            done = run(
                "npm", "install", "--prefix", folder, *options, *quick, *PACKAGES,
                cwd=target.parent, seconds=INSTALL_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm could not install its packages within {INSTALL_SECONDS} s")
        if done.returncode != 0:
            pytest.skip(f"npm could not install its packages: {done.stderr.strip()[:200]}")
        if not target.exists():
            Path(folder).rename(target)
            Path(folder).mkdir()


def test_the_document_breaks_no_rule_of_a_linter(document: Path, programs: Path) -> None:
    done = run(
        str(programs / "redocly"), "lint", str(document), "--config", str(RULES), "--format=json",
        cwd=document.parent,
    )  # fmt: skip

    assert done.stdout, done.stderr
    problems = json.loads(done.stdout)["problems"]
    assert [
        (each["ruleId"], each["message"], each["location"][0].get("pointer"))
        for each in problems
        if (each["ruleId"], each["location"][0].get("pointer")) not in REDIRECTS
    ] == []


def test_a_typescript_client_compiles(document: Path, programs: Path) -> None:
    folder = document.parent
    (folder / "program.ts").write_text(PROGRAM)

    generated = run(
        str(programs / "openapi-typescript"), document.name, "-o", "schema.ts", cwd=folder
    )
    assert generated.returncode == 0, generated.stderr
    compiled = run(
        str(programs / "tsc"), "--strict", "--noEmit", "--target", "es2022", "program.ts",
        cwd=folder,
    )  # fmt: skip

    assert compiled.returncode == 0, compiled.stdout


def test_a_python_client_is_generated_without_a_warning_and_imported(document: Path) -> None:
    pytest.importorskip("openapi_python_client", reason="openapi-python-client is not installed")
    folder = document.parent

    generated = run(
        sys.executable, "-c", "from openapi_python_client.cli import app; app()", "generate",
        "--path", document.name, "--output-path", "client", "--meta", "none",
        "--config", str(PYTHON_CLIENT), "--fail-on-warning",
        cwd=folder,
    )  # fmt: skip
    assert generated.returncode == 0, generated.stdout + generated.stderr
    imported = run(sys.executable, "-c", IMPORT_ALL, cwd=folder)

    assert imported.returncode == 0, imported.stderr
    operations = sum(len(table) for table in OPERATIONS.values())
    assert int(imported.stdout) > operations

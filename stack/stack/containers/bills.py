"""Bills of materials: what each image holds, as CycloneDX documents."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import docker
from docker.errors import DockerException

from stack.containers.images import PYTHON
from stack.errors import StackError

SPECIFICATION: Final = "1.6"
Json = dict[str, Any]


def write(client: docker.DockerClient, references: Mapping[str, str], root: Path) -> list[Path]:
    """Writes `.stack/sbom/<name>.cdx.json` for each image (by name), and returns the paths."""
    folder = root / ".stack" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, reference in references.items():
        path = folder / f"{name}.cdx.json"
        path.write_text(
            json.dumps(bill_of(client, reference, root), indent=2) + "\n", encoding="utf-8"
        )
        paths.append(path)
    return paths


def bill_of(client: docker.DockerClient, reference: str, root: Path) -> Json:
    """The image's bill:

    Python and its distributions, Debian's packages. Asked of the image itself, so that nothing is
    missing.
    """
    found = _inventory(client, reference, root)
    components = [
        _component(
            "python", found["python"], f"pkg:generic/python@{found['python']}", kind="platform"
        ),
        *(_python(package) for package in found["packages"]),
        *(_debian(package, found["release"]) for package in found["debian"]),
    ]
    repository, _, tag = reference.rpartition(":")
    image = {
        **_component(
            repository,
            tag,
            f"pkg:oci/{repository.rpartition('/')[2]}?tag={quote(tag)}",
            kind="container",
        ),
        "properties": [{"name": "sojourn:image-id", "value": str(client.images.get(reference).id)}],
    }
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPECIFICATION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {"timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "component": image},
        "components": components,
        "dependencies": [
            {
                "ref": image["bom-ref"],
                "dependsOn": [component["bom-ref"] for component in components],
            }
        ],
    }


def _inventory(client: docker.DockerClient, reference: str, root: Path) -> Json:
    program = (root / "deploy" / "image" / "inventory.py").read_text(encoding="utf-8")
    try:
        printed = client.containers.run(
            reference,
            ["-P", "-c", program],
            entrypoint=[PYTHON],
            remove=True,
            network_disabled=True,
            read_only=True,
            cap_drop=["ALL"],
        )
    except DockerException as error:
        raise StackError(f"{reference} does not tell what it holds: {error}") from error
    inventory: Json = json.loads(printed)
    return inventory


def _component(name: str, version: str, purl: str, *, kind: str = "library") -> Json:
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _python(package: Mapping[str, str]) -> Json:
    component = _component(
        package["name"],
        package["version"],
        f"pkg:pypi/{package['name']}@{quote(package['version'])}",
    )
    if package["expression"]:
        component["licenses"] = [{"expression": package["expression"]}]
    elif package["licence"]:
        component["licenses"] = [{"license": {"name": package["licence"]}}]
    return component


def _debian(package: Mapping[str, str], release: Mapping[str, str]) -> Json:
    name, version, where = (
        package["name"],
        quote(package["version"], safe=""),
        f"{release.get('ID', 'debian')}-{release.get('VERSION_ID', '')}",
    )
    purl = f"pkg:deb/debian/{quote(name)}@{version}?arch={package['architecture']}&distro={where}"
    return _component(name, package["version"], purl)

"""Prints the contents of the running image as JSON: Python, distributions, Debian packages."""

import json
import platform
import re
import sys
from importlib.metadata import distributions
from pathlib import Path


def python_packages() -> list[dict[str, str]]:
    """Name, version and licence of each distribution on the path."""
    found = {}
    for one in distributions():
        metadata = one.metadata
        licence = metadata.get("License-Expression") or ""
        classified = [
            entry.rpartition(" :: ")[2]
            for entry in metadata.get_all("Classifier") or []
            if entry.startswith("License ::")
        ]
        key = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
        found[key] = {
            "name": key,
            "version": one.version,
            "expression": licence,
            "licence": "; ".join(classified),
        }
    return [found[key] for key in sorted(found)]


def debian_packages() -> list[dict[str, str]]:
    """Name, version and architecture of each installed package."""
    path = Path("/var/lib/dpkg/status")
    found = []
    for paragraph in path.read_text(encoding="utf-8").split("\n\n") if path.exists() else []:
        fields = dict(
            line.split(": ", 1)
            for line in paragraph.splitlines()
            if ": " in line and not line.startswith(" ")
        )
        if fields.get("Status", "").endswith(" installed"):
            found.append(
                {
                    "name": fields["Package"],
                    "version": fields["Version"],
                    "architecture": fields["Architecture"],
                }
            )
    return sorted(found, key=lambda package: package["name"])


inventory = {
    "python": platform.python_version(),
    "packages": python_packages(),
    "debian": debian_packages(),
    "release": platform.freedesktop_os_release(),
}
sys.stdout.write(json.dumps(inventory) + "\n")

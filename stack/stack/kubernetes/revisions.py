"""Images of the next revision: the same programs, with one more migration per database.

Until there is a release to upgrade from, a rolling upgrade goes from the current images to these,
and a rollback comes back: the current images then run on a database that is newer than they know.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

import docker

from chassis.data.migrations import scripts_of
from stack.containers.images import engine
from stack.topology import COMPONENTS

_MIGRATION: Final = '''"""A column that only the next revision knows."""

from chassis.data.migrations import run_sql

revision, down_revision = "next", "{head}"


def upgrade() -> None:
    run_sql("ALTER TABLE inbox ADD COLUMN IF NOT EXISTS note text NOT NULL DEFAULT ''")
'''


def next_images(images: Mapping[str, str]) -> dict[str, str]:
    """Builds them from the given references.

    Returns references by name, under tags that end in `-next`.
    """
    client = engine()
    with_database = {component.name for component in COMPONENTS if component.database}
    return {
        name: _next(client, name, reference, name in with_database)
        for name, reference in images.items()
    }


def _next(client: docker.DockerClient, name: str, reference: str, has_database: bool) -> str:
    repository, _, tag = reference.rpartition(":")
    lines, files = [f"FROM {reference}"], dict[str, str]()
    if has_database:
        files["next.py"] = _MIGRATION.format(head=scripts_of(name).get_current_head())
        lines.append(f"COPY next.py {_versions_of(client, name, reference)}/next.py")
    files["Dockerfile"] = "\n".join([*lines, 'LABEL sojourn.revision="next"', ""])
    client.images.build(
        fileobj=_tar(files), custom_context=True, tag=f"{repository}:{tag}-next", rm=True
    )
    return f"{repository}:{tag}-next"


def _versions_of(client: docker.DockerClient, name: str, reference: str) -> str:
    """Returns the folder of a service's migrations in its image."""
    code = f"import importlib.util as u; print(u.find_spec('{name}').submodule_search_locations[0])"
    folder = client.containers.run(reference, ["-c", code], entrypoint="python", remove=True)
    return str(PurePosixPath(folder.decode().strip()) / "migrations" / "versions")


def _tar(files: Mapping[str, str]) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text.encode()), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    packed.seek(0)
    return packed

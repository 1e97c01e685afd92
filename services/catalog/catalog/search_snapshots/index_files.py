"""Files of an index on disk: those of its last commit, and folders for them.

A file is never changed once it is written: a commit adds files, and a merge replaces several by
one. So the files of a commit are kept by a second name for each, which costs no copy.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

META: Final = "meta.json"
_MANAGED: Final = ".managed.json"
_EXTENSIONS: Final = ("idx", "pos", "term", "store", "fast", "fieldnorm")
_PREFIX: Final = "search-index-"
_FOLDER: Final = re.compile(rf"{_PREFIX}(\d+)-([0-9a-f]+)-")
# In a container every process that serves has the same number.
_THIS_PROCESS: Final = secrets.token_hex(4)
_READ_BYTES: Final = 1024 * 1024
# Merges that end meanwhile replace the files that were just listed.
_ATTEMPTS: Final = 20


class IndexFilesMissing(Exception):
    """Merges kept replacing the files of an index while they were linked."""


def make_folder(parent: Path | None) -> Path:
    """A new folder for an index of this process, in `parent` or where temporary files are.

    Deletes folders of processes that are no more.
    """
    root = parent or Path(tempfile.gettempdir())
    root.mkdir(parents=True, exist_ok=True)
    for each in root.glob(f"{_PREFIX}*"):
        made_by = _FOLDER.match(each.name)
        if made_by and not _is_alive(int(made_by[1]), made_by[2]):
            shutil.rmtree(each, ignore_errors=True)
    prefix = f"{_PREFIX}{os.getpid()}-{_THIS_PROCESS}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=root))


def _is_alive(pid: int, process: str) -> bool:
    if pid == os.getpid():
        return process == _THIS_PROCESS
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def delete_with(owner: object, folder: Path) -> None:
    """Deletes a folder once nothing refers to its owner any more, or when the process ends.

    What is open stays readable until it is closed.
    """
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)


def link_commit(folder: Path, into: Path) -> list[Path]:
    """Gives the files of the last commit a second name in a new folder `into`.

    Raises IndexFilesMissing.
    """
    for _ in range(_ATTEMPTS):
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        text = (folder / META).read_text()
        with contextlib.suppress(FileNotFoundError):
            for name in _names(json.loads(text)):
                os.link(folder / name, into / name)
            (into / META).write_text(text)
            return sorted(into.iterdir())
    raise IndexFilesMissing(f"the files of the commit in {folder} were replaced {_ATTEMPTS} times")


def _names(meta: dict[str, Any]) -> Iterable[str]:
    for segment in meta["segments"]:
        name = segment["segment_id"].replace("-", "")
        yield from (f"{name}.{extension}" for extension in _EXTENSIONS)
        if segment["deletes"]:
            yield f"{name}.{segment['deletes']['opstamp']}.del"


def finish_folder(folder: Path) -> None:
    """Writes the list of files by which the index deletes those that it no longer needs."""
    names = [each.name for each in folder.iterdir() if not each.name.startswith(".")]
    (folder / _MANAGED).write_text(json.dumps(names))


def digest_of(path: Path) -> str:
    """The digest of a file's content."""
    digest = hashlib.blake2b(digest_size=32)
    with path.open("rb") as file:
        while part := file.read(_READ_BYTES):
            digest.update(part)
    return digest.hexdigest()

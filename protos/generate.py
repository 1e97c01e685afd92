"""Writes the Python stubs of every .proto below this folder to gen/, with types.

Run by `make`. A stamp of the sources' digest makes a second run free.
"""

import hashlib
import json
import os
import shutil
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE / "gen"
# `buf.validate` is the vocabulary of constraints.
PACKAGES = ("sojourn", "buf")


def digest(sources: list[Path]) -> str:
    """Digest of the sources, of this script, and of the generators' versions."""
    sha = hashlib.sha256()
    for path in [*sources, Path(__file__)]:
        sha.update(path.relative_to(HERE).as_posix().encode())
        sha.update(path.read_bytes())
    for package in ("grpcio-tools", "mypy-protobuf"):
        sha.update(version(package).encode())
    return sha.hexdigest()


def write_comments(fresh: Path, sources: list[Path], well_known: Path) -> None:
    """Writes sojourn/comments.json: comments of messages, fields and values, for the API's docs."""
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet
    from grpc_tools import protoc

    described = fresh / "described.bin"
    protoc.main(
        [
            "protoc",
            f"-I{HERE}",
            f"-I{well_known}",
            "--include_source_info",
            f"--descriptor_set_out={described}",
            *map(str, sources),
        ]
    )
    comments: dict[str, str] = {}
    for file in FileDescriptorSet.FromString(described.read_bytes()).file:
        by_path = {
            tuple(place.path): " ".join(place.leading_comments.split())
            for place in file.source_code_info.location
        }

        def visit(
            message: DescriptorProto,
            name: str,
            path: tuple[int, ...],
            by_path: dict[tuple[int, ...], str] = by_path,
        ) -> None:
            comments[name] = by_path.get(path, "")
            for number, field in enumerate(message.field):
                comments[f"{name}.{field.name}"] = by_path.get((*path, 2, number), "")
            for number, nested in enumerate(message.nested_type):
                visit(nested, f"{name}.{nested.name}", (*path, 3, number))

        for number, enum in enumerate(file.enum_type):
            for at, value in enumerate(enum.value):
                comment = by_path.get((5, number, 2, at), "")
                comments[f"{file.package}.{value.name}"] = comment
        for number, message in enumerate(file.message_type):
            visit(message, f"{file.package}.{message.name}", (4, number))
    described.unlink()
    (fresh / "sojourn" / "comments.json").write_text(json.dumps(comments, indent=0, sort_keys=True))


def main() -> int:
    sources = sorted(path for package in PACKAGES for path in (HERE / package).rglob("*.proto"))
    stamp = OUT / ".digest"
    wanted = digest(sources)
    if stamp.exists() and stamp.read_text() == wanted:
        return 0

    from grpc_tools import protoc

    well_known = Path(next(iter(find_spec("grpc_tools").submodule_search_locations))) / "_proto"  # type: ignore[union-attr,arg-type]
    # protoc looks its plugins up on PATH; they lie beside this interpreter.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )
    fresh = HERE / "gen.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    code: int = protoc.main(
        [
            "protoc",
            f"-I{HERE}",
            f"-I{well_known}",
            f"--python_out={fresh}",
            f"--grpc_python_out={fresh}",
            f"--mypy_out={fresh}",
            f"--mypy_grpc_out={fresh}",
            *map(str, sources),
        ]
    )
    if code:
        return code
    write_comments(fresh, sources, well_known)
    for folder in {path.parent for path in fresh.rglob("*.py")}:
        for package in [folder, *folder.parents][: len(folder.relative_to(fresh).parts)]:
            (package / "__init__.py").touch()
    OUT.mkdir(exist_ok=True)
    for package in PACKAGES:
        (fresh / package / "py.typed").touch()
        shutil.rmtree(OUT / package, ignore_errors=True)
        (fresh / package).rename(OUT / package)
    fresh.rmdir()
    stamp.write_text(wanted)
    print(f"protos: {len(sources)} files generated")
    return 0


if __name__ == "__main__":
    sys.exit(main())

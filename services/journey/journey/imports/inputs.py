"""Files as they come: compressed or not, from disk or standard input, in some encoding."""

import codecs
import gzip
import io
import sys
import tempfile
import zlib
from pathlib import Path
from typing import BinaryIO, Final, cast

from journey.imports.model import Format

_GZIP: Final = b"\x1f\x8b"
_PARQUET: Final = b"PAR1"
_ZIP: Final = b"PK\x03\x04"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD: Final = 64 * 1024
_SPOOLED: Final = 16 * 1024 * 1024
BROKEN: Final = (gzip.BadGzipFile, zlib.error, EOFError)


class UnreadableFile(ValueError):
    """A file cannot be read at all; its message says why, and what would help."""


def open_file(path: str) -> BinaryIO:
    """Opens a file, or standard input for `-`. Raises UnreadableFile."""
    if path == "-":
        return sys.stdin.buffer
    try:
        return cast(BinaryIO, Path(path).open("rb"))
    except OSError as error:
        raise UnreadableFile(f"cannot read {path}: {error.strerror}") from None


def decompressed(file: BinaryIO) -> io.BufferedReader:
    """Returns the content of a file, unzipped where it is gzip. Raises UnreadableFile."""
    found = _peekable(file)
    if _peek(found).startswith(_GZIP):
        found = io.BufferedReader(
            cast(io.RawIOBase, gzip.GzipFile(fileobj=found, mode="rb")), _HEAD
        )
    head = _peek(found)
    if head.startswith(_ZIP):
        raise UnreadableFile(
            "the file is a ZIP archive or a workbook: unpack it, or save it as CSV"
        )
    return found


def format_of(file: io.BufferedReader, asked: Format) -> Format:
    """Returns the form of a file by its first bytes, unless one was asked for."""
    if asked is not Format.AUTO:
        return asked
    head = _peek(file)
    if head.startswith(_PARQUET):
        return Format.PARQUET
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return Format.JSONL if first in (b"{", b"[") else Format.CSV


def decoded(file: io.BufferedReader, encoding: str) -> io.TextIOWrapper:
    """Returns the text of a file; a byte order mark is passed over. Raises UnreadableFile."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise UnreadableFile(f"{encoding} is no encoding such as utf-8 or cp1252") from None
    head = _peek(file)
    if name == "utf-8":
        if head.startswith(_UTF_16) or _looks_like_utf_16(head):
            raise UnreadableFile("the file is UTF-16: give --encoding utf-16, or save it as UTF-8")
        name = "utf-8-sig"
    return io.TextIOWrapper(file, name, newline="")


def seekable(file: io.BufferedReader) -> BinaryIO:
    """Returns a file that can be read from any place, copied where the given one cannot."""
    if file.seekable() and not isinstance(file.raw, gzip.GzipFile):
        return cast(BinaryIO, file)
    # The caller reads it for as long as the import runs.
    copy = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115
    while part := file.read(_HEAD):
        copy.write(part)
    copy.seek(0)
    return cast(BinaryIO, copy)


def _peekable(file: BinaryIO) -> io.BufferedReader:
    return (
        file
        if isinstance(file, io.BufferedReader)
        else io.BufferedReader(cast(io.RawIOBase, file), _HEAD)
    )


def _peek(file: io.BufferedReader) -> bytes:
    try:
        return file.peek(_HEAD)
    except BROKEN:
        raise UnreadableFile("the gzip file is broken or cut off") from None


def _looks_like_utf_16(head: bytes) -> bool:
    start = head[:200]
    return len(start) > 8 and start.count(0) * 3 > len(start)

"""CSV as merchants have it: encodings, delimiters, blank rows, and texts in any normal form."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from catalog.products.refusals import refuse

# An HTML body can be long; the csv module stops at 128 KiB.
_LONGEST_FIELD: Final = 16 * 1024 * 1024
_DELIMITERS: Final = (",", ";", "\t", "|")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
# Characters without a width, which no search finds and no eye sees; emoji need the joiner (U+200D).
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")

Row = Mapping[str, str]


def rows_of(path: Path) -> Iterator[tuple[int, Row]]:
    """Yields the rows of a file, each with the line at which it begins; blank rows are left out.

    Texts are in NFC. UTF-8, UTF-16 with its mark, and else Windows-1252 are read. Raises
    InvalidImport.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    text = decode(path.read_bytes())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    names: list[str] | None = None
    line = 1
    try:
        for record in reader:
            first, line = line, reader.line_num + 1
            values = [clean(value) for value in record]
            if not any(value.strip() for value in values):
                continue
            if names is None:
                names = [value.strip() for value in values]
                continue
            if len(values) > len(names) and any(values[len(names) :]):
                refuse(
                    first, names[-1], "the row has more fields than the header: is a text quoted?"
                )
            padded = [*values, *[""] * (len(names) - len(values))]
            yield first, dict(zip(names, padded, strict=False))
    except csv.Error as error:
        refuse(line, "row", f"is not CSV: {error}")


def decode(content: bytes) -> str:
    """Returns the text of a file by its mark, as UTF-8, or else as Windows-1252."""
    if content.startswith(_UTF_16):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """Returns the delimiter that the header has most of."""
    header = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=header.count)


def clean(text: str) -> str:
    """Returns a text in NFC, without characters that nobody sees."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))

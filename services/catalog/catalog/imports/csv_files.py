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
# What Excel writes first to tell the delimiter, and how it keeps 007 a text.
_SEPARATOR: Final = re.compile(r"\ufeff?[sS][eE][pP]=([,;\t|])\r?\n?")
_FORCED: Final = re.compile(r'="(.*)"', re.DOTALL)
_FORMULA: Final = re.compile(r"[=+\-@\t\r']")
_GUARDED: Final = re.compile(r"'[=+\-@\t\r']")

Row = Mapping[str, str]


def rows_of(file: Path | bytes) -> Iterator[tuple[int, Row]]:
    """Yields the rows of a file, each with the line at which it begins; blank rows are left out.

    Texts are in NFC. UTF-8, UTF-16 with its mark, and else Windows-1252 are read; of Excel the line
    `sep=;`, texts as `="007"`, and rows that are quoted as a whole. Raises InvalidImport.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    text = decode(file if isinstance(file, bytes) else file.read_bytes())
    line, delimiter = 1, ""
    if told := _SEPARATOR.match(text):
        text, line, delimiter = text[told.end() :], 2, told[1]
    delimiter = delimiter or delimiter_of(text)
    offset = line - 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] | None = None
    try:
        for record in reader:
            first, line = line, reader.line_num + 1 + offset
            if len(record) == 1 and delimiter in record[0] and (names is None or len(names) > 1):
                record = next(csv.reader([record[0]], delimiter=delimiter))
            values = [plain(clean(value)) for value in record]
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
    return content.decode(_encoding_of(content), errors="replace")


def _encoding_of(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return "utf-16"
    # UTF-16 without its mark: every second byte of plain letters is 0.
    for encoding, zeros in (("utf-16-le", content[1:400:2]), ("utf-16-be", content[0:400:2])):
        if zeros and zeros.count(0) * 2 > len(zeros):
            return encoding
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def delimiter_of(text: str) -> str:
    """Returns the delimiter that the header has most of."""
    header = re.split(r"[\r\n]", text.lstrip(), maxsplit=1)[0]
    return max(_DELIMITERS, key=header.count)


def form_of(content: bytes) -> list[str]:
    """Returns how a file is read, for its report: its encoding, and its delimiter."""
    text = decode(content)
    told = _SEPARATOR.match(text)
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    return [
        f"read as {_encoding_of(content)}",
        f"parted by {names[told[1] if told else delimiter_of(text)]}",
    ]


def plain(text: str) -> str:
    """Returns a text without the marks that keep a spreadsheet from taking it for a formula."""
    if found := _FORCED.fullmatch(text):
        return found[1].replace('""', '"')
    return text[1:] if _GUARDED.match(text) else text


def guarded(text: str) -> str:
    """Returns a text that no spreadsheet takes for a formula; `plain` takes the mark off."""
    return f"'{text}" if _FORMULA.match(text) else text


def clean(text: str) -> str:
    """Returns a text in NFC, without characters that nobody sees."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))

"""CSV as merchants have it: encodings, delimiters, blank rows, and texts in any normal form."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from catalog.errors import InvalidImport
from catalog.products.refusals import invalid, refuse

# An HTML body can be long; the csv module stops at 128 KiB.
_LONGEST_FIELD: Final = 16 * 1024 * 1024
_DELIMITERS: Final = (",", ";", "\t", "|")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF_32: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
# Files that people send in place of one of text, by their first bytes.
_NO_TEXT: Final = {
    b"PK\x03\x04": "is a spreadsheet or an archive: save it as CSV",
    b"\xd0\xcf\x11\xe0": "is a spreadsheet: save it as CSV",
    b"\x1f\x8b": "is compressed: unpack it first",
    b"%PDF": "is a PDF: export it as CSV",
}
# Characters without a width, which no search finds and no eye sees; emoji need the joiner (U+200D).
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")
# What Excel writes first to tell the delimiter, and how it keeps 007 a text.
_SEPARATOR: Final = re.compile(r"\ufeff?[sS][eE][pP]=([,;\t|])\r?\n?")
_FORCED: Final = re.compile(r'="(.*)"', re.DOTALL)
_FORMULA: Final = re.compile(r"[=+\-@\t\r']")
_GUARDED: Final = re.compile(r"'[=+\-@\t\r']")

Row = Mapping[str, str]
# Takes a row that is refused, as far as it can be read.
Refused = Callable[[InvalidImport, Row], None]


def rows_of(file: Path | bytes, refused: Refused | None = None) -> Iterator[tuple[int, Row]]:
    """Yields the rows of a file, each with the line at which it begins; blank rows are left out.

    Texts are in NFC. UTF-8, UTF-16 with its mark, and else Windows-1252 are read; of Excel the line
    `sep=;`, texts as `="007"`, and rows that are quoted as a whole. Of two columns with one name
    the one with a value counts. A row that is wrong goes to `refused`, if given. Raises
    InvalidImport.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    content = file if isinstance(file, bytes) else file.read_bytes()
    require_text(content)
    text = decode(content)
    line, delimiter = 1, ""
    if told := _SEPARATOR.match(text):
        text, line, delimiter = text[told.end() :], 2, told[1]
    delimiter = delimiter or delimiter_of(text)
    offset = line - 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] | None = None
    first, values = line, list[str]()
    try:
        for record in reader:
            first, line = line, reader.line_num + 1 + offset
            if len(record) == 1 and delimiter in record[0] and (names is None or len(names) > 1):
                record = next(csv.reader([record[0]], delimiter=delimiter))
            values = [plain(clean(value)) for value in record]
            if not any(value.strip() for value in values):
                continue
            if names is None:
                names = [" ".join(value.split()) for value in values]
                continue
            row, error = _row(first, names, values)
            if error is None:
                yield first, row
            elif refused is None:
                raise error
            else:
                refused(error, row)
    except csv.Error as error:
        refuse(line, "row", f"is not CSV: {error}")
    if names is not None and 0 < len(values) < len(names) and "\n" in values[-1]:
        refuse(first, names[len(values) - 1], "a quote is not closed: all that follows is its text")


def _row(
    line: int, names: Sequence[str], values: Sequence[str]
) -> tuple[dict[str, str], InvalidImport | None]:
    """Returns the values of a row by column, and what is wrong with it."""
    row: dict[str, str] = {}
    error: InvalidImport | None = None
    for name, value in zip(names, [*values, *[""] * len(names)], strict=False):
        known = row.setdefault(name, value)
        if name and known != value and value.strip():
            if known.strip():
                why = "the header has this column twice, and the row two values"
                error = invalid(line, name, why)
            row[name] = value
    if len(values) > len(names) and any(values[len(names) :]):
        why = "the row has more fields than the header: is a text quoted?"
        error = invalid(line, names[-1], why)
    return row, error


def require_text(content: bytes) -> None:
    """Raises InvalidImport for what is no text, or none in an encoding that can be told."""
    for beginning, why in _NO_TEXT.items():
        if content.startswith(beginning):
            refuse(1, "row", f"the file {why}")
    if _encoding_of(content) == "cp1252":
        try:
            content.decode("cp1252")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            refuse(line, "row", "is neither UTF-8 nor Windows-1252: save the file as UTF-8")


def decode(content: bytes) -> str:
    """Returns the text of a file by its mark, as UTF-8, or else as Windows-1252."""
    return content.decode(_encoding_of(content), errors="replace")


def _encoding_of(content: bytes) -> str:
    if content.startswith(_UTF_32):
        return "utf-32"
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

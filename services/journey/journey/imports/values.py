"""Values of a file's columns, of which each spelling is read once.

A history repeats itself: a hundred thousand lines have a few kinds, channels, campaigns and prices,
and a person has many lines. `make bench` measures imports.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from types import NoneType
from typing import Final, Generic, TypeVar, cast

from journey.imports.fields import Invalid, stripped
from journey.imports.formats import Record, value_at
from journey.imports.model import ImportOptions

K = TypeVar("K")
V = TypeVar("V")
Texts = Mapping[str, str | None]
# Spellings of a column that are remembered.
_REMEMBERED: Final = 65_536
# Values of other types are not remembered: 1, 1.0 and True are one key of a dictionary.
_TEXTS: Final = {str, NoneType}


class Remembered(dict[K, V | Invalid], Generic[K, V]):
    """Readings by key. `has_invalid` tells whether one of them ever made no sense."""

    def __init__(self, read: Callable[[K], V]) -> None:
        super().__init__()
        self._read, self.has_invalid = read, False

    def __missing__(self, key: K) -> V | Invalid:
        self[key] = value = self.read(key)
        return value

    def read(self, key: K) -> V | Invalid:
        """Reads a key that is not remembered."""
        try:
            return self._read(key)
        except Invalid as error:
            self.has_invalid = True
            return error

    def look_up(self, keys: Iterable[K]) -> list[V | Invalid]:
        """Returns the readings of keys, in their order."""
        if len(self) > _REMEMBERED:
            self.clear()
        return list(map(self.__getitem__, keys))

    def valid(
        self, found: Sequence[V | Invalid], invalid: MutableMapping[int, Invalid]
    ) -> list[V | None]:
        """Returns readings with None for those that make no sense, which are put into `invalid`.

        The first of a row stays there.
        """
        if not self.has_invalid:
            return cast("list[V | None]", found)
        for number, value in enumerate(found):
            if isinstance(value, Invalid):
                invalid.setdefault(number, value)
        return [None if isinstance(value, Invalid) else value for value in found]


class Column(Generic[V]):
    """A field of a file's records, from the columns that may give it or a constant.

    `read` takes a value as it is in the record, None where there is none.
    """

    def __init__(self, options: ImportOptions, field: str, read: Callable[[object], V]) -> None:
        self._columns = tuple(options.columns.get(field, ()))
        self._constant = options.constants.get(field)
        self._readings = Remembered[object, V](read)
        self.is_given = bool(self._columns) or self._constant is not None

    def values_of(
        self, records: Sequence[Record], invalid: MutableMapping[int, Invalid]
    ) -> list[V | None]:
        """Returns the field of each record; None for those that make no sense."""
        readings = self._readings
        if not self._columns:
            return readings.valid([readings[self._constant]] * len(records), invalid)
        values = self._values(records)
        found = (
            readings.look_up(values)
            if _TEXTS.issuperset(map(type, values))
            else [readings[one] if type(one) in _TEXTS else readings.read(one) for one in values]
        )
        return readings.valid(found, invalid)

    def _values(self, records: Sequence[Record]) -> list[object]:
        constant = self._constant
        if len(self._columns) > 1:
            return [self._first(record) for record in records]
        (name,) = self._columns
        values = (
            [value_at(record, name) for record in records]
            if "." in name
            else [record.get(name) for record in records]
        )
        if constant is None:
            return values
        return [constant if value is None or value == "" else value for value in values]

    def _first(self, record: Record) -> object:
        for name in self._columns:
            value = value_at(record, name)
            if value is not None and value != "":
                return value
        return self._constant


def text_column(options: ImportOptions, field: str, read: Callable[[str | None], V]) -> Column[V]:
    """Returns the column of a field that is read from its text."""
    return Column(options, field, lambda value: read(stripped(value)))


class JoinedColumns(Generic[V]):
    """A reading of the texts of several fields together. `read` takes them by field."""

    def __init__(
        self, options: ImportOptions, fields: Sequence[str], read: Callable[[Texts], V]
    ) -> None:
        columns = {field: text_column(options, field, _same) for field in fields}
        self._columns = {name: column for name, column in columns.items() if column.is_given}
        names = tuple(self._columns)
        self._readings = Remembered[tuple[str | None, ...], V](
            lambda texts: read(dict(zip(names, texts, strict=True)))
        )

    def values_of(
        self, records: Sequence[Record], invalid: MutableMapping[int, Invalid]
    ) -> list[V | None]:
        """Returns what each record says; None for those that make no sense."""
        if not self._columns:
            return self._readings.valid([self._readings[()]] * len(records), invalid)
        texts = [column.values_of(records, invalid) for column in self._columns.values()]
        rows = zip(*texts, strict=True)
        return self._readings.valid(self._readings.look_up(rows), invalid)


def _same(text: str | None) -> str | None:
    return text

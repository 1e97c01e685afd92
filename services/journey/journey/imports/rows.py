"""Records to touchpoints, or to why a record is none.

An event is the same event whatever its line looks like: its identity is its id where it has one,
and else its person, kind, time, and its number among the equal ones of its file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from chassis.campaigns import UTM, fold_campaign, parse_campaign
from chassis.money import MOST_MINOR, UnknownCurrency, exponent
from journey.errors import InvalidTouchpoint
from journey.imports.columns import property_columns, property_name
from journey.imports.formats import Line, Record, value_at
from journey.imports.model import MOST_VALUE, ImportOptions, Refusal
from journey.imports.times import TimeReader, UnreadableTime, parse_zone
from journey.touchpoints.kinds import normalize_kind
from journey.touchpoints.model import (
    MOST_IMPORTED_PROPERTIES,
    MOST_SESSION,
    Outcome,
    Source,
    Touchpoint,
    clean_text,
    derive_imported_person,
    derive_touchpoint_id,
    parse_host,
    parse_reason,
    serialize_properties,
)

# Equal events this many keys apart in a file count as one.
_REMEMBERED: Final = 250_000
_person: Final = lru_cache(maxsize=4_096)(derive_imported_person)
_LONGEST_MS: Final = 2**31 - 1
_OUTCOMES: Final = {
    **dict.fromkeys(("", "ok", "success", "succeeded", "true", "1"), Outcome.OK),
    **dict.fromkeys(("refused", "rejected", "denied", "false", "0"), Outcome.REFUSED),
    **dict.fromkeys(("error", "failed", "failure", "exception"), Outcome.ERROR),
}
_OK: Final = Outcome.OK.value
_DEVICES: Final = {
    **dict.fromkeys(("desktop", "computer", "pc", "web"), "desktop"),
    **dict.fromkeys(("phone", "mobile", "smartphone", "phablet"), "phone"),
    **{name: name for name in ("tablet", "app", "till", "call_center", "bot")},
}


class Invalid(ValueError):
    """A value makes no sense. `field` is whose, and the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Digest(Protocol):
    """Makes the handle of an e-mail address, or raises ValueError."""

    def __call__(self, email: str, /) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Imported:
    """A touchpoint of a line, and the handle of the e-mail address that the line names."""

    touchpoint: Touchpoint
    email_id: UUID | None = None


@dataclass(slots=True)
class Occurrences:
    """Counts equal keys in the order of a file, in bounded memory.

    Of a key only its 64-bit hash is kept: two of 500,000 keys have the same one once in 10^8 files.
    """

    _new: dict[int, int] = field(default_factory=dict)
    _old: dict[int, int] = field(default_factory=dict)

    def count(self, *parts: object) -> int:
        """Returns how often a key came before."""
        key = hash(parts)
        before = self._new.get(key, self._old.get(key, 0))
        if len(self._new) >= _REMEMBERED:
            self._old, self._new = self._new, {}
        self._new[key] = before + 1
        return before


class RowReader:
    """Reads the records of one file."""

    def __init__(
        self,
        options: ImportOptions,
        *,
        import_id: UUID,
        now: datetime,
        default_channel: str,
        digest: Digest,
    ) -> None:
        self._options, self._import_id, self._now = options, import_id, now
        self._default_channel, self._digest = default_channel, digest
        self._times = TimeReader(
            parse_zone(options.timezone) if options.timezone else UTC,
            options.time_unit,
            options.date_order,
        )
        self._columns = {name: tuple(columns) for name, columns in options.columns.items()}
        self._given = {*self._columns, *options.constants}
        self._has_campaign = not self._given.isdisjoint(("url", "click_id", "referrer", *UTM))
        self._properties = property_columns(options)
        self._taken = {column for columns in self._columns.values() for column in columns}
        self._kinds = {normalize_kind(old): new for old, new in options.kinds.items()}
        self._equal, self._at_once = Occurrences(), Occurrences()

    def read(self, lines: Iterable[Line | Refusal]) -> Iterator[Imported | Refusal]:
        """Yields a touchpoint for each record, or why it is none."""
        for line in lines:
            if isinstance(line, Refusal):
                yield line
                continue
            try:
                yield self._row(line.record)
            except Invalid as error:
                column, value = self._place(line.record, error.field)
                yield Refusal(line.number, error.field, column, value, str(error))

    def _place(self, record: Record, field: str) -> tuple[str, str]:
        for column in self._columns.get(field, ()):
            if text := text_of(value_at(record, column)):
                shown = "" if field == "email" else clean_text(text, MOST_VALUE)
                return column, shown
        return next(iter(self._columns.get(field, ())), ""), ""

    def _text(self, record: Record, field: str) -> str:
        if field not in self._given:
            return ""
        return text_of(self._value(record, field)).strip()

    def _value(self, record: Record, field: str) -> object:
        for column in self._columns.get(field, ()):
            value = record[column] if column in record else value_at(record, column)
            if value is not None and value != "":
                return value
        return self._options.constants.get(field)

    def _row(self, record: Record) -> Imported:
        options = self._options
        visitor_id, customer_id, email_id = self._people(record)
        person = visitor_id or customer_id
        kind, at = self._kind(record), self._time(record)
        amount, currency = self._amount(record)
        given = self._text(record, "event_id")
        return Imported(
            Touchpoint(
                id=derive_touchpoint_id("import.id", options.source, given)
                if given
                else self._id_of(person, kind, at),
                visitor_id=visitor_id,
                guest_id=None,
                customer_id=customer_id,
                trace_id=None,
                occurred_at=at,
                received_at=self._now,
                duration_ms=self._duration(record),
                kind=kind,
                source=Source.IMPORT.value,
                channel=clean_text(self._text(record, "channel"), MOST_SESSION)
                or self._default_channel,
                outcome=self._outcome(record),
                reason=parse_reason(self._text(record, "reason").upper()),
                subject=clean_text(self._text(record, "subject")),
                session_id=clean_text(self._text(record, "session"), MOST_SESSION),
                **self._campaign(record),
                properties=self._properties_of(record),
                sequence=self._at_once.count(person, at),
                device=_DEVICES.get(self._text(record, "device").lower().replace(" ", "_"), ""),
                amount_minor=amount,
                currency=currency,
                import_id=self._import_id,
            ),
            email_id,
        )

    def _people(self, record: Record) -> tuple[UUID | None, UUID | None, UUID | None]:
        """Returns the visitor, the customer, and the key of the address."""
        visitor_id = _person("visitor", self._text(record, "person"))
        customer_id = _person("customer", self._text(record, "customer"))
        email_id = self._email(record)
        if visitor_id is None and customer_id is None:
            if email_id is None:
                raise Invalid("person", "a person is needed")
            visitor_id = email_id
        return visitor_id, customer_id, email_id

    def _id_of(self, person: UUID | None, kind: str, at: datetime) -> UUID:
        occurrence = self._equal.count(person, kind, at)
        return derive_touchpoint_id(
            "import",
            self._options.source,
            person.hex if person else "",
            kind,
            at.isoformat(),
            str(occurrence),
        )

    def _email(self, record: Record) -> UUID | None:
        if not (text := self._text(record, "email")):
            return None
        try:
            return self._digest(text)
        except ValueError:
            raise Invalid("email", "no e-mail address") from None

    def _kind(self, record: Record) -> str:
        text = self._text(record, "kind")
        if not text:
            raise Invalid("kind", "a kind is needed")
        try:
            kind = normalize_kind(text)
        except InvalidTouchpoint as error:
            raise Invalid("kind", error.message) from None
        return self._kinds.get(kind, kind)

    def _time(self, record: Record) -> datetime:
        try:
            return self._times.read(self._value(record, "time"), self._now)
        except UnreadableTime as error:
            raise Invalid("time", str(error)) from None

    def _outcome(self, record: Record) -> str:
        if "outcome" not in self._given:
            return _OK
        outcome = _OUTCOMES.get(self._text(record, "outcome").lower())
        if outcome is None:
            raise Invalid("outcome", "not ok, refused or error")
        return outcome.value

    def _duration(self, record: Record) -> int | None:
        number = self._number(record, "duration")
        if number is None:
            return None
        if not 0 <= number <= _LONGEST_MS:
            raise Invalid("duration", "no duration in milliseconds")
        return int(number)

    def _amount(self, record: Record) -> tuple[int | None, str]:
        number = self._number(record, "amount")
        if number is None:
            return None, ""
        currency = self._text(record, "currency").upper()
        try:
            minor = round(number.scaleb(exponent(currency)))
        except UnknownCurrency:
            raise Invalid("currency", "no ISO 4217 code such as EUR") from None
        if abs(minor) > MOST_MINOR:
            raise Invalid("amount", "an amount beyond 10^12 minor units")
        return minor, currency

    def _number(self, record: Record, field: str) -> Decimal | None:
        text = self._text(record, field)
        if not text:
            return None
        mark = self._options.decimal_mark
        other = "," if mark == "." else "."
        if other in text and field == "amount":
            raise Invalid(
                field, f"a number with {other!r}: cents are parted by {mark!r}; see --decimal-mark"
            )
        try:
            number = Decimal(text.replace(mark, "."))
        except InvalidOperation:
            raise Invalid(field, "no number") from None
        if not number.is_finite():
            raise Invalid(field, "no number")
        return number

    def _campaign(self, record: Record) -> dict[str, str]:
        if not self._has_campaign:
            return {}
        url = self._text(record, "url")
        found = campaign_of_url(url) if url else {}
        for name in UTM:
            if (given := self._text(record, name)) and (text := fold_campaign(given)):
                found[name] = text
        if click := clean_text(self._text(record, "click_id")):
            found["click_id"] = click
        if referrer := self._text(record, "referrer"):
            found["referrer_host"] = parse_host(referrer)
        return found

    def _properties_of(self, record: Record) -> str:
        if not self._properties and not self._options.property_maps:
            return "{}"
        found: dict[str, str] = {}
        for one in self._properties:
            if text := text_of(value_at(record, one.column)):
                found[one.name] = text
        for column in self._options.property_maps:
            values = value_at(record, column)
            if isinstance(values, dict):
                for name, value in values.items():
                    # A `$` marks what the tool itself adds, such as $lib.
                    if name[:1] != "$" and f"{column}.{name}" not in self._taken:
                        text, short = text_of(value), property_name(name)
                        if text and short and short not in found:
                            found[short] = text
        return serialize_properties(found, most=MOST_IMPORTED_PROPERTIES)


def text_of(value: object) -> str:
    """Returns a value as text; documents and lists have none."""
    match value:
        case str():
            return value
        case None | list() | dict() | bytes():
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
        case datetime():
            return value.isoformat()
    return str(value)


@lru_cache(maxsize=1_024)
def _campaign_items(url: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(parse_campaign(urlsplit(url).query).items())
    except ValueError:
        return ()


def campaign_of_url(url: str) -> dict[str, str]:
    """Returns the campaign fields of a page's address."""
    return dict(_campaign_items(url))

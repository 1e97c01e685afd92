"""VAT ids: their normal form, and the answers of the authorities."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Index
from stdnum import get_cc_module
from stdnum.exceptions import InvalidLength, ValidationError

from chassis.data.rows import Field, Row, code, states
from checkout.errors.taxes import InvalidVatId

# VIES and the ids themselves have a country code of their own for Greece, and one for Northern
# Ireland, whose numbers are British.
_STDNUM: Final = {"EL": "gr", "XI": "gb"}
COUNTRIES: Final = frozenset(
    ("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "EL", "HU", "IE", "IT", "LV",
     "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "XI", "GB", "CH", "NO")
)  # fmt: skip


class VatIdStatus(StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class VatIdCheck:
    """A VAT id with its country, and what the authority answered at `checked_at`.

    An unconfirmed one has no answer. `consultation_number` is the proof that a seller keeps.
    """

    vat_id: str
    status: VatIdStatus
    checked_at: datetime | None = None
    consultation_number: str = ""
    authority: str = ""

    @property
    def country(self) -> str:
        """The ISO 3166-1 code of its country; XI for Northern Ireland."""
        prefix = self.vat_id[:2]
        return "GR" if prefix == "EL" else prefix


class VatIdAnswer(Row, table=True):
    """The last answer of an authority on a VAT id to a seller.

    `requester` is the seller's VAT id, or empty. Old answers are deleted, as an id may be a
    person's.
    """

    __tablename__ = "vat_id_answer"
    __table_args__ = (
        states("status", VatIdStatus),
        CheckConstraint("status <> 'unconfirmed'"),
        Index("vat_id_answer_checked", "checked_at"),
    )

    vat_id: str = Field(primary_key=True, repr=False)
    requester: str = Field(primary_key=True)
    status: VatIdStatus = code(VatIdStatus)
    checked_at: datetime
    consultation_number: str
    authority: str

    @property
    def check(self) -> VatIdCheck:
        return VatIdCheck(
            self.vat_id, self.status, self.checked_at, self.consultation_number, self.authority
        )


def normalize_vat_id(typed: str, *, path: str = "vat_id") -> str:
    """Returns a VAT id with its country in capital letters, without spaces and punctuation.

    The prefix GR becomes EL, as in VIES. Raises InvalidVatId with `path` and `problem`, which
    repeats nothing of what was typed.
    """
    text = "".join(each for each in typed.upper() if each.isalnum())
    country = "EL" if text[:2] == "GR" else text[:2]
    if country not in COUNTRIES:
        raise InvalidVatId(path=path, problem="it begins with no country that is known")
    module = get_cc_module(_STDNUM.get(country, country.lower()), "vat")
    assert module is not None
    try:
        number = module.validate(text[2:] if country in _STDNUM else text)
    except InvalidLength:
        raise InvalidVatId(path=path, problem="it has too few or too many characters") from None
    except ValidationError:
        problem = "its characters or check digits are not those of an id of this country"
        raise InvalidVatId(path=path, problem=problem) from None
    return country + number.removeprefix(country)

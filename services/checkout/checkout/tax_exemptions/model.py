"""Tax exemptions as rows, and the one that an order has."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from chassis.data.rows import Field, Row, counter, document
from checkout.taxes.model import Place
from checkout.taxes.relief import GrantedExemption
from checkout.texts import title_in

# Of all exemptions, which every process holds.
MOST_EXEMPTIONS: Final = 100_000


class TaxExemption(Row, table=True):
    """An exemption of a customer or of an organization.

    Reasons are by language. No places are all of them. Dates without a bound are None: the last
    day is not of it.
    """

    __tablename__ = "tax_exemption"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (organization_id IS NULL)"),
        CheckConstraint("valid_to > valid_from"),
        Index(
            "tax_exemption_customer",
            "customer_id",
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        Index(
            "tax_exemption_organization",
            "organization_id",
            postgresql_where=text("organization_id IS NOT NULL"),
        ),
    )

    code: str = Field(primary_key=True)
    customer_id: UUID | None = None
    organization_id: UUID | None = None
    reasons: dict[str, str] = document(dict[str, str], repr=False)
    certificate_number: str = Field(repr=False)
    places: list[str] = document(list[str])
    valid_from: date | None = None
    valid_to: date | None = None
    version: int = counter(default=1)

    def holds(self, place: Place, day: date) -> bool:
        """Returns whether it is good for a place that taxes an order, on a day."""
        return (
            (
                not self.places
                or place.country in self.places
                or f"{place.country}-{place.region}" in self.places
            )
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day < self.valid_to)
        )


class TaxExemptionRevision(Row, table=True):
    """The number of the last change of exemptions, which every process follows."""

    __tablename__ = "tax_exemption_revision"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(primary_key=True)
    number: int = counter()
    changed_at: datetime


class ExemptionTable:
    """All exemptions. It never changes: a new one takes its place."""

    def __init__(self, exemptions: Iterable[TaxExemption] = (), *, revision: int = 0) -> None:
        self.revision = revision
        self._by_owner: dict[UUID, list[TaxExemption]] = {}
        for each in exemptions:
            if owner_id := each.customer_id or each.organization_id:
                self._by_owner.setdefault(owner_id, []).append(each)

    def find(
        self,
        customer_id: UUID | None,
        organization_id: UUID | None,
        *,
        place: Place,
        day: date,
        locale: str,
    ) -> GrantedExemption | None:
        """Returns the exemption of a buyer at a place, that of the customer first."""
        for owner_id in (customer_id, organization_id):
            for each in self._by_owner.get(owner_id, ()) if owner_id else ():
                if each.holds(place, day):
                    reason = title_in(each.reasons, locale, otherwise="")
                    return GrantedExemption(each.code, reason, each.certificate_number)
        return None


NONE: Final = ExemptionTable()

"""Pick-up locations as staff keep them."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, CheckConstraint, Double, Index, text

from catalog.errors import InvalidPickupLocation, InvalidWarehouse
from catalog.pickup_locations.opening_hours import SpecialHours, WeeklyHours, overlap
from catalog.warehouses.model import require_time_zone
from chassis.data.rows import Field, Row, column, counter, document

_MOST_LATITUDE: Final = 90.0
_MOST_LONGITUDE: Final = 180.0


class PickupLocation(Row, table=True):
    """A place where shoppers pick up what they bought; `warehouse` is its stock.

    Degrees are north and east on WGS 84.
    """

    __tablename__ = "pickup_location"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90"),
        CheckConstraint("longitude BETWEEN -180 AND 180"),
        Index("pickup_location_place", text("point(longitude, latitude)"), postgresql_using="gist"),
        Index("pickup_location_postal_code", "country", "postal_code"),
        Index("pickup_location_warehouse", "warehouse"),
    )

    code: str = Field(primary_key=True)
    name: str
    street_address: str
    address_locality: str
    address_region: str
    postal_code: str
    country: str
    phone_number: str
    latitude: float = column(Double())
    longitude: float = column(Double())
    time_zone: str
    warehouse: str
    hours: list[WeeklyHours] = document(list[WeeklyHours])
    special_hours: list[SpecialHours] = document(list[SpecialHours])
    services: list[str] = document(list[str])
    is_active: bool = column(Boolean)
    version: int = counter(default=1)
    updated_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def require_valid(self, path: str) -> None:
        """Raises InvalidPickupLocation with the place of the first wrong field under `path`."""
        at = f"{path}." if path else ""
        if not self.name.strip():
            raise InvalidPickupLocation("a location has a name", path=f"{at}name")
        # Not a number is neither.
        if not -_MOST_LATITUDE <= self.latitude <= _MOST_LATITUDE:
            raise InvalidPickupLocation("is between -90 and 90", path=f"{at}latitude")
        if not -_MOST_LONGITUDE <= self.longitude <= _MOST_LONGITUDE:
            raise InvalidPickupLocation("is between -180 and 180", path=f"{at}longitude")
        try:
            require_time_zone(self.time_zone)
        except InvalidWarehouse as error:
            raise InvalidPickupLocation(error.message, path=f"{at}time_zone") from None
        if (index := overlap(self.hours)) is not None:
            raise InvalidPickupLocation("overlaps earlier hours", path=f"{at}hours[{index}]")
        for index, each in enumerate(self.special_hours):
            place = f"{at}special_hours[{index}]"
            if bool(each.opens) is not bool(each.closes):
                raise InvalidPickupLocation("opens and closes, or neither", path=place)
            try:
                date.fromisoformat(each.date)
            except ValueError:
                raise InvalidPickupLocation("is no date", path=f"{place}.date") from None

from datetime import UTC, datetime
from uuid import UUID

import pytest

from journey.touchpoints.spelling import spell_id, spell_time, uuid_of


@pytest.mark.parametrize("number", [0, 1, 2**128 - 1, 0x018F_0000_0000_7000_8000_0000_0000_0001])
def test_an_id_of_a_number_is_the_uuid_of_it(number: int) -> None:
    made, usual = uuid_of(number), UUID(int=number)

    assert (made, hash(made), str(made), made.bytes) == (
        usual,
        hash(usual),
        str(usual),
        usual.bytes,
    )
    assert made.is_safe is usual.is_safe
    assert spell_id(made) == usual.hex


def test_a_time_is_spelled_as_in_iso_8601() -> None:
    assert spell_time(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == (
        "2026-01-02T03:04:05.000006+00:00"
    )

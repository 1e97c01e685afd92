import pytest

from chassis.rpc.errors import NotFound
from chassis.rpc.ids import InvalidId, parse_id, parse_id_or, parse_optional_id
from chassis.runtime.clock import uuid7


def test_an_id_comes_back_from_its_text() -> None:
    given = uuid7()

    assert (
        parse_id(str(given), "cart_id")
        == parse_optional_id(str(given))
        == parse_id_or(str(given), NotFound())
        == given
    )
    assert parse_optional_id("") is None


def test_what_is_no_id_is_refused_with_its_field() -> None:
    with pytest.raises(InvalidId) as refusal:
        parse_id("no id", "cart_id")

    assert (refusal.value.reason, refusal.value.metadata) == ("INVALID_ID", {"field": "cart_id"})


def test_what_is_no_id_of_a_resource_is_not_found() -> None:
    with pytest.raises(NotFound):
        parse_id_or("no id", NotFound())

"""Settings that stop the start."""

import pytest
from pydantic import ValidationError

from services.identity.tests.identity_replica import settings


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64!"])
def test_a_key_of_another_length_stops_the_start(key: str) -> None:
    with pytest.raises(ValidationError):
        settings(key_encryption_key=key)


def test_a_client_without_a_secret_stops_the_start() -> None:
    with pytest.raises(ValidationError):
        settings(service_clients={"cart": {"secret": ""}})

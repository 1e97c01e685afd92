import pytest

from chassis.backoff import Backoff


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 1), (1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (10**6, 300)]
)
def test_waits_double_up_to_the_longest(failures: int, seconds: float) -> None:
    assert Backoff(first_seconds=1, most_seconds=300).after(failures) == seconds

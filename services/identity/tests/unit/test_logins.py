"""Limits of failed logins."""

from identity.logins.model import Lockout


def test_a_lock_doubles_up_to_its_longest() -> None:
    lockout = Lockout(
        free_attempts=3,
        lock_seconds=2,
        max_seconds=60,
        forget_seconds=3_600,
        budget=50,
        budget_seconds=86_400,
    )

    assert [lockout.seconds_after(failures) for failures in (1, 2, 3, 4, 5, 8, 1_000_000)] == [
        0,
        0,
        2,
        4,
        8,
        60,
        60,
    ]

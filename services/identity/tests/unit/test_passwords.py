import asyncio

import pytest

from chassis.testing import let_tasks_run
from identity.credentials.passwords import Hasher, require_strong_password
from identity.errors import PasswordsBusy, WeakPassword
from services.identity.tests.identity_replica import settings


def rule_broken_by(password: str) -> str | None:
    try:
        require_strong_password(password, email="ana@example.com")
    except WeakPassword as refusal:
        return str(refusal.metadata["rule"])
    return None


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("short-one", "too_short"),
        ("x1" * 65, "too_long"),
        ("Ana@Example.com", "is_email"),
        (" ana@example.com", "is_email"),
        ("QwertyUiop", "common"),
        ("password123", "common"),
        ("aaaaaaaaaaaaaa", "common"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_by_its_rule(password: str, rule: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        require_strong_password(password, email="ana@example.com")

    assert refusal.value.metadata == {"rule": rule}
    assert password not in str(refusal.value)


@pytest.mark.parametrize(
    "password", ["tencharsok", "x1" * 64, "пароль длинный", "correct horse battery staple"]
)
def test_a_long_enough_password_is_good_in_any_script(password: str) -> None:
    assert rule_broken_by(password) is None


async def test_a_password_matches_only_its_own_hash_however_it_was_composed() -> None:
    hasher = Hasher(settings())

    made = await hasher.hash("café-au-lait")

    assert await hasher.verify(made, "cafe\u0301-au-lait")
    assert not await hasher.verify(made, "cafe-au-lait")
    assert not await hasher.verify(None, "nobody's password")
    assert not await hasher.verify("not a hash", "café-au-lait")


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    weak, strong = Hasher(settings()), Hasher(settings(argon2_time_cost=2))

    made = await weak.hash("café-au-lait")

    assert not weak.is_outdated(made)
    assert strong.is_outdated(made)
    assert await strong.verify(made, "café-au-lait")


async def test_more_passwords_than_can_wait_are_refused() -> None:
    hasher = Hasher(settings(password_queue=1))
    both_work, done = asyncio.Barrier(3), asyncio.Event()

    async def work() -> None:
        async with hasher.slot():
            await both_work.wait()
            await done.wait()

    async def wait() -> None:
        async with hasher.slot():
            pass

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        group.create_task(work())
        await both_work.wait()
        group.create_task(wait())
        await let_tasks_run()
        with pytest.raises(PasswordsBusy):
            async with hasher.slot():
                pass
        done.set()

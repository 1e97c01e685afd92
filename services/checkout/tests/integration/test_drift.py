"""The tables of checkout match its migrations."""

from chassis.testing import drift_of


async def test_migrations_and_classes_describe_the_same_database() -> None:
    assert await drift_of("checkout") == []

"""The classes of identity and its migrations describe one database."""

from chassis.testing import drift_of


async def test_migrations_and_classes_describe_the_same_database() -> None:
    assert await drift_of("identity") == []

"""Roles in maps: the grant, the role of all staff, and the scopes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.rpc.auth import Caller
from journey.errors import InvalidMapSharing
from journey.map_sharing.actions import require_sound
from journey.map_sharing.model import (
    COMMENT,
    READ,
    WRITE,
    Grant,
    MapRole,
    MapShareLink,
    MapSharing,
    digest_of,
    new_token,
    role_of,
    unshared,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EVE, BOB = UUID(int=1), UUID(int=2)
ALL = (READ, COMMENT, WRITE)


def a_caller(subject_id: UUID = EVE, *scopes: str) -> Caller:
    return Caller(subject_id, "staff", frozenset(scopes or ALL))


def shared(staff_role: MapRole, *grants: Grant, slug: str = "a") -> MapSharing:
    return MapSharing(slug=slug, staff_role=staff_role, grants=list(grants), changed_at=NOW)


def test_a_map_that_nobody_shared_is_owned_by_all_who_may_write_maps() -> None:
    assert role_of(a_caller(), unshared("a", NOW)) is MapRole.OWN
    assert role_of(a_caller(EVE, READ, COMMENT), unshared("a", NOW)) is MapRole.COMMENT
    assert role_of(a_caller(EVE, READ), unshared("a", NOW)) is MapRole.VIEW


@pytest.mark.parametrize("slug", ["", "five-stages"])
def test_nobody_changes_the_built_in_map(slug: str) -> None:
    assert role_of(a_caller(), unshared(slug, NOW)) is MapRole.COMMENT


def test_the_higher_of_a_grant_and_the_role_of_all_staff_counts() -> None:
    owned = shared(MapRole.COMMENT, Grant(BOB, MapRole.OWN), Grant(EVE, MapRole.EDIT))

    assert role_of(a_caller(BOB), owned) is MapRole.OWN
    assert role_of(a_caller(EVE), owned) is MapRole.EDIT
    assert role_of(a_caller(UUID(int=3)), owned) is MapRole.COMMENT
    lower = shared(MapRole.EDIT, Grant(BOB, MapRole.OWN), Grant(EVE, MapRole.VIEW))
    assert role_of(a_caller(EVE), lower) is MapRole.EDIT


def test_a_scope_bounds_the_role() -> None:
    owned = shared(MapRole.NONE, Grant(EVE, MapRole.OWN))

    assert role_of(a_caller(EVE, READ), owned) is MapRole.VIEW
    assert role_of(a_caller(BOB), owned) is MapRole.NONE
    assert role_of(Caller(None, "anonymous"), unshared("a", NOW)) is MapRole.NONE


@pytest.mark.parametrize(
    ("staff_role", "grants", "path"),
    [
        (MapRole.OWN, [Grant(EVE, MapRole.OWN)], "staff_role"),
        (MapRole.EDIT, [Grant(EVE, MapRole.EDIT)], "grants"),
        (MapRole.EDIT, [], "grants"),
        (MapRole.EDIT, [Grant(EVE, MapRole.OWN), Grant(EVE, MapRole.VIEW)], "grants"),
        (
            MapRole.EDIT,
            [Grant(UUID(int=number), MapRole.OWN) for number in range(201)],
            "grants",
        ),
    ],
)
def test_roles_that_make_no_sense_are_refused(
    staff_role: MapRole, grants: list[Grant], path: str
) -> None:
    with pytest.raises(InvalidMapSharing) as refusal:
        require_sound(staff_role, grants)

    assert refusal.value.metadata["path"] == path


def test_a_link_is_open_until_it_expires_or_is_revoked() -> None:
    link = MapShareLink(
        id=EVE,
        map_slug="a",
        name="",
        token_digest=digest_of("x"),
        created_by=EVE,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )

    assert link.is_open(NOW)
    assert not link.is_open(NOW + timedelta(days=1))
    assert not link.copy_row(revoked_at=NOW).is_open(NOW)


def test_tokens_differ_and_are_kept_as_digests() -> None:
    one, other = new_token(), new_token()

    assert one != other
    assert len(one) == 43
    assert digest_of(one) != digest_of(other)
    assert one.encode() not in digest_of(one)

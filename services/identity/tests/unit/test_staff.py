"""Roles of staff and their scopes."""

import pytest

from identity.errors import UnknownRole
from identity.staff.model import SCOPES_OF_ROLE, StaffRole, parse_staff_role


def test_each_role_has_scopes_and_an_admin_has_all_of_them() -> None:
    assert set(SCOPES_OF_ROLE) == set(StaffRole)
    assert all(scopes <= SCOPES_OF_ROLE[StaffRole.ADMIN] for scopes in SCOPES_OF_ROLE.values())
    assert (
        "keys.rotate"
        not in SCOPES_OF_ROLE[StaffRole.SUPPORT]
        | SCOPES_OF_ROLE[StaffRole.FULFILMENT]
        | SCOPES_OF_ROLE[StaffRole.CATALOG_MANAGER]
    )
    with pytest.raises(UnknownRole):
        parse_staff_role("owner")

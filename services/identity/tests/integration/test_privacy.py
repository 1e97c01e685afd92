from __future__ import annotations

import io

import pytest
from prometheus_client import REGISTRY, generate_latest

from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Internal
from chassis.testing import an_address
from services.identity.tests.identity_replica import PASSWORD, STAFF_EMAIL, Replica, backdate
from sojourn.identity.v1 import identity_pb2 as pb


async def test_logs_and_metrics_hold_no_personal_data(
    identity: Replica, database: Database, logs: io.StringIO
) -> None:
    secrets = [
        "ana.secret@example.com",
        PASSWORD,
        "Geheimrat",
        "Geheime Gasse",
        "+4930901820",
        STAFF_EMAIL,
    ]
    me = await identity.register(secrets[0], first_name="Geheimrat", locale="de-DE", key="k1")
    await identity.as_(
        me, identity.customers.UpdateCustomer, pb.UpdateCustomerRequest(phone_number="030 901820")
    )
    await identity.as_(
        me,
        identity.customers.AddAddress,
        pb.AddAddressRequest(address=an_address(street_address="Geheime Gasse 1")),
    )
    told = []
    for attempt in (
        identity.login(secrets[0], "wrong-password"),
        identity.register("ana.secret@", password=PASSWORD),
        identity.register("b@example.com", password="short"),
    ):
        with pytest.raises(DomainError) as refusal:
            await attempt
        told.append(f"{refusal.value} {refusal.value.metadata}")
    # Something is logged, so that the test sees a log at all.
    await identity.refresh(me.refresh_token)
    await backdate(database, me, rotated_at=11)
    with pytest.raises(DomainError):
        await identity.refresh(me.refresh_token)

    written = logs.getvalue()
    assert "second time" in written
    seen = written + str(told) + generate_latest(REGISTRY).decode()
    assert [secret for secret in [*secrets, "ana.secret"] if secret in seen] == []
    assert me.refresh_token not in seen
    assert me.access_token not in seen


async def test_a_defect_that_quotes_a_row_logs_only_its_place(
    identity: Replica, database: Database, logs: io.StringIO
) -> None:
    async with database.tx() as tx:
        await tx.run("ALTER TABLE customer ADD CONSTRAINT broken CHECK (email = '')")

    with pytest.raises(Internal) as failure:
        await identity.register("ana.secret@example.com")

    written = logs.getvalue()
    assert "CheckViolation" in written
    assert "ana.secret" not in written + str(failure.value)

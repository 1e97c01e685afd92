from __future__ import annotations

import asyncio

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Denied, Invalid, NotFound, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, events_of
from services.identity.tests.identity_replica import Replica, count_of
from sojourn.identity.v1 import customer_groups_pb2 as groups_pb
from sojourn.identity.v1 import customer_groups_pb2_grpc as groups_grpc
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1.events_pb2 import ConsentChanged


async def add_address(
    identity: Replica, me: pb.Session, *, is_default: bool = False, **changes: str
) -> pb.CustomerAddress:
    request = pb.AddAddressRequest(address=an_address(**changes), is_default=is_default)
    return await identity.as_(me, identity.customers.AddAddress, request)


async def list_addresses(identity: Replica, me: pb.Session) -> list[pb.CustomerAddress]:
    reply = await identity.as_(me, identity.customers.ListAddresses, pb.ListAddressesRequest())
    return list(reply.addresses)


async def set_consents(identity: Replica, me: pb.Session, **granted: bool) -> pb.Consents:
    return await identity.as_(
        me, identity.customers.SetConsents, pb.SetConsentsRequest(granted=granted)
    )


async def test_a_customer_changes_what_they_name_and_nothing_else(identity: Replica) -> None:
    me = await identity.register(first_name="Ana", last_name="Roth", locale="de-DE")

    request = pb.UpdateCustomerRequest(
        last_name="Weiß", phone_number="030 901820", expected_version=1
    )
    changed = await identity.as_(me, identity.customers.UpdateCustomer, request)

    assert (changed.first_name, changed.last_name, changed.phone_number, changed.version) == (
        "Ana",
        "Weiß",
        "+4930901820",
        2,
    )
    assert (
        await identity.as_(me, identity.customers.GetCustomer, pb.GetCustomerRequest()) == changed
    )


async def test_empty_values_clear_a_profile_and_missing_ones_leave_it(identity: Replica) -> None:
    me = await identity.register(locale="de-DE", first_name="Ana")
    update = identity.customers.UpdateCustomer
    await identity.as_(me, update, pb.UpdateCustomerRequest(phone_number="030 901820"))

    cleared = await identity.as_(me, update, pb.UpdateCustomerRequest(phone_number=""))
    nameless = await identity.as_(me, update, pb.UpdateCustomerRequest(first_name=""))

    assert (cleared.first_name, cleared.phone_number, cleared.locale) == ("Ana", "", "de-DE")
    assert (nameless.first_name, nameless.locale) == ("", "de-DE")


async def test_an_update_of_an_older_version_is_refused(identity: Replica) -> None:
    me = await identity.register()
    update = identity.customers.UpdateCustomer
    await identity.as_(me, update, pb.UpdateCustomerRequest(first_name="Ana"))

    with pytest.raises(Stale) as refusal:
        await identity.as_(
            me, update, pb.UpdateCustomerRequest(first_name="Bea", expected_version=1)
        )

    assert (refusal.value.reason, refusal.value.metadata) == ("VERSION_MISMATCH", {"version": "2"})


async def test_changes_at_once_that_expect_any_version_all_count(identity: Replica) -> None:
    me = await identity.register()

    requests = (pb.UpdateCustomerRequest(first_name=f"Ana {number}") for number in "abcde")
    await asyncio.gather(
        *(identity.as_(me, identity.customers.UpdateCustomer, request) for request in requests)
    )

    assert (
        await identity.as_(me, identity.customers.GetCustomer, pb.GetCustomerRequest())
    ).version == 6


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phone_number": "12"}, "INVALID_PHONE"),
        ({"locale": "german!"}, "INVALID_FIELD"),
        ({"first_name": "x" * 101}, "INVALID_NAME"),
    ],
)
async def test_an_invalid_update_is_refused(
    identity: Replica, changes: dict[str, str], reason: str
) -> None:
    me = await identity.register(locale="de-DE")

    with pytest.raises(Invalid) as refusal:
        await identity.as_(
            me, identity.customers.UpdateCustomer, pb.UpdateCustomerRequest(**changes)
        )

    assert refusal.value.reason == reason


async def test_the_first_address_is_the_default_until_another_is_named(identity: Replica) -> None:
    me = await identity.register()
    first, second, third = (
        await add_address(identity, me),
        await add_address(identity, me),
        await add_address(identity, me, is_default=True, address_country="de"),
    )

    assert (first.is_default, second.is_default, third.is_default) == (True, False, True)
    assert [(row.id, row.is_default) for row in await list_addresses(identity, me)] == [
        (third.id, True),
        (second.id, False),
        (first.id, False),
    ]
    assert third.address.address_country == "DE"


async def test_an_address_is_replaced_whole_and_may_become_the_default(identity: Replica) -> None:
    me = await identity.register()
    await add_address(identity, me, organization="Roth KG")
    second = await add_address(identity, me, organization="Roth KG")

    request = pb.UpdateAddressRequest(
        address_id=second.id, address=an_address(street_address="Weg 2"), is_default=True
    )
    changed = await identity.as_(me, identity.customers.UpdateAddress, request)

    assert (changed.address.street_address, changed.address.organization, changed.is_default) == (
        "Weg 2",
        "",
        True,
    )
    assert [row.is_default for row in await list_addresses(identity, me)] == [True, False]


async def test_removing_the_default_makes_the_newest_the_default(identity: Replica) -> None:
    me = await identity.register()
    first, _, third = (
        await add_address(identity, me),
        await add_address(identity, me),
        await add_address(identity, me),
    )

    for _ in range(2):
        await identity.as_(
            me, identity.customers.RemoveAddress, pb.RemoveAddressRequest(address_id=first.id)
        )

    assert [(row.id == third.id, row.is_default) for row in await list_addresses(identity, me)] == [
        (True, True),
        (False, False),
    ]


async def test_a_stale_version_of_an_address_is_refused(identity: Replica) -> None:
    me = await identity.register()
    first, second = await add_address(identity, me), await add_address(identity, me)
    replaced = pb.UpdateAddressRequest(
        address_id=second.id, address=an_address(), is_default=True, expected_version=second.version
    )

    changed = await identity.as_(me, identity.customers.UpdateAddress, replaced)
    with pytest.raises(Stale):
        await identity.as_(me, identity.customers.UpdateAddress, replaced)
    with pytest.raises(Stale):
        # It is the default no more.
        await identity.as_(
            me,
            identity.customers.RemoveAddress,
            pb.RemoveAddressRequest(address_id=first.id, expected_version=first.version),
        )

    assert (first.version, second.version, changed.version) == (1, 1, 2)
    assert [row.version for row in await list_addresses(identity, me)] == [2, 2]


async def test_addresses_added_at_once_have_one_default(identity: Replica) -> None:
    me = await identity.register()

    await asyncio.gather(*(add_address(identity, me, is_default=True) for _ in range(6)))

    assert [row.is_default for row in await list_addresses(identity, me)] == [True] + [False] * 5


async def test_a_repeat_with_its_key_adds_one_address(identity: Replica) -> None:
    me = await identity.register()
    request = pb.AddAddressRequest(address=an_address())

    twins = [
        await identity.as_(me, identity.customers.AddAddress, request, key="k1") for _ in range(2)
    ]

    assert twins[0] == twins[1]
    assert len(await list_addresses(identity, me)) == 1


async def test_a_wrong_address_is_refused_with_its_fields(identity: Replica) -> None:
    me = await identity.register()

    with pytest.raises(Invalid) as refusal:
        await add_address(identity, me, postal_code="1", street_address="")

    assert refusal.value.reason == "INVALID_ADDRESS"
    assert refusal.value.metadata == {
        "path": "address",
        "fields": "postal_code:invalid,street_address:required",
        "example_postal_code": "26133",
    }


async def test_the_fifty_first_address_is_refused(identity: Replica, database: Database) -> None:
    me = await identity.register()
    await add_address(identity, me)
    async with database.tx() as tx:
        for _ in range(49):
            await tx.run(
                "INSERT INTO address SELECT %s, customer_id, NULL, '', '', '', '', '', '', '', "
                "'DE', '', FALSE, created_at FROM address LIMIT 1",
                [uuid7()],
            )

    with pytest.raises(Refused) as refusal:
        await add_address(identity, me)

    assert refusal.value.reason == "TOO_MANY_ADDRESSES"


async def test_consents_are_stored_with_each_change_and_emitted(
    identity: Replica, database: Database
) -> None:
    me = await identity.register()
    get = identity.customers.GetConsents
    assert await identity.as_(me, get, pb.GetConsentsRequest()) == pb.Consents()

    await set_consents(identity, me, analytics=True, marketing=False)
    now = await set_consents(identity, me, marketing=True)
    await set_consents(identity, me, marketing=True)

    # A category that was granted and is not named is withdrawn.
    assert dict(now.granted) == {"analytics": False, "marketing": True}
    assert now.HasField("updated_at")
    assert await identity.as_(me, get, pb.GetConsentsRequest()) == now
    events = await events_of(database, ConsentChanged, me.subject_id)
    assert [(dict(event.granted), event.version) for event in events] == [
        ({"analytics": True, "marketing": False}, 2),
        ({"analytics": False, "marketing": True}, 3),
    ]
    assert await count_of(database, "consent_change") == 4


async def test_an_unknown_category_is_refused(identity: Replica) -> None:
    me = await identity.register()

    with pytest.raises(Invalid) as refusal:
        await set_consents(identity, me, everything=True)

    assert refusal.value.reason == "UNKNOWN_CONSENT_CATEGORY"


async def test_a_customer_reaches_nothing_of_another(identity: Replica) -> None:
    ana, bea = await identity.register(), await identity.register()
    hers = await add_address(identity, ana)
    await set_consents(identity, ana, analytics=True)
    customers = identity.customers
    attempts = (
        (customers.GetCustomer, pb.GetCustomerRequest(customer_id=ana.subject_id)),
        (customers.GetConsents, pb.GetConsentsRequest(customer_id=ana.subject_id)),
        (
            customers.UpdateAddress,
            pb.UpdateAddressRequest(address_id=hers.id, address=an_address(), is_default=True),
        ),
    )

    reasons = []
    for method, request in attempts:
        with pytest.raises(NotFound) as refusal:
            await identity.as_(bea, method, request)
        reasons.append(refusal.value.reason)
    await identity.as_(bea, customers.RemoveAddress, pb.RemoveAddressRequest(address_id=hers.id))

    assert reasons == ["CUSTOMER_NOT_FOUND", "CUSTOMER_NOT_FOUND", "ADDRESS_NOT_FOUND"]
    assert await list_addresses(identity, bea) == []
    assert await list_addresses(identity, ana) == [hers]


async def test_a_guest_has_no_profile(identity: Replica) -> None:
    guest = await identity.guest()

    for method, request in (
        (identity.customers.GetCustomer, pb.GetCustomerRequest()),
        (identity.customers.AddAddress, pb.AddAddressRequest(address=an_address())),
        (identity.customers.GetConsents, pb.GetConsentsRequest()),
        (identity.customers.SetConsents, pb.SetConsentsRequest(granted={"analytics": True})),
    ):
        with pytest.raises(NotFound) as refusal:
            await identity.as_(guest, method, request)
        assert refusal.value.reason == "CUSTOMER_NOT_FOUND"


async def test_staff_with_the_scope_read_others_and_change_nobody(identity: Replica) -> None:
    ana, staff = await identity.register("ana@example.com"), await identity.log_in_staff()
    await set_consents(identity, ana, analytics=True)
    hers = {"customer_id": ana.subject_id}

    assert (
        await identity.as_(staff, identity.customers.GetCustomer, pb.GetCustomerRequest(**hers))
    ).email == "ana@example.com"
    assert (
        await identity.as_(staff, identity.customers.GetConsents, pb.GetConsentsRequest(**hers))
    ).granted == {"analytics": True}
    with pytest.raises(NotFound):
        await identity.as_(
            staff, identity.customers.GetCustomer, pb.GetCustomerRequest(customer_id=str(uuid7()))
        )
    with pytest.raises(Denied):
        await identity.as_(
            staff, identity.customers.UpdateCustomer, pb.UpdateCustomerRequest(first_name="Eve")
        )
    with pytest.raises(Invalid) as malformed:
        await identity.as_(
            staff, identity.customers.GetCustomer, pb.GetCustomerRequest(customer_id="ana")
        )

    assert malformed.value.reason == "INVALID_ID"


async def test_the_group_of_a_customer_is_in_the_next_token(
    identity: Replica, database: Database
) -> None:
    me = await identity.register()
    groups = identity.peer.stub(groups_grpc.CustomerGroupServiceStub)
    staff = await identity.log_in_staff()
    wish = groups_pb.SetCustomerGroupRequest(customer_id=me.subject_id, customer_group="trade")

    made = await identity.peer.ask(groups.SetCustomerGroup, wish, authorization=staff)
    refreshed = await identity.refresh(me.refresh_token)
    caller = await identity.caller(refreshed)

    assert (made.customer_group, made.version, caller.customer_group) == ("trade", 2, "trade")
    assert len(await events_of(database, groups_pb.CustomerGroupChanged)) == 1
    with pytest.raises(Stale):
        await identity.peer.ask(
            groups.SetCustomerGroup,
            groups_pb.SetCustomerGroupRequest(
                customer_id=me.subject_id, customer_group="vip", expected_version=1
            ),
            authorization=staff,
        )
    with pytest.raises(Denied):
        await identity.as_(me, groups.SetCustomerGroup, wish)
    async with database.read() as read:
        assert await read.fetch(
            "SELECT before, after FROM audit WHERE action = 'set_customer_group'"
        ) == [({"customer_group": ""}, {"customer_group": "trade"})]

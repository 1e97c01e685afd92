"""Ownership of an address: several customers register with it, and one confirms it.

No answer tells about the others.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher

from chassis.data.database import Database
from chassis.email_addresses import parse_email
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_email, events_of
from services.identity.tests.identity_replica import (
    PASSWORD,
    STAFF_EMAIL,
    STAFF_PASSWORD,
    Replica,
    count_of,
)
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1.events_pb2 import (
    CustomerRegistered,
    EmailConfirmationRequested,
    EmailConfirmed,
    KnownEmailRegistered,
)


async def refusal_of(attempt: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        await attempt
    return refusal.value


async def resend_confirmation(identity: Replica, session: pb.Session) -> Any:
    return await identity.as_(
        session, identity.customers.ResendConfirmation, pb.ResendConfirmationRequest()
    )


@pytest.mark.parametrize("taken_by", ["nobody", "customer", "staff"])
async def test_registering_answers_alike_whether_or_not_an_account_has_the_address(
    identity: Replica, database: Database, taken_by: str
) -> None:
    email = STAFF_EMAIL if taken_by == "staff" else an_email()
    if taken_by == "customer":
        await identity.register_confirmed(email)

    session = await identity.register(email, password="a-new-password", first_name="Eve")
    profile = await identity.profile(session)

    assert (session.kind, bool(session.access_token), bool(session.refresh_token)) == (
        pb.SUBJECT_KIND_CUSTOMER,
        True,
        True,
    )
    assert (profile.email, profile.email_confirmed, profile.version) == (email, False, 1)
    assert len(await events_of(database, CustomerRegistered, session.subject_id)) == 1


async def test_a_new_address_is_mailed_a_link_and_a_known_one_a_warning(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    owner = await identity.register_confirmed(email, locale="de-AT", channel="at", first_name="Ana")

    stranger = await identity.register(email, locale="en", first_name="Buy my book")

    (asked,) = await events_of(database, EmailConfirmationRequested)
    assert (asked.customer_id, asked.email, asked.locale, bool(asked.token)) == (
        owner.subject_id,
        email,
        "de-AT",
        True,
    )
    (told,) = await events_of(database, KnownEmailRegistered)
    assert told == KnownEmailRegistered(
        owner_id=owner.subject_id,
        email=email,
        locale="de-AT",
        channel="at",
        customer_id=stranger.subject_id,
    )
    assert stranger.subject_id != owner.subject_id


async def test_the_owner_of_an_address_is_mailed_once_a_day(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register_confirmed(email)

    for _ in range(4):
        await identity.register(email)

    assert len(await events_of(database, KnownEmailRegistered)) == 1


async def test_the_link_confirms_the_address_once_and_for_all(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    session = await identity.register(email, first_name="Ana", locale="de", channel="b2c")

    first, again = await identity.confirm_email(session), await identity.confirm_email(session)

    assert first == again
    assert (await identity.profile(session)).email_confirmed
    assert await events_of(database, EmailConfirmed) == [
        EmailConfirmed(
            customer_id=session.subject_id,
            email=email,
            first_name="Ana",
            locale="de",
            channel="b2c",
        )
    ]
    assert (await identity.login(email)).subject_id == session.subject_id


async def test_the_link_alone_binds_an_address_to_no_account_of_another(
    identity: Replica, database: Database
) -> None:
    """A stranger registers with a victim's address and waits for the victim to follow the link."""
    victim, email = await identity.register(), an_email()
    stranger = await identity.register(email, password="the-stranger-s-own")
    (event,) = await events_of(database, EmailConfirmationRequested, stranger.subject_id)

    as_nobody = await refusal_of(identity.confirm_email(None, event.token))
    as_another = await refusal_of(identity.confirm_email(victim, event.token, password=PASSWORD))
    still_good = await identity.confirm_email(None, event.token, password="the-stranger-s-own")

    assert (as_nobody.reason, as_another.reason) == ("WRONG_CREDENTIALS", "WRONG_CREDENTIALS")
    assert still_good.confirmed_at.seconds


async def test_of_two_accounts_of_an_address_the_first_to_confirm_has_it(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    sessions = [
        await identity.register(email, password=f"password-number-{number}") for number in range(3)
    ]

    outcomes = await asyncio.gather(
        *(identity.confirm_email(session) for session in sessions), return_exceptions=True
    )

    reasons = [outcome.reason for outcome in outcomes if isinstance(outcome, DomainError)]
    assert reasons == ["EMAIL_TAKEN"] * 2
    assert len(await events_of(database, EmailConfirmed)) == 1
    assert await count_of(database, "credential") == 2, "the one who confirmed, and the admin"


async def test_a_password_opens_the_account_that_it_belongs_to(identity: Replica) -> None:
    email = an_email()
    confirmed = await identity.register_confirmed(email)
    older = await identity.register(email, password="older-password")
    newest = await identity.register(email, password="newest-password")

    assert (await identity.login(email)).subject_id == confirmed.subject_id
    assert (await identity.login(email, "newest-password")).subject_id == newest.subject_id
    assert (await identity.login(email, "older-password")).subject_id == older.subject_id
    assert len({confirmed.subject_id, older.subject_id, newest.subject_id}) == 3


async def test_an_account_at_a_staff_address_is_no_staff(identity: Replica) -> None:
    stranger = await identity.register(STAFF_EMAIL, password="the-stranger-s-own")

    assert (
        await identity.login(STAFF_EMAIL, "the-stranger-s-own")
    ).kind == pb.SUBJECT_KIND_CUSTOMER
    assert (await identity.login(STAFF_EMAIL, STAFF_PASSWORD)).kind == pb.SUBJECT_KIND_STAFF
    assert (await identity.caller(stranger)).scopes == frozenset()


async def test_an_account_whose_address_another_has_is_never_confirmed(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register_confirmed(email)

    stranger = await identity.register(email)

    assert await events_of(database, EmailConfirmationRequested, stranger.subject_id) == []


@pytest.mark.parametrize("is_taken", [False, True])
async def test_a_confirmation_is_mailed_again_on_request_but_not_often(
    identity: Replica, database: Database, is_taken: bool
) -> None:
    email = an_email()
    if is_taken:
        await identity.register_confirmed(email)
    session = await identity.register(email)

    refusal = await refusal_of(resend_confirmation(identity, session))
    async with database.tx() as tx:
        await tx.run("UPDATE last_mail SET asked_at = asked_at - interval '10 minutes'")
    await resend_confirmation(identity, session)

    assert (refusal.reason, 590 <= int(refusal.metadata["retry_after_seconds"]) <= 600) == (
        "CONFIRMATION_SENT_RECENTLY",
        True,
    )
    assert len(await events_of(database, EmailConfirmationRequested, session.subject_id)) == (
        0 if is_taken else 2
    )


async def test_a_confirmed_customer_is_sent_no_other_confirmation(
    identity: Replica, database: Database
) -> None:
    session = await identity.register_confirmed()

    await resend_confirmation(identity, session)

    assert len(await events_of(database, EmailConfirmationRequested)) == 1


async def test_others_who_register_with_an_address_do_not_use_up_a_customer_s_confirmations(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    mine = await identity.register(email)
    async with database.tx() as tx:
        await tx.run("UPDATE last_mail SET asked_at = asked_at - interval '10 minutes'")
    await identity.register(email)

    await resend_confirmation(identity, mine)

    assert len(await events_of(database, EmailConfirmationRequested, mine.subject_id)) == 2


async def test_ten_registrations_with_an_address_mail_it_three_times_a_day(
    identity: Replica, database: Database
) -> None:
    email = an_email()

    for _ in range(10):
        await identity.register(email)
    mailed = len(await events_of(database, EmailConfirmationRequested))
    async with database.tx() as tx:
        await tx.run("UPDATE last_mail SET asked_at = asked_at - interval '1 day'")
    await identity.register(email)

    assert (mailed, len(await events_of(database, EmailConfirmationRequested))) == (3, 4)


async def test_a_customer_who_registers_after_ten_strangers_is_mailed_on_request_three_times_a_day(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    for _ in range(10):
        await identity.register(email, password="the-stranger-s-own")
    mine = await identity.register(email)

    refusals = []
    for minutes in (0, 10, 20, 40, 160):
        async with database.tx() as tx:
            await tx.run(
                "UPDATE last_mail SET asked_at = asked_at - make_interval(mins => %s)", [minutes]
            )
        (outcome,) = await asyncio.gather(
            resend_confirmation(identity, mine), return_exceptions=True
        )
        refusals.append(getattr(outcome, "reason", ""))

    assert refusals == ["CONFIRMATION_SENT_RECENTLY", "", "", "", "CONFIRMATION_SENT_RECENTLY"]
    assert len(await events_of(database, EmailConfirmationRequested, mine.subject_id)) == 3
    assert (await identity.confirm_email(mine)).confirmed_at.seconds


async def test_a_customer_whom_the_previous_release_creates_counts_as_confirmed(
    identity: Replica, database: Database
) -> None:
    customer_id, email = uuid7(), an_email()
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO customer (id, email, first_name, last_name, phone_number, locale, "
            "channel, version, created_at)"
            " VALUES (%s, %s, '', '', '', '', 'default', 1, %s)",
            [customer_id, email, tx.now],
        )
        password_hash = PasswordHasher().hash(PASSWORD)
        parameters = [parse_email(email).digest, customer_id, password_hash, tx.now]
        await tx.run("INSERT INTO credential VALUES (%s, %s, 'customer', %s, %s)", parameters)

    session = await identity.login(email)

    assert session.subject_id == str(customer_id)
    assert (await identity.profile(session)).email_confirmed


async def test_a_link_that_is_too_old_confirms_nothing(
    identity: Replica, database: Database
) -> None:
    session = await identity.register()
    async with database.tx() as tx:
        await tx.run("UPDATE mail_link SET expires_at = created_at")

    assert (
        await refusal_of(identity.confirm_email(session))
    ).reason == "CONFIRMATION_TOKEN_NOT_FOUND"


async def test_a_repeated_registration_from_a_device_that_is_known_by_now_finds_its_account(
    identity: Replica,
) -> None:
    email = an_email()
    first = await identity.register(email, key="k1")

    again = await identity.register(email, key="k1", device_token=first.device_token)

    assert again.subject_id == first.subject_id

"""Guesses of strangers at an account: they lock out the strangers and no customer."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from argon2 import PasswordHasher

from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Refused, TooMany, Unauthenticated
from chassis.testing import an_email, events_of
from services.identity.tests.identity_replica import (
    ELSEWHERE,
    HOME,
    PASSWORD,
    STAFF_EMAIL,
    STAFF_PASSWORD,
    Replica,
    count_of,
    replica,
)
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1.events_pb2 import EmailConfirmationRequested, LoginLinkRequested

EVERYWHERE = [f"198.51.{number}.0/24" for number in range(100)]


async def refusal_of(attempt: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        await attempt
    return refusal.value


async def test_a_stranger_s_guesses_lock_the_account_for_the_stranger_only(
    identity: Replica,
) -> None:
    email = an_email()
    await identity.register_confirmed(email)

    guesses = await identity.guess(email, times=10)

    assert guesses[:5] == ["WRONG_CREDENTIALS"] * 5
    assert set(guesses[5:]) == {"TOO_MANY_ATTEMPTS"}
    assert (await identity.login(email, network=HOME)).access_token


async def test_guesses_from_everywhere_do_not_keep_out_a_device_that_logged_in_before(
    identity: Replica,
) -> None:
    email = an_email()
    device_token = (await identity.register_confirmed(email)).device_token
    await identity.guess(email, times=60, networks=EVERYWHERE)

    session = await identity.login(email, network=ELSEWHERE, device_token=device_token)

    assert session.device_token not in ("", device_token)


async def test_guesses_at_staff_do_not_keep_out_a_device_that_logged_in_before(
    identity: Replica,
) -> None:
    device_token = (await identity.login(STAFF_EMAIL, STAFF_PASSWORD)).device_token
    await identity.guess(STAFF_EMAIL, times=60, networks=EVERYWHERE)

    assert (
        await identity.login(STAFF_EMAIL, STAFF_PASSWORD, device_token=device_token)
    ).kind == pb.SUBJECT_KIND_STAFF


async def test_a_device_that_guesses_is_locked_itself(identity: Replica) -> None:
    email = an_email()
    device_token = (await identity.register(email)).device_token
    for _ in range(5):
        await refusal_of(identity.login(email, "wrong-password", device_token=device_token))

    refusal = await refusal_of(identity.login(email, network=ELSEWHERE, device_token=device_token))

    assert isinstance(refusal, TooMany)
    assert (await identity.login(email, network=ELSEWHERE)).access_token


@pytest.mark.parametrize("has_account", [True, False])
async def test_beyond_the_budget_unknown_devices_are_answered_alike_with_and_without_an_account(
    identity: Replica, database: Database, has_account: bool
) -> None:
    email = an_email()
    if has_account:
        await identity.register_confirmed(email)
    guesses = await identity.guess(email, times=50, networks=EVERYWHERE)

    refusals = [
        await refusal_of(identity.login(email, password, network=HOME))
        for password in (PASSWORD, "wrong-password")
    ]

    assert set(guesses) == {"WRONG_CREDENTIALS"}
    assert {type(refusal) for refusal in refusals} == {Refused}
    assert {refusal.reason for refusal in refusals} == {"LOGIN_LINK_REQUIRED"}
    assert len({refusal.message for refusal in refusals}) == 1
    assert (
        len([event for event in await events_of(database, LoginLinkRequested) if event.email])
        == has_account
    )


async def test_a_mailed_link_logs_in_once_and_makes_the_device_known(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    customer_id = (await identity.register_confirmed(email, locale="de")).subject_id
    await identity.guess(email, times=51, networks=EVERYWHERE)
    (event,) = await events_of(database, LoginLinkRequested)

    session = await identity.login_with_link(event.token)
    again = await refusal_of(identity.login_with_link(event.token))

    assert (event.subject_id, event.email, event.locale) == (customer_id, email, "de")
    assert (session.subject_id, session.kind) == (customer_id, pb.SUBJECT_KIND_CUSTOMER)
    assert again.reason == "LOGIN_LINK_INVALID"
    assert (
        await identity.login(email, network=ELSEWHERE, device_token=session.device_token)
    ).access_token


async def test_a_mailed_link_logs_staff_in_with_their_scopes(
    identity: Replica, database: Database
) -> None:
    await identity.guess(STAFF_EMAIL, times=51, networks=EVERYWHERE)
    (event,) = await events_of(database, LoginLinkRequested)

    session = await identity.login_with_link(event.token)

    assert event.email == STAFF_EMAIL
    assert "catalog.write" in (await identity.caller(session)).scopes


async def pass_minutes(database: Database, minutes: int) -> None:
    """Moves requested mails and their links into the past."""
    async with database.tx() as tx:
        await tx.run(
            "UPDATE last_mail SET asked_at = asked_at - make_interval(mins => %s)", [minutes]
        )
        await tx.run(
            "UPDATE mail_link SET expires_at = expires_at - make_interval(mins => %s)", [minutes]
        )


async def test_an_address_is_mailed_five_login_links_a_day_with_pauses_that_double(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register_confirmed(email)
    await identity.guess(email, times=50, networks=EVERYWHERE)
    await asyncio.gather(*(refusal_of(identity.login(email)) for _ in range(8)))

    mailed = []
    for minutes in (9, 1, 19, 1, 39, 1, 79, 1, 160, 1_260, 20):
        await pass_minutes(database, minutes)
        await refusal_of(identity.login(email))
        mailed.append(len(await events_of(database, LoginLinkRequested)))

    assert mailed == [1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6]


async def test_a_stranger_who_uses_up_the_login_links_of_a_day_leaves_a_good_one_in_the_mailbox(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register_confirmed(email)
    await identity.guess(email, times=51, networks=EVERYWHERE)
    for minutes in (10, 20, 40, 80, 1_400):
        await pass_minutes(database, minutes)
        await refusal_of(identity.login(email))
    events = await events_of(database, LoginLinkRequested)

    assert len(events) == 5
    assert (await identity.login_with_link(events[-1].token)).access_token


async def test_the_first_login_link_for_an_address_writes_the_same_rows_with_and_without_an_account(
    identity: Replica, database: Database
) -> None:
    known, unknown = an_email(), an_email()
    await identity.register_confirmed(known)
    rows = []
    for email in (known, unknown):
        await identity.guess(email, times=50, networks=EVERYWHERE)
        before = [await count_of(database, table) for table in ("last_mail", "mail_link", "outbox")]
        await refusal_of(identity.login(email))
        after = [await count_of(database, table) for table in ("last_mail", "mail_link", "outbox")]
        rows.append([now - then for now, then in zip(after, before, strict=True)])

    assert rows == [[1, 1, 1], [1, 1, 1]]
    assert [event.email for event in await events_of(database, LoginLinkRequested)] == [known, ""]


async def test_strangers_who_register_with_an_address_before_and_after_keep_nobody_out(
    identity: Replica,
) -> None:
    email = an_email()
    for number in range(3):
        await identity.register(email, password=f"stranger-before-{number}")
    mine = await identity.register(email)
    for number in range(3):
        await identity.register(email, password=f"stranger-after-{number}")

    elsewhere = await identity.login(email, network=ELSEWHERE)
    at_home = await identity.login(email, device_token=mine.device_token)

    assert elsewhere.subject_id == at_home.subject_id == mine.subject_id


async def test_a_customer_who_registers_twice_reaches_both_accounts_by_their_passwords(
    identity: Replica,
) -> None:
    email = an_email()
    first = await identity.register(email, password="the-first-password")
    second = await identity.register(email, password="the-second-password")

    assert (await identity.login(email, "the-first-password")).subject_id == first.subject_id
    assert (await identity.login(email, "the-second-password")).subject_id == second.subject_id


async def test_of_two_accounts_with_one_password_a_device_reaches_its_own_and_others_the_first(
    identity: Replica,
) -> None:
    email = an_email()
    first, second = await identity.register(email), await identity.register(email)

    assert (await identity.login(email)).subject_id == first.subject_id
    assert (
        await identity.login(email, device_token=second.device_token)
    ).subject_id == second.subject_id


async def test_an_unconfirmed_account_is_reached_after_new_parameters_and_a_new_encryption_key(
    database: Database,
) -> None:
    email, key = an_email(), base64.urlsafe_b64encode(b"n" * 32).decode()
    async with replica(database) as before:
        mine = await before.register(email)
    async with database.tx() as tx:
        await tx.run("DELETE FROM signing_key")
    async with replica(database, argon2_time_cost=2, key_encryption_key=key) as after:
        await after.register(email, password="the-stranger-s-own")

        first, second = await after.login(email), await after.login(email)

    assert first.subject_id == second.subject_id == mine.subject_id
    async with database.read() as read:
        assert len(await read.fetch("SELECT DISTINCT recipe FROM unconfirmed_credential")) == 1


@pytest.mark.parametrize("password", [PASSWORD, "wrong-password"])
async def test_beyond_the_budget_a_right_password_mails_an_unconfirmed_account_its_link(
    identity: Replica, database: Database, password: str
) -> None:
    email = an_email()
    await identity.register(email, password="the-stranger-s-own")
    mine = await identity.register(email)
    await identity.guess(email, times=50, networks=EVERYWHERE)
    await pass_minutes(database, 10)

    refusal = await refusal_of(identity.login(email, password))

    events = await events_of(database, EmailConfirmationRequested, mine.subject_id)
    assert refusal.reason == "LOGIN_LINK_REQUIRED"
    assert len(events) == (2 if password == PASSWORD else 1)
    assert (
        await refusal_of(identity.confirm_email(None, events[-1].token))
    ).reason == "WRONG_CREDENTIALS"
    assert (
        await identity.confirm_email(None, events[-1].token, password=PASSWORD)
    ).confirmed_at.seconds


@pytest.mark.parametrize("token", ["", "x", "ä", "A" * 43, "A" * 64, "A" * 4_000])
async def test_tokens_that_were_never_made_open_nothing_and_break_nothing(
    identity: Replica, token: str
) -> None:
    email = an_email()
    await identity.register(email)

    assert (await refusal_of(identity.login_with_link(token))).reason == "LOGIN_LINK_INVALID"
    assert (
        await refusal_of(identity.confirm_email(None, token))
    ).reason == "CONFIRMATION_TOKEN_NOT_FOUND"
    assert (await identity.login(email, device_token=token)).device_token


async def test_a_login_budget_is_restored_after_a_day(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register_confirmed(email)
    await identity.guess(email, times=50, networks=EVERYWHERE)
    async with database.tx() as tx:
        await tx.run("UPDATE login_budget SET began_at = began_at - interval '1 day'")

    assert (await identity.login(email)).access_token


async def test_a_device_of_an_unconfirmed_account_guesses_at_no_other_account_of_the_address(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    await identity.register_confirmed(email)
    stranger = await identity.register(email, password="the-stranger-s-own")
    await identity.guess(email, times=50, networks=EVERYWHERE)

    refusal = await refusal_of(identity.login(email, PASSWORD, device_token=stranger.device_token))
    own = await identity.login(email, "the-stranger-s-own", device_token=stranger.device_token)

    assert refusal.reason == "WRONG_CREDENTIALS"
    assert own.subject_id == stranger.subject_id


async def test_a_device_token_is_replaced_and_the_one_before_serves_a_client_that_lost_an_answer(
    identity: Replica,
) -> None:
    email = an_email()
    first = (await identity.register_confirmed(email)).device_token
    second = (await identity.login(email, device_token=first)).device_token
    third = (await identity.login(email, device_token=first)).device_token
    await identity.guess(email, times=50, networks=EVERYWHERE)

    assert len({first, second, third}) == 3
    assert (
        await refusal_of(identity.login(email, device_token=second))
    ).reason == "LOGIN_LINK_REQUIRED"
    assert (await identity.login(email, device_token=third)).access_token


async def test_two_accounts_share_a_device(identity: Replica) -> None:
    ana, bea = an_email(), an_email()
    token = (await identity.register_confirmed(ana)).device_token
    token = (await identity.register_confirmed(bea, device_token=token)).device_token
    for email in (ana, bea):
        await identity.guess(email, times=50, networks=EVERYWHERE)

    for email in (ana, bea):
        session = await identity.login(email, device_token=token)
        assert session.access_token
        token = session.device_token


async def test_a_changed_staff_password_makes_their_devices_unknown(
    identity: Replica, database: Database
) -> None:
    device_token = (await identity.login(STAFF_EMAIL, STAFF_PASSWORD)).device_token

    async with replica(database, staff_password="another-horse-battery") as other:
        await other.guess(STAFF_EMAIL, times=50, networks=EVERYWHERE)
        refusal = await refusal_of(
            other.login(STAFF_EMAIL, "another-horse-battery", device_token=device_token)
        )

    assert refusal.reason == "LOGIN_LINK_REQUIRED"


async def test_networks_and_device_tokens_are_stored_as_digests(
    identity: Replica, database: Database
) -> None:
    email = an_email()
    session = await identity.register(email)
    with pytest.raises(Unauthenticated):
        await identity.login(email, "wrong-password", network=HOME)

    async with database.read() as read:
        stored = str(
            [
                await read.fetch("SELECT * FROM login_failure"),
                await read.fetch("SELECT * FROM device"),
            ]
        )

    assert HOME not in stored
    assert session.device_token not in stored


@pytest.mark.parametrize("accounts", ["none", "unconfirmed", "confirmed", "both", "many"])
async def test_a_login_makes_three_hashes_whatever_there_is(
    identity: Replica, monkeypatch: pytest.MonkeyPatch, accounts: str
) -> None:
    email = an_email()
    if accounts in ("confirmed", "both"):
        await identity.register_confirmed(email)
    for number in range({"unconfirmed": 1, "both": 1, "many": 8}.get(accounts, 0)):
        await identity.register(
            email, password="another-password" if number == 0 else f"password-number-{number}"
        )
    hashed: list[str] = []
    verify, make = PasswordHasher.verify, PasswordHasher.hash

    def counted(self: PasswordHasher, hash: str, password: str) -> bool:
        hashed.append(password)
        return verify(self, hash, password)

    def counted_making(self: PasswordHasher, password: str, *, salt: bytes | None = None) -> str:
        hashed.append(password)
        return make(self, password, salt=salt)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    monkeypatch.setattr(PasswordHasher, "hash", counted_making)
    for password in (PASSWORD, "another-password", "wrong-password"):
        await asyncio.gather(identity.login(email, password), return_exceptions=True)

    assert [
        hashed.count(password) for password in (PASSWORD, "another-password", "wrong-password")
    ] == [3, 3, 3]

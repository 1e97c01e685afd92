"""The cache of verified tokens takes little memory, and drops what expired."""

from __future__ import annotations

import base64
import time
import tracemalloc
from uuid import uuid4

import pytest

from chassis.rpc import auth
from chassis.rpc.auth import MOST_VERIFIED, Caller
from chassis.rpc.errors import InvalidToken
from chassis.testing import Tokens

MOST_BYTES = 10 * 1024 * 1024


async def test_a_full_cache_of_verified_tokens_takes_less_than_ten_mebibytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verifier = Tokens().verifier()

    async def verified(token: str) -> tuple[float, Caller]:
        claims: dict[str, object] = {
            "kind": "customer",
            "sub": str(uuid4()),
            "scope": "a b c",
            "org": str(uuid4()),
        }
        return time.time() + 600, auth._caller(claims)

    monkeypatch.setattr(verifier, "_verify", verified)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(MOST_VERIFIED + 1_000):
        await verifier.verify(f"Bearer {'x' * 900}{number}")
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert 0 < taken < MOST_BYTES


async def test_a_token_is_known_once_it_was_verified_and_until_it_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = Tokens()
    verifier, authorization = tokens.verifier(), tokens.customer()
    before = verifier.knows(authorization)
    await verifier.verify(authorization)
    after = verifier.knows(authorization)

    monkeypatch.setattr(auth.time, "time", lambda: time.monotonic() + 10**11)

    assert (before, after, verifier.knows(authorization)) == (False, True, False)


@pytest.mark.parametrize(
    "head", ['{"kid":' + "[" * 3_000, "[" * 100_000, '{"kid":"k","crit":' + "{" * 3_000]
)
async def test_a_token_that_nests_deeper_than_a_parser_goes_is_refused(head: str) -> None:
    forged = base64.urlsafe_b64encode(head.encode()).decode().rstrip("=") + ".a.b"

    with pytest.raises(InvalidToken):
        await Tokens().verifier().verify(f"Bearer {forged}")


async def test_the_token_that_was_not_used_for_the_longest_time_is_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verifier = Tokens().verifier()

    async def verified(token: str) -> tuple[float, Caller]:
        return time.time() + 600, auth.ANONYMOUS

    monkeypatch.setattr(verifier, "_verify", verified)
    for token in ("a", "b", *map(str, range(MOST_VERIFIED - 2)), "a", "c"):
        await verifier.verify(f"Bearer {token}")

    assert [verifier.knows(f"Bearer {token}") for token in ("a", "b", "c")] == [True, False, True]


async def test_a_token_in_the_hand_of_staff_says_who_acts_for_whom_and_where_it_is_taken() -> None:
    tokens, ada, guest = Tokens(), uuid4(), uuid4()
    token = tokens.delegated(guest, staff_id=ada, via="call_center", at="cart")

    caller = await tokens.verifier("cart").verify(token)

    assert (caller.kind, caller.shopper_id) == ("guest", guest)
    assert (caller.acted_by, caller.acted_via) == (ada, "call_center")
    with pytest.raises(InvalidToken):
        await tokens.verifier("journey").verify(token)


async def test_a_shoppers_own_token_names_no_member_of_the_staff() -> None:
    tokens = Tokens()

    caller = await tokens.verifier().verify(tokens.customer())

    assert (caller.acted_by, caller.acted_via) == (None, "")

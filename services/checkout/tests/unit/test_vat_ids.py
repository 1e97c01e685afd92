"""VAT ids: their format, and questions to stand-ins of VIES and HMRC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from checkout.errors.remote import RemoteUnavailable
from checkout.errors.taxes import InvalidVatId
from checkout.remote.json_client import JsonClient
from checkout.vat_ids.authority import VatIdQuestion, VatIdReply, connect_authorities
from checkout.vat_ids.hmrc import Hmrc, HmrcSettings
from checkout.vat_ids.model import VatIdCheck, VatIdStatus, normalize_vat_id
from checkout.vat_ids.vies import Vies

Answer = tuple[int, Any]


@asynccontextmanager
async def an_authority(
    answers: Callable[[str, dict[str, Any]], Answer],
) -> AsyncIterator[tuple[JsonClient, list[dict[str, Any]]]]:
    """Runs a stand-in; returns a client of it, and the questions that it got."""
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        is_json = request.content_type == "application/json"
        body = dict(await request.json()) if is_json else dict(await request.post())
        asked.append({"path": request.path, **body, **dict(request.headers)})
        status, reply = answers(request.path, body)
        return web.json_response(reply, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [server] = runner.addresses
    client = JsonClient(f"http://127.0.0.1:{server[1]}", timeout_seconds=5)
    try:
        yield client, asked
    finally:
        await client.close()
        await runner.cleanup()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("fr 40 303-265.045", "FR40303265045"),
        ("ATU13585627", "ATU13585627"),
        ("GR094259216", "EL094259216"),
        ("EL 094 259 216", "EL094259216"),
        ("XI980780684", "XI980780684"),
        ("GB 980 7806 84", "GB980780684"),
        ("CHE-107.787.577 MWST", "CHE107787577MWST"),
    ],
)
def test_a_vat_id_has_one_normal_form(typed: str, expected: str) -> None:
    assert normalize_vat_id(typed) == expected


@pytest.mark.parametrize(
    "typed", ["", "40303265045", "US123456789", "FR40303265046", "DE1366959", "Ada Lovelace", "DE"]
)
def test_a_vat_id_that_cannot_be_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(InvalidVatId) as refused:
        normalize_vat_id(typed)

    assert refused.value.metadata["path"] == "vat_id"
    assert refused.value.metadata["problem"]
    assert not typed or typed not in str(refused.value.metadata)


def test_the_country_of_a_greek_id_is_that_of_addresses() -> None:
    assert VatIdCheck("EL094259216", VatIdStatus.VALID).country == "GR"


async def test_vies_answers_with_the_consultation_number_of_the_seller() -> None:
    def answers(_path: str, body: dict[str, Any]) -> Answer:
        is_valid = body["vatNumber"] == "40303265045"
        return 200, {
            "countryCode": body["countryCode"], "vatNumber": body["vatNumber"], "valid": is_valid,
            "requestDate": "2026-03-02T10:00:00.000Z", "requestIdentifier": "WAPIAAAAX",
        }  # fmt: skip

    async with an_authority(answers) as (client, asked):
        valid = await Vies(client).ask(VatIdQuestion("FR40303265045", "DE136695976"))
        unknown = await Vies(client).ask(VatIdQuestion("ATU13585627"))

    assert valid == VatIdReply(is_valid=True, consultation_number="WAPIAAAAX")
    assert not unknown.is_valid
    assert asked[0]["path"] == "/check-vat-number"
    assert (asked[0]["requesterMemberStateCode"], asked[0]["requesterNumber"]) == (
        "DE", "136695976",
    )  # fmt: skip
    assert "requesterNumber" not in asked[1]


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}),
        (429, {}),
        (400, {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}),
        (200, {"valid": False, "userError": "MS_MAX_CONCURRENT_REQ"}),
        (200, "no object"),
    ],
)
async def test_an_error_of_vies_says_nothing_of_the_id(answer: Answer) -> None:
    async with an_authority(lambda _path, _body: answer) as (client, _):
        with pytest.raises(RemoteUnavailable):
            await Vies(client).ask(VatIdQuestion("FR40303265045"))


async def test_hmrc_is_asked_with_a_token_that_is_kept_until_it_expires() -> None:
    def answers(path: str, _body: dict[str, Any]) -> Answer:
        if path == "/oauth/token":
            return 200, {"access_token": "token", "expires_in": 14_400}
        if "980780684" in path:
            return 200, {"target": {}, "consultationNumber": "tkR-7ma-LHR"}
        return 404, {"code": "NOT_FOUND"}

    now = 0.0
    settings = HmrcSettings(hmrc_client_id="shop", hmrc_client_secret="secret")
    async with an_authority(answers) as (client, asked):
        authority = Hmrc(client, settings, now=lambda: now)
        valid = await authority.ask(VatIdQuestion("GB980780684", "GB553557881"))
        unknown = await authority.ask(VatIdQuestion("GB434031494"))
        now = 14_400.0
        await authority.ask(VatIdQuestion("GB980780684"))

    assert valid == VatIdReply(is_valid=True, consultation_number="tkR-7ma-LHR")
    assert not unknown.is_valid
    lookup = "/organisations/vat/check-vat-number/lookup"
    assert [each["path"] for each in asked] == [
        "/oauth/token", f"{lookup}/980780684/553557881", f"{lookup}/434031494",
        "/oauth/token", f"{lookup}/980780684",
    ]  # fmt: skip
    assert asked[1]["Authorization"] == "Bearer token"


@pytest.mark.parametrize(("size", "is_read"), [(500_000, True), (1_200_000, False)])
async def test_an_answer_in_pieces_is_read_whole_up_to_a_mebibyte(size: int, is_read: bool) -> None:
    reply = {"valid": True, "requestIdentifier": "W", "name": "x" * size}
    async with an_authority(lambda _path, _body: (200, reply)) as (client, _):
        question = VatIdQuestion("FR40303265045")
        if is_read:
            assert (await Vies(client).ask(question)).consultation_number == "W"
        else:
            with pytest.raises(RemoteUnavailable):
                await Vies(client).ask(question)


async def test_an_authority_that_is_not_there_is_unavailable() -> None:
    client = JsonClient("http://127.0.0.1:9", timeout_seconds=1)
    with pytest.raises(RemoteUnavailable):
        await Vies(client).ask(VatIdQuestion("FR40303265045"))
    await client.close()


def test_authorities_are_connected_by_their_entry_points() -> None:
    assert connect_authorities("", timeout_seconds=1) == ()
    found = connect_authorities("vies, simulator", timeout_seconds=1)

    assert [each.name for each in found] == ["vies", "simulator"]
    with pytest.raises(LookupError):
        connect_authorities("nobody", timeout_seconds=1)

"""Tokens of downloads and uploads: what they carry, and when they are good no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.digital_goods.download_tokens import (
    DownloadTicket,
    read_download_token,
    sign_download,
)
from catalog.errors import InvalidDownloadToken, InvalidUploadToken
from catalog.media.upload_tokens import read_upload
from chassis.runtime.clock import uuid7

KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_ticket() -> DownloadTicket:
    return DownloadTicket(uuid7(), uuid7(), NOW + timedelta(days=7), part=2)


def test_a_download_link_is_good_until_its_time_is_over() -> None:
    ticket = a_ticket()
    token = sign_download(ticket, KEY)

    assert read_download_token(token, KEY, NOW + timedelta(days=7, seconds=-1)) == ticket
    with pytest.raises(InvalidDownloadToken, match="time is over"):
        read_download_token(token, KEY, NOW + timedelta(days=7))


@pytest.mark.parametrize("token", ["", "x", "%", "A" * 80])
def test_a_forged_token_is_none(token: str) -> None:
    with pytest.raises(InvalidDownloadToken):
        read_download_token(token, KEY, NOW)


def test_a_token_of_another_key_or_purpose_is_none() -> None:
    token = sign_download(a_ticket(), KEY)

    with pytest.raises(InvalidDownloadToken):
        read_download_token(token, b"o" * 32, NOW)
    with pytest.raises(InvalidUploadToken):
        read_upload(token, KEY, NOW)

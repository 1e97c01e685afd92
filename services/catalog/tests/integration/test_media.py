"""Pictures: signed uploads, checks by content, smaller forms, and the stores that keep them."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from pydantic import SecretStr

from catalog.errors import InvalidUploadToken, MediaUrlFailed, MediaUrlRefused
from catalog.media.fetch_picture import fetch_picture
from catalog.media.model import WIDTHS, signing_key
from catalog.media.store import DatabaseStore, MediaStore, open_store
from catalog.media.upload_tokens import UploadTicket, read_upload, sign_upload
from catalog.settings import MediaStoreKind, Settings
from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.runtime.outside import is_public
from chassis.testing import fresh_database
from services.catalog.tests.catalog_replica import Replica, replica
from sojourn.catalog.v1 import media_pb2 as pb


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


def a_picture(width: int = 700, height: int = 350, format: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, format=format)
    return made.getvalue()


async def uploaded(shop: Replica, content: bytes, name: str = "teal.png") -> pb.MediaObject:
    ticket = await shop.as_staff(
        shop.media_admin.CreateMediaUpload, pb.CreateMediaUploadRequest(name=name)
    )
    token = ticket.upload_url.rpartition("/")[2]
    return await shop.ask(  # type: ignore[no-any-return]
        shop.media.UploadMedia, pb.UploadMediaRequest(token=token, content=content)
    )


async def read(shop: Replica, id: str, width: int = 0, format: int = 0) -> pb.MediaContent:
    request = pb.ReadMediaRequest(id=id, width=width, format=format)  # type: ignore[arg-type]
    return await shop.ask(shop.media.ReadMedia, request)  # type: ignore[no-any-return]


async def test_a_picture_is_uploaded_without_a_token_and_made_smaller_once(shop: Replica) -> None:
    content = a_picture()

    media = await uploaded(shop, content)
    small = await read(shop, media.id, 320)
    avif = await read(shop, media.id, 320, pb.MEDIA_FORMAT_AVIF)

    assert (media.media_type, media.width, media.height) == ("image/png", 700, 350)
    assert list(media.widths) == [160, 320, 480, 640]
    assert (await read(shop, media.id)).content == content
    with Image.open(io.BytesIO(small.content)) as shown:
        assert (shown.format, shown.size, small.media_type) == ("WEBP", (320, 160), "image/webp")
    with Image.open(io.BytesIO(avif.content)) as shown:
        assert (shown.format, shown.size) == ("AVIF", (320, 160))
    async with shop.database.read() as reads:
        kept = await reads.fetch(
            "SELECT count(*) FROM media_blob WHERE key LIKE %s", [f"{media.id}/%"]
        )
    assert kept == [(3,)]
    assert (await read(shop, media.id, 320)).content == small.content
    with pytest.raises(DomainError) as odd:
        await read(shop, media.id, 321)
    assert (odd.value.reason, odd.value.metadata["path"]) == ("INVALID_MEDIA", "width")


async def test_only_whole_pictures_are_taken(shop: Replica) -> None:
    bomb = io.BytesIO()
    Image.new("1", (16_000, 16_000)).save(bomb, format="PNG")
    for content in (
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a but no picture",
        a_picture()[:200],
        bomb.getvalue(),
        b"%PDF-1.7",
    ):
        with pytest.raises(DomainError) as refused:
            await uploaded(shop, content)
        assert refused.value.reason == "INVALID_MEDIA"


async def test_a_signed_upload_is_for_one_picture_and_for_a_time(
    shop: Replica, database: Database
) -> None:
    ticket = await shop.as_staff(
        shop.media_admin.CreateMediaUpload, pb.CreateMediaUploadRequest(name="x")
    )
    token = ticket.upload_url.rpartition("/")[2]
    first = pb.UploadMediaRequest(token=token, content=a_picture())
    await shop.ask(shop.media.UploadMedia, first)
    await shop.ask(shop.media.UploadMedia, first)
    with pytest.raises(DomainError) as used:
        await shop.ask(
            shop.media.UploadMedia, pb.UploadMediaRequest(token=token, content=a_picture(10, 10))
        )
    with pytest.raises(DomainError) as forged:
        await shop.ask(
            shop.media.UploadMedia, pb.UploadMediaRequest(token=token[::-1], content=b"x")
        )

    assert used.value.reason == "MEDIA_UPLOADED"
    assert forged.value.reason == "INVALID_UPLOAD_TOKEN"
    assert (await read(shop, ticket.media_id)).content == a_picture()
    async with database.read() as reads:
        key = await signing_key(reads)
    now = shop.clock.now()
    signed = sign_upload(UploadTicket(uuid4(), "x", None, now), key)
    with pytest.raises(InvalidUploadToken):
        read_upload(signed, key, now)
    assert read_upload(signed, key, now - timedelta(seconds=2)).name == "x"


async def test_a_deleted_picture_is_gone_with_its_forms(shop: Replica) -> None:
    media = await uploaded(shop, a_picture())
    await read(shop, media.id, 160)

    await shop.as_staff(shop.media_admin.DeleteMedia, pb.DeleteMediaRequest(id=media.id))
    await shop.as_staff(shop.media_admin.DeleteMedia, pb.DeleteMediaRequest(id=media.id))

    with pytest.raises(DomainError) as gone:
        await read(shop, media.id)
    assert gone.value.reason == "MEDIA_NOT_FOUND"
    async with shop.database.read() as reads:
        kept = await reads.fetch(
            "SELECT count(*) FROM media_blob WHERE key LIKE %s", [f"{media.id}/%"]
        )
    assert kept == [(0,)]
    listed = await shop.as_staff(shop.media_admin.ListMedia, pb.ListMediaRequest())
    assert media.id not in [each.id for each in listed.media]


async def test_each_store_keeps_what_it_is_given(database: Database, tmp_path: Path) -> None:
    async with a_bucket() as endpoint:
        settings = [
            {"media_store": MediaStoreKind.FOLDER, "media_folder": tmp_path / "pictures"},
            {
                "media_store": MediaStoreKind.S3,
                "media_s3_bucket": "pictures",
                "media_s3_endpoint": endpoint,
                "media_s3_key_id": "key",
                "media_s3_secret": SecretStr("secret"),
            },
        ]
        stores: list[MediaStore] = [DatabaseStore(database)]
        stores += [
            open_store(Settings.model_construct(**{**BASE, **each}), database) for each in settings
        ]
        for store in stores:
            key = f"{uuid4()}/full.original"
            assert await store.get(key) is None
            await store.put(key, b"one")
            assert await store.get(key) == b"one"
            await store.delete([key, "other/full.original"])
            assert await store.get(key) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.4.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "ff02::1", "no address",
    ],
)  # fmt: skip
def test_no_address_inside_the_network_is_public(address: str) -> None:
    assert not is_public(address, 443)


def test_addresses_of_the_internet_are_public_on_ports_of_the_web() -> None:
    assert is_public("93.184.216.34", 443)
    assert is_public("2606:2800:220:1:248:1893:25c8:1946", 80)
    assert not is_public("93.184.216.34", 22)


async def test_a_fetch_goes_to_checked_addresses_at_each_redirect(shop: Replica) -> None:
    content = a_picture(20, 20)

    def moved(place: bytes) -> bytes:
        return b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % place

    def answer(path: str) -> bytes:
        match path:
            case "/inside":
                return moved(b"http://169.254.169.254/latest")
            case "/around":
                return moved(b"/around")
            case "/there":
                return moved(b"/picture")
            case "/picture":
                return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async with a_site(answer) as site:

        def is_allowed(address: str, port: int) -> bool:
            return address == "127.0.0.1"

        assert await fetch_picture(f"{site}/there", is_allowed=is_allowed) == content
        for url, refusal in (
            (f"{site}/inside", MediaUrlRefused),
            (f"{site}/around", MediaUrlFailed),
            (f"{site}/missing", MediaUrlFailed),
            ("file:///etc/passwd", MediaUrlRefused),
            ("http://user:secret@x.example/", MediaUrlRefused),
            ("http://no-such-host.invalid/", MediaUrlFailed),
        ):
            with pytest.raises(refusal):
                await fetch_picture(url, is_allowed=is_allowed)
        with pytest.raises(DomainError) as inside:
            await shop.as_staff(
                shop.media_admin.FetchMedia, pb.FetchMediaRequest(url=f"{site}/picture")
            )
    assert inside.value.reason == "MEDIA_URL_REFUSED"


def test_widths_are_a_closed_list_in_order() -> None:
    assert list(WIDTHS) == sorted(set(WIDTHS))


BASE = {name: field.default for name, field in Settings.model_fields.items()}


@asynccontextmanager
async def a_site(answer: Callable[[str], bytes]) -> AsyncIterator[str]:
    """Serves answers by path. Yields its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            writer.write(answer(head.split(b" ")[1].decode()))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@asynccontextmanager
async def a_bucket() -> AsyncIterator[str]:
    """Speaks as much of S3 as a store uses, to requests that are signed. Yields its URL."""
    kept: dict[str, bytes] = {}

    async def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if method == "PUT":
            kept[path] = body
            return 200, b""
        if method == "DELETE":
            kept.pop(path, None)
            return 204, b""
        if method == "POST":
            keys = re.findall(rb"<Key>(.*?)</Key>", body)
            for key in keys:
                kept.pop(f"{path.rstrip('/')}/{key.decode()}", None)
            done = b"".join(b"<Deleted><Key>%s</Key></Deleted>" % key for key in keys)
            return 200, b"<DeleteResult>%s</DeleteResult>" % done
        return (200, kept[path]) if path in kept else (404, b"")

    async with _http(answer) as url:
        yield url


@asynccontextmanager
async def _http(
    answer: Callable[[str, str, bytes], Awaitable[tuple[int, bytes]]],
) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            lines = head.decode("latin-1").split("\r\n")
            method, path, _ = lines[0].split(" ")
            fields = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
            body = await reader.readexactly(int(fields.get("content-length", 0)))
            assert fields["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
            status, content = await answer(method, path.partition("?")[0], body)
            headers = (
                f'HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\nETag: "x"\r\n'
                "Last-Modified: Mon, 01 Jun 2026 10:00:00 GMT\r\n\r\n"
            )
            writer.write(headers.encode() + (b"" if method == "HEAD" else content))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

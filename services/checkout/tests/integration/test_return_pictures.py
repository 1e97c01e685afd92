"""Pictures of returns: taken by their content, kept without their place, seen by few."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from chassis.rpc.errors import DomainError
from checkout.erasures.actions import forget_buyer
from services.checkout.tests.checkout_world import World
from services.checkout.tests.integration.test_returns import (
    a_line,
    allow,
    delivered,
    receive,
    request,
    staff,
)
from sojourn.checkout.v1 import return_pb2 as pb
from sojourn.checkout.v1 import return_pictures_pb2 as asks

GPS_INFO = 0x8825
ORIENTATION = 0x0112


def a_picture(width: int = 60, height: int = 40, format: str = "JPEG", **options: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), "maroon").save(made, format, **options)
    return made.getvalue()


async def put(
    world: World, made: pb.Return, content: bytes, *, number: int = 1, token: str = ""
) -> asks.ReturnPicture:
    asked = asks.PutReturnPictureRequest(return_id=made.id, number=number, content=content)
    stored: asks.ReturnPicture = await world.ask(
        world.return_pictures.PutReturnPicture, asked, token or staff(world)
    )
    return stored


async def read(world: World, made: pb.Return, token: str, number: int = 1) -> Image.Image:
    asked = asks.ReadReturnPictureRequest(return_id=made.id, number=number)
    file = await world.ask(world.return_pictures.ReadReturnPicture, asked, token)
    assert file.media_type == "image/jpeg"
    return Image.open(io.BytesIO(file.content))


async def numbers_of(world: World, made: pb.Return, token: str) -> list[int]:
    asked = asks.ListReturnPicturesRequest(return_id=made.id)
    reply = await world.ask(world.return_pictures.ListReturnPictures, asked, token)
    return [one.number for one in reply.pictures]


async def test_a_picture_is_kept_upright_and_without_its_place(world: World) -> None:
    owner_id, order = await delivered(world)
    token = world.shopper(owner_id)
    made = await request(world, order, a_line(order, 1), token=token)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS_INFO)[1] = "N"

    stored = await put(world, made, a_picture(exif=exif.tobytes()), token=token)
    await put(world, made, a_picture(4_000, 1_000, "PNG"), number=2, token=token)
    again = await put(world, made, a_picture(30, 30, "WEBP"), number=2, token=token)

    assert (stored.width, stored.height) == (40, 60)
    assert (again.width, again.height) == (30, 30)
    seen = await read(world, made, staff(world))
    assert (seen.size, dict(seen.getexif())) == ((40, 60), {})
    assert await numbers_of(world, made, token) == [1, 2]


async def test_what_is_no_picture_or_too_much_is_refused_and_stores_nothing(world: World) -> None:
    await allow(world, return_pictures=2)
    owner_id, order = await delivered(world)
    token = world.shopper(owner_id)
    made = await request(world, order, a_line(order, 1), token=token)

    for content, number, reason in (
        (b"", 1, "INVALID_RETURN_PICTURE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 1, "INVALID_RETURN_PICTURE"),
        (a_picture()[:200], 1, "INVALID_RETURN_PICTURE"),
        (a_picture(8_000, 6_000, "PNG"), 1, "INVALID_RETURN_PICTURE"),
        (a_picture(), 3, "TOO_MANY_RETURN_PICTURES"),
    ):
        with pytest.raises(DomainError) as refusal:
            await put(world, made, content, number=number, token=token)
        assert refusal.value.reason == reason
    assert await numbers_of(world, made, token) == []


async def test_pictures_are_of_the_buyer_and_of_staff_alone(world: World) -> None:
    owner_id, order = await delivered(world)
    token, stranger = world.shopper(owner_id), world.tokens.customer()
    made = await request(world, order, a_line(order, 1), token=token)
    await put(world, made, a_picture(), token=token)

    for call in (
        put(world, made, a_picture(), token=stranger),
        read(world, made, stranger),
        numbers_of(world, made, stranger),
        world.ask(
            world.return_pictures.DeleteReturnPicture,
            asks.DeleteReturnPictureRequest(return_id=made.id, number=1),
            stranger,
        ),
    ):
        with pytest.raises(DomainError) as refusal:
            await call
        assert refusal.value.reason == "RETURN_NOT_FOUND"
    with pytest.raises(DomainError) as refusal:
        await read(world, made, token, number=2)
    assert refusal.value.reason == "RETURN_PICTURE_NOT_FOUND"
    delete = asks.DeleteReturnPictureRequest(return_id=made.id, number=1)
    for _ in range(2):
        await world.ask(world.return_pictures.DeleteReturnPicture, delete, token)
    assert await numbers_of(world, made, token) == []


async def test_pictures_end_with_the_goods_and_with_the_buyer(world: World) -> None:
    owner_id, order = await delivered(world)
    token = world.shopper(owner_id)
    made = await request(world, order, a_line(order, 1), token=token)
    await put(world, made, a_picture(), token=token)
    await receive(world, made, (1, pb.RETURN_CONDITION_DAMAGED, False, ""))

    with pytest.raises(DomainError) as refusal:
        await put(world, made, a_picture(), number=2, token=token)
    assert refusal.value.reason == "WRONG_RETURN_STATUS"
    assert await numbers_of(world, made, staff(world)) == [1]
    async with world.database.tx() as tx:
        await forget_buyer(tx, owner_id, "", retention_years=10)
    assert await world.scalar("SELECT count(*) FROM return_picture") == 0


async def test_no_pictures_are_taken_where_the_shop_wants_none(world: World) -> None:
    await allow(world, return_pictures=0)
    owner_id, order = await delivered(world)
    made = await request(world, order, a_line(order, 1), token=world.shopper(owner_id))

    with pytest.raises(DomainError) as refusal:
        await put(world, made, a_picture())

    assert (refusal.value.reason, refusal.value.metadata["most"]) == (
        "TOO_MANY_RETURN_PICTURES",
        "0",
    )

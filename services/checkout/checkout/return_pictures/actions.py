"""Pictures of returns: stored, read and deleted."""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from checkout.after_sale.queries import get_after_sale_settings
from checkout.errors.after_sale import (
    ReturnNotFound,
    ReturnPictureNotFound,
    TooManyReturnPictures,
)
from checkout.orders.model import Order
from checkout.return_pictures.images import Picture
from checkout.return_pictures.model import ReturnPicture
from checkout.returns.model import OPEN, Return

_OF_RETURN: Final = prepare(
    select(ReturnPicture.number, ReturnPicture.width, ReturnPicture.height, ReturnPicture.added_at)
    .where(col(ReturnPicture.return_id) == bindparam("return_id"))
    .order_by(col(ReturnPicture.number))
)


async def put_return_picture(
    tx: Tx, return_id: UUID, number: int, picture: Picture
) -> ReturnPicture:
    """Stores a picture under a number, in place of an earlier one. Idempotent.

    Raises ReturnNotFound, WrongReturnStatus, TooManyReturnPictures.
    """
    found = await tx.lock(Return, return_id)
    if found is None:
        raise ReturnNotFound
    found.require(*OPEN)
    order = await tx.get(Order, found.order_id)
    assert order is not None, "a return has an order"
    most = (await get_after_sale_settings(tx, order.channel_id)).return_pictures
    if number > most:
        raise TooManyReturnPictures(most=most)
    made = ReturnPicture(
        return_id=return_id,
        number=number,
        content=picture.content,
        sha256=hashlib.sha256(picture.content).digest(),
        width=picture.width,
        height=picture.height,
        added_at=tx.now,
    )
    if not await tx.insert_new(made):
        await tx.update(made)
    return made


async def list_return_pictures(read: Read, return_id: UUID) -> list[tuple[int, int, int, datetime]]:
    """Returns number, width, height and time of the pictures of a return, by number."""
    return await read.all(_OF_RETURN, return_id=return_id)


async def get_return_picture(read: Read, return_id: UUID, number: int) -> ReturnPicture:
    """Returns a picture with its file. Raises ReturnPictureNotFound."""
    found = await read.get(ReturnPicture, return_id, number)
    if found is None:
        raise ReturnPictureNotFound(number=number)
    return found


async def delete_return_picture(tx: Tx, return_id: UUID, number: int) -> None:
    """Deletes a picture. Idempotent."""
    found = await tx.get(ReturnPicture, return_id, number)
    if found is not None:
        await tx.delete(found)

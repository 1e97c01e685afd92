"""Files of digital goods: staff add them in parts, and buyers download them."""

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from catalog.digital_goods.download_tokens import (
    DownloadTicket,
    read_download_token,
    sign_download,
)
from catalog.digital_goods.model import (
    MOST_FILES,
    MOST_PART_BYTES,
    DigitalDelivery,
    DigitalFile,
    DigitalGood,
)
from catalog.digital_goods.queries import kept_good
from catalog.errors import (
    DigitalFileComplete,
    DigitalFileIncomplete,
    DigitalFileNotFound,
    DigitalGoodNotFound,
    DownloadLimitReached,
    DownloadOver,
    InvalidDigitalFilePart,
    TooManyDigitalFiles,
)
from catalog.media.model import signing_key
from catalog.media.store import MediaStore
from catalog.products.plain_text import line_of
from catalog.stock.queries import variant_of
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7

# From one part of a download to the next one.
_NEXT_PART: Final = timedelta(hours=1)
_COUNT: Final = (
    "INSERT INTO digital_download AS d (order_id, file_id, downloads) VALUES (%(order_id)s,"
    " %(file_id)s, 1) ON CONFLICT (order_id, file_id) DO UPDATE SET downloads = d.downloads + 1"
    " WHERE %(limit)s = 0 OR d.downloads < %(limit)s"
)


async def create_digital_file(
    tx: Tx, sku: str, name: str, *, actor_id: UUID | None = None
) -> DigitalFile:
    """Begins a file of a SKU. Buyers do not get it until it is complete.

    Raises VariantNotFound, DigitalGoodNotFound, TooManyDigitalFiles.
    """
    variant = await variant_of(tx, sku)
    good = await tx.lock(DigitalGood, variant.id)
    if good is None:
        raise DigitalGoodNotFound(sku=sku[:80])
    if len((await kept_good(tx, good, sku)).files) >= MOST_FILES:
        raise TooManyDigitalFiles(most=MOST_FILES)
    file = DigitalFile(
        id=uuid7(),
        variant_id=variant.id,
        name=line_of(name)[:200],
        part_keys=[],
        part_bytes=[],
        created_at=tx.now,
    )
    await tx.insert(file)
    record_audit(tx, actor_id, "create_digital_file", f"sku:{sku}", after={"file_id": str(file.id)})
    return file


def part_key(id: UUID, number: int, content: bytes) -> str:
    """Returns where the store keeps a part: no two contents share a place.

    Raises InvalidDigitalFilePart.
    """
    if not 0 < len(content) <= MOST_PART_BYTES:
        raise InvalidDigitalFilePart("has 1 byte to 8 MiB", path="content", most=MOST_PART_BYTES)
    return f"digital/{id}/{number}-{hashlib.sha256(content).hexdigest()}"


async def add_digital_file_part(
    tx: Tx, id: UUID, number: int, key: str, size_bytes: int
) -> tuple[DigitalFile, str]:
    """Places a part whose bytes are in the store.

    Returns the file, and the key of the part that it replaced, or nothing. Raises
    DigitalFileNotFound, DigitalFileComplete.
    """
    file = await _lock_file(tx, id)
    if file.is_complete:
        raise DigitalFileComplete(id=str(id))
    replaced = file.put_part(number, key, size_bytes)
    await tx.update(file)
    return file, "" if replaced == key else replaced


async def complete_digital_file(
    tx: Tx, id: UUID, *, actor_id: UUID | None = None
) -> tuple[DigitalFile, list[str]]:
    """Gives a file to all who bought the good, in place of others of its name.

    Returns the file, and the keys that are not needed any more. Raises DigitalFileNotFound,
    DigitalFileIncomplete.
    """
    file = await _lock_file(tx, id)
    if file.is_complete:
        return file, []
    if not file.part_keys or not all(file.part_keys):
        missing = file.part_keys.index("") + 1 if file.part_keys else 1
        raise DigitalFileIncomplete(id=str(id), part=missing)
    file.is_complete = True
    await tx.update(file)
    replaced = await tx.all(
        select(DigitalFile)
        .where(
            col(DigitalFile.variant_id) == file.variant_id,
            col(DigitalFile.name) == file.name,
            col(DigitalFile.id) != file.id,
            col(DigitalFile.is_complete),
            col(DigitalFile.deleted_at).is_(None),
        )
        .with_for_update()
    )
    for each in replaced:
        each.deleted_at = tx.now
        await tx.update(each)
    record_audit(
        tx, actor_id, "complete_digital_file", f"digital_file:{id}",
        after={"name": file.name, "size_bytes": file.size_bytes},
    )  # fmt: skip
    return file, [key for each in replaced for key in each.part_keys if key]


async def delete_digital_file(tx: Tx, id: UUID, *, actor_id: UUID | None = None) -> list[str]:
    """Marks a file as deleted; delete its bytes after the commit. A repeat changes nothing.

    Returns where these are. Raises DigitalFileNotFound.
    """
    file = await tx.lock(DigitalFile, id)
    if file is None:
        raise DigitalFileNotFound(id=str(id))
    if file.deleted_at is None:
        file.deleted_at = tx.now
        await tx.update(file)
        record_audit(
            tx,
            actor_id,
            "delete_digital_file",
            f"digital_file:{id}",
            before={"name": file.name},
            after=None,
        )
    return [key for key in file.part_keys if key]


async def start_download(tx: Tx, token: str) -> tuple[DigitalFile, int, str]:
    """Counts a download with its first part.

    Returns the file, the number of the part, and the token of the next one, which is empty at the
    end. Raises InvalidDownloadToken, DigitalFileNotFound, DownloadOver, DownloadLimitReached.
    """
    key = await signing_key(tx)
    ticket = read_download_token(token, key, tx.now)
    file = await tx.get(DigitalFile, ticket.file_id)
    if file is None or file.deleted_at is not None or not file.is_complete:
        raise DigitalFileNotFound(id=str(ticket.file_id))
    delivery = await tx.get(DigitalDelivery, ticket.order_id, file.variant_id)
    if delivery is None or not delivery.may_download(tx.now):
        raise DownloadOver("the order was refunded, or its time to download is over")
    if ticket.part == 1:
        good = await tx.get(DigitalGood, file.variant_id)
        asked = {
            "order_id": ticket.order_id,
            "file_id": file.id,
            "limit": good.download_limit if good else 0,
        }
        if not await tx.run(_COUNT, asked):
            raise DownloadLimitReached(download_limit=asked["limit"])
    if ticket.part >= len(file.part_keys):
        return file, ticket.part, ""
    following = DownloadTicket(ticket.order_id, file.id, tx.now + _NEXT_PART, ticket.part + 1)
    return file, ticket.part, sign_download(following, key)


async def read_part(store: MediaStore, file: DigitalFile, number: int) -> bytes:
    """Returns the bytes of a part. Raises DigitalFileNotFound."""
    if number > len(file.part_keys):
        raise DigitalFileNotFound(id=str(file.id))
    content = await store.get(file.part_keys[number - 1])
    if content is None:
        raise DigitalFileNotFound("the file's content is gone", id=str(file.id))
    return content


async def _lock_file(tx: Tx, id: UUID) -> DigitalFile:
    file = await tx.lock(DigitalFile, id)
    if file is None or file.deleted_at is not None:
        raise DigitalFileNotFound(id=str(id))
    return file

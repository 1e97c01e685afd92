"""Changes of settings by staff, each with its audit row."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.rows import Row
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch


class Setting(Protocol):
    """A row that staff keep. Its `version` rises with every change."""

    version: int


S = TypeVar("S", bound=Setting)


class Subject(NamedTuple):
    """The kind of a setting and its code, as the audit and the events name it."""

    kind: str
    code: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


@dataclass(slots=True)
class Imported:
    """Counts of an import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def count(self, before: Setting | None, *, has_changed: bool) -> None:
        """Counts a setting that was stored over another, or anew."""
        if not has_changed:
            self.unchanged += 1
        elif before is None:
            self.created += 1
        else:
            self.updated += 1


def require_version(before: Setting | None, expected: int) -> None:
    """Raises VersionMismatch unless the setting is as expected; 0 accepts any."""
    version = before.version if before else 0
    if expected not in (0, version):
        raise VersionMismatch("the setting changed meanwhile", version=version)


async def store_setting(
    tx: Tx, subject: Subject, draft: S, before: S | None, *, actor_id: UUID
) -> bool:
    """Writes a setting over what was `before`; returns whether that changed anything.

    The draft gets its version.
    """
    row = cast(Row, draft)
    if before is None:
        draft.version = 1
        await tx.insert(row)
    else:
        draft.version = before.version
        if draft == before:
            return False
        await tx.update(row)
    _record(tx, actor_id, "put", subject, before=before, after=draft)
    return True


async def put_setting(
    tx: Tx, subject: Subject, draft: S, *, actor_id: UUID, expected_version: int = 0
) -> S:
    """Stores a setting whose key is the subject's code; returns it as it is now.

    A repeat changes nothing. Raises VersionMismatch.
    """
    row = cast(Row, draft)
    draft.version = 1
    # Two writers of the first one meet here.
    is_new = await tx.insert_new(row)
    before = None if is_new else cast(S, await tx.lock(type(row), subject.code))
    require_version(before, expected_version)
    if before is not None:
        draft.version = before.version
        if draft == before:
            return before
        await tx.update(row)
    _record(tx, actor_id, "put", subject, before=before, after=draft)
    return draft


async def delete_setting(tx: Tx, subject: Subject, setting: Setting, *, actor_id: UUID) -> None:
    """Deletes a setting."""
    await tx.delete(cast(Row, setting))
    _record(tx, actor_id, "delete", subject, before=setting, after=None)


def _record(
    tx: Tx,
    actor_id: UUID,
    verb: str,
    subject: Subject,
    *,
    before: Setting | None,
    after: Setting | None,
) -> None:
    was, becomes = (
        cast(Row, each).model_dump(mode="json") if each is not None else None
        for each in (before, after)
    )
    action = f"{subject.kind}.{verb}"
    record_audit(tx, actor_id, action, str(subject), before=was, after=becomes)

"""Passwords: rules of new ones, and argon2id hashing in at most two threads."""

import asyncio
import base64
import unicodedata
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from identity.errors import PasswordsBusy, WeakPassword
from identity.settings import Settings

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 128
SALT_BYTES: Final = 16
# Each hash takes a core and `argon2_memory_kib` of memory. Two threads leave the event loop a share
# of the CPU.
MAX_THREADS: Final = 2
# The most used passwords in leaks that have ten or more characters. Shorter ones are refused by
# their length.
COMMON_PASSWORDS: Final = frozenset(
    (files("identity") / "common_passwords.txt").read_text(encoding="utf-8").split()
)


def normalize_password(password: str) -> str:
    """Returns a password in NFKC: the same characters, however a keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def require_strong_password(password: str, *, email: str) -> None:
    """Raises WeakPassword with the `rule` that a new password breaks.

    `email` is in its normal form.
    """
    plain = normalize_password(password)
    folded = plain.casefold()
    rule = ""
    if len(plain) < MIN_LENGTH:
        rule = "too_short"
    elif len(plain) > MAX_LENGTH:
        rule = "too_long"
    elif folded.strip() == email:
        rule = "is_email"
    elif folded in COMMON_PASSWORDS or len(set(folded)) == 1:
        rule = "common"
    if rule:
        raise WeakPassword(
            f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters and is hard to guess",
            rule=rule,
        )


class Hasher:
    """Hashes passwords by argon2id with the parameters of the settings, in threads of its own."""

    def __init__(self, settings: Settings) -> None:
        self._argon2 = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
            type=Type.ID,
        )
        self._threads = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="argon2")
        self._slots = asyncio.Semaphore(MAX_THREADS)
        self._queue, self._waiting = settings.password_queue, 0
        # The password of an unknown account is checked against this hash, so that it takes as long
        # as that of a known one.
        self._dummy_hash = self._argon2.hash("nobody's password")

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Holds one of the slots for hashing. Raises PasswordsBusy if the queue is full.

        The limit keeps the wait shorter than the deadline of a call.
        """
        if self._waiting >= self._queue:
            raise PasswordsBusy(retry_after_seconds=1)
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def hash(self, password: str, *, salt: bytes | None = None) -> str:
        """Returns the encoded hash. Call it in a slot.

        `salt` has 16 bytes; the default is a random one.
        """
        return await self._hash(self._argon2, password, salt)

    async def hash_like(self, sample: str, password: str) -> str:
        """Returns the encoded hash with the salt and the parameters of another hash.

        Call it in a slot.
        """
        return await self._hash(
            PasswordHasher.from_parameters(extract_parameters(sample)), password, _salt_of(sample)
        )

    async def _hash(self, argon2: PasswordHasher, password: str, salt: bytes | None) -> str:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(argon2.hash, normalize_password(password), salt=salt)
        )

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Returns whether a password has the hash. Call it in a slot.

        Without a hash it takes as long and returns False.
        """
        if len(password) > MAX_LENGTH:
            return False
        matches = await asyncio.get_running_loop().run_in_executor(
            self._threads,
            self._matches,
            password_hash or self._dummy_hash,
            normalize_password(password),
        )
        return matches and password_hash is not None

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str, *, salt: bytes | None = None) -> bool:
        """Returns whether a hash has other parameters than the settings, or another salt."""
        return self._argon2.check_needs_rehash(password_hash) or (
            salt is not None and _salt_of(password_hash) != salt
        )


def _salt_of(password_hash: str) -> bytes:
    """Returns the salt in `$argon2id$v=19$m=…,t=…,p=…$salt$hash`."""
    salt = password_hash.split("$")[4]
    return base64.b64decode(salt + "=" * (-len(salt) % 4))

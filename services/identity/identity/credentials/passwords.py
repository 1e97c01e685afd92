"""Passwords: the rules for new ones, and argon2id in two threads at the most."""

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

SHORTEST: Final = 10
LONGEST: Final = 128
SALT_BYTES: Final = 16
# argon2 takes memory by the setting and a core each; two leave the event loop room.
AT_ONCE: Final = 2
# The most used passwords of ten and more characters in leaks; shorter ones are refused by their length.
COMMON: Final = frozenset((files("identity") / "common_passwords.txt").read_text(encoding="utf-8").split())


def normalized(password: str) -> str:
    """The same characters however a keyboard composed them (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, email: str) -> None:
    """Raises WeakPassword with the `rule` that a new password breaks. `email` is in its normal form."""
    plain = normalized(password)
    folded = plain.casefold()
    rule = ""
    if len(plain) < SHORTEST:
        rule = "too_short"
    elif len(plain) > LONGEST:
        rule = "too_long"
    elif folded.strip() == email:
        rule = "is_email"
    elif folded in COMMON or len(set(folded)) == 1:
        rule = "common"
    if rule:
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters and is hard to guess", rule=rule)


class Hasher:
    """argon2id with the parameters of the settings. Work happens in threads of its own; the loop is never blocked."""

    def __init__(self, settings: Settings) -> None:
        self._argon2 = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
            type=Type.ID,
        )
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._queue, self._waiting = settings.password_queue, 0
        # What unknown accounts are checked against, so that they take as long as known ones.
        self._nobody = self._argon2.hash("nobody's password")

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One of the places for work with passwords. Raises PasswordsBusy where so many wait that the deadline would pass first."""
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
        """The encoded hash, with a random salt unless one is given (16 bytes). Call it in a slot."""
        return await self._hash(self._argon2, password, salt)

    async def hash_like(self, sample: str, password: str) -> str:
        """The encoded hash with the salt and the parameters of another. Call it in a slot."""
        return await self._hash(PasswordHasher.from_parameters(extract_parameters(sample)), password, _salt_of(sample))

    async def _hash(self, argon2: PasswordHasher, password: str, salt: bytes | None) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(argon2.hash, normalized(password), salt=salt))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one of the hash. None takes as long, and is always False. Call it in a slot."""
        if len(password) > LONGEST:
            return False
        matches = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._matches, password_hash or self._nobody, normalized(password)
        )
        return matches and password_hash is not None

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str, *, salt: bytes | None = None) -> bool:
        """Whether it was made with other parameters than are set now, or with another salt than a given one."""
        return self._argon2.check_needs_rehash(password_hash) or (salt is not None and _salt_of(password_hash) != salt)


def _salt_of(password_hash: str) -> bytes:
    """The salt in `$argon2id$v=19$m=…,t=…,p=…$salt$hash`."""
    salt = password_hash.split("$")[4]
    return base64.b64decode(salt + "=" * (-len(salt) % 4))

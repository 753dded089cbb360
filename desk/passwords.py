"""Passwords: argon2id hashes, made and checked in threads of their own, and generated first passwords.

A hash takes 64 MiB and some 50 ms, so only two are computed at a time.
"""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.errors import InvalidInput

SHORTEST = 10
LONGEST = 200
AT_ONCE = 2
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters that people confuse when they type a password from a paper."""


def generate() -> str:
    """A first password: four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def check_new(password: str, *, field: str) -> None:
    """InvalidInput when a chosen password is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"{field}: {SHORTEST} to {LONGEST} characters.", field=field)


class Passwords:
    """Hashes and checks; close() ends its threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="argon2")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def is_right(self, stored: str, password: str) -> bool:
        """True when the password belongs to the hash."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, stored, password)

    async def pretend(self, password: str) -> None:
        """Take as long as a check, where there is no account to check against."""
        if self._nobody is None:
            self._nobody = await self.hash(generate())
        await self.is_right(self._nobody, password)

    def close(self) -> None:
        """End the threads; what is being computed is finished first."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

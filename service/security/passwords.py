"""Passwords: which are good enough, and their argon2id hashes (OWASP ASVS 5.0, 6.2 and 11.4.2)."""

import secrets
import threading

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from service.errors import InvalidRequestError

SHORTEST = 10
ADVISED = 15
LONGEST = 256
FEWEST_DIFFERENT = 5


class Passwords:
    """Hashes and checks passwords.

    A hash takes 64 MiB and a tenth of a second on purpose; at most `at_once` are worked on at a time, so that a
    flood of sign-ins cannot take the memory of the machine. `memory_kib` and `passes` are argon2id's costs.
    """

    def __init__(self, *, at_once: int = 2, memory_kib: int = 65536, passes: int = 3) -> None:
        self._hasher = PasswordHash((Argon2Hasher(memory_cost=memory_kib, time_cost=passes),))
        self._turnstile = threading.BoundedSemaphore(at_once)
        self._nobody = self.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """Return the argon2id hash of a password, with its salt and costs in it."""
        with self._turnstile:
            return self._hasher.hash(password)

    def matches(self, password: str, hashed: str | None) -> bool:
        """Whether a password belongs to a hash; None takes the same time as a wrong password."""
        with self._turnstile:
            try:
                fits = self._hasher.verify(password[:LONGEST], hashed or self._nobody)
            except UnknownHashError:
                return False
        return fits and hashed is not None


def check_password(password: str, name: str) -> None:
    """Raise InvalidRequestError where a password is too short, too uniform or contains the sign-in name."""
    if len(password) < SHORTEST:
        raise InvalidRequestError(f"password: at least {SHORTEST} characters; {ADVISED} or more are better")
    if len(password) > LONGEST:
        raise InvalidRequestError(f"password: at most {LONGEST} characters")
    if len(set(password)) < FEWEST_DIFFERENT:
        raise InvalidRequestError(f"password: at least {FEWEST_DIFFERENT} different characters")
    if name.casefold() in password.casefold():
        raise InvalidRequestError("password: must not contain the user's name")

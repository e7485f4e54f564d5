"""Passwords of local members: argon2id, with the least cost that OWASP recommends (19 MiB, two passes, one lane).

More memory would be taken from the webhooks that the same process receives. Somebody unknown costs as much as somebody
known, so that nobody can learn by the clock which names exist. Text is brought into one form first (NFKC): the same
letters typed on another keyboard are the same password.
"""

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST, LONGEST = 12, 200
_DIFFERENT = 5
_CONSONANTS, _VOWELS = "bcdfghjkmnpqrstvwxyz", "aeiou"
_GROUPS, _SYLLABLES = 4, 3  # four groups of six letters: 79 bits

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hashed(password: str) -> str:
    """For the database."""
    return _hasher.hash(_plain(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password of that hash. None, for somebody unknown, takes as long and never is."""
    try:
        _hasher.verify(stored or _nobody(), _plain(password))
    except (Argon2Error, InvalidHashError):
        return False
    return stored is not None


def stale(stored: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def generated() -> str:
    """A password that can be read out over the telephone."""
    return "-".join("".join(_syllable() for _ in range(_SYLLABLES)) for _ in range(_GROUPS))


def wrong_with(password: str, name: str) -> str | None:
    """Why it cannot be somebody's password, in words; None if it can."""
    if len(password) < SHORTEST:
        return f"must have {SHORTEST} characters or more: three or four words do well"
    if len(password) > LONGEST:
        return f"must have {LONGEST} characters or fewer"
    letters = unicodedata.normalize("NFKC", password).casefold()
    if len(set(letters)) < _DIFFERENT:
        return f"must have {_DIFFERENT} different characters or more"
    if name.casefold() in letters:
        return "must not hold your name"
    return None


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)


def _plain(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password[: LONGEST + 1]).encode(errors="surrogatepass")


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_bytes(16))

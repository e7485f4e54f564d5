"""HTTP Basic for scripts: a local member's name and password, for reading only.

A form that a stranger has somebody's browser send would be sent with the credentials that the browser remembers, so
nothing is changed by them. Checking a password is slow by intent; that one was right is remembered for a minute, by a
digest that only this process can make, and only as long as the member is unchanged.
"""

import hashlib
import secrets
import threading
import time

from flask import Response, abort, render_template, request

from sync.admin.gate import connection, run
from sync.admin.rights import Person
from sync.admin.signin import local
from sync.admin.signin.entrance import person_of
from sync.admin.signin.tries import TooManyTriesError, tries_of
from sync.db import members
from sync.db.members import Member

_READING = frozenset({"GET", "HEAD"})
_FRESH_S = 60.0
_MOST = 1_000  # remembered at once


class _Right:
    """What was right lately: by digest of name and password, the hash it was right for."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._known: dict[bytes, tuple[str, float]] = {}

    def is_known(self, member: Member, password: str) -> bool:
        """Whether that password was right for that very row."""
        found = self._known.get(self._digest(member.name, password))
        return found is not None and found == (member.password, found[1]) and time.monotonic() < found[1]

    def remember(self, member: Member, password: str) -> None:
        """It was right."""
        now = time.monotonic()
        with self._lock:
            if len(self._known) >= _MOST:
                self._known = {key: kept for key, kept in self._known.items() if kept[1] > now}
            if len(self._known) < _MOST:
                self._known[self._digest(member.name, password)] = member.password, now + _FRESH_S

    def _digest(self, name: str, password: str) -> bytes:
        told = f"{name}\0{password}".encode(errors="surrogatepass")
        return hashlib.blake2b(told, key=self._key, digest_size=32).digest()


_right = _Right()


def identify() -> Person | None:
    """Whom the request's name and password belong to; None if it has none, or would change something.

    Wrong ones are answered at once: 401, or 429 after too many.
    """
    given = request.authorization
    if given is None or given.type != "basic" or request.method not in _READING:
        return None
    typed, password = given.username or "", given.password or ""
    name = local.plain_name(typed)
    with connection() as conn:
        found = members.get(conn, name) if name else None
    if found is not None and found.enabled and _right.is_known(found, password):
        return person_of(found)
    return person_of(_checked(typed, password))


def _checked(typed: str, password: str) -> Member:
    tries = tries_of(run().redis_url)
    try:
        tries.take(typed.strip().lower(), request.remote_addr or "")
    except TooManyTriesError as error:
        abort(_told(429, "Too many tries", str(error), {"Retry-After": str(error.wait_s)}))
    found = local.check(run().engine, typed, password)
    if found is None:
        challenge = {"WWW-Authenticate": 'Basic realm="Dueline", charset="UTF-8"'}
        abort(_told(401, "That was not right", "There is no member with this name and password.", challenge))
    tries.forgive(found.name)
    _right.remember(found, password)
    return found


def _told(status: int, title: str, words: str, headers: dict[str, str]) -> Response:
    page = render_template("layout/error.html", title=title, words=words, status=status)
    return Response(page, status, headers)

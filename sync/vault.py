"""Secrets that were entered on finance's page, sealed for the database (Fernet: AES-128-CBC with HMAC-SHA-256).

The key is DUELINE_SECRET_KEY: one Fernet key, or several with commas between, the newest first, while they are being
rotated. Without it a key is made once and kept under DUELINE_HOME, which serves one machine; more machines need the
setting, since each must open what another has sealed.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_FILE = "secret.key"


class VaultError(RuntimeError):
    """A secret cannot be opened, or a key is malformed; the message says what to do."""


class Vault:
    """Seals and opens secrets."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        """`keys`: newest first. Raises VaultError."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise VaultError(
                "DUELINE_SECRET_KEY: each key must be 32 bytes in URL-safe base64; make one with "
                '`python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"`'
            ) from None
        self._first = keys[0]

    @classmethod
    def of(cls, keys: str | None, home: Path) -> "Vault":
        """With the configured keys; without any, with the key of a home, which is made if there is none."""
        given = tuple(key.strip() for key in (keys or "").split(",") if key.strip())
        return cls(given or (_kept(home / _FILE),))

    def seal(self, secret: str) -> bytes:
        """For the database."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """In clear again. Raises VaultError."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise VaultError(
                "a stored secret was sealed with another key: set DUELINE_SECRET_KEY as it was, or enter it again"
            ) from None

    @property
    def web_key(self) -> bytes:
        """A key of its own for signing cookies."""
        return hashlib.blake2b(self._first.encode(), person=b"dueline web").digest()


def _kept(file: Path) -> str:
    """The key in a file; made if there is none, whole, by exactly one of several processes that start together."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".secret-") as made:  # nobody else may read it
            made.write(Fernet.generate_key().decode())
            made.flush()
            with contextlib.suppress(FileExistsError):
                os.link(made.name, file)
    return file.read_text().strip()

"""The key that signs ID tokens. Made when it is first needed, kept with the org: a restart does not change it, so what
clients have read at /id/keys stays good.
"""

import base64
import hashlib
import threading
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from connector.local.org.journal import Journal

_ALGORITHM = "RS256"
_FACT = "signing_key"
_ID_TOKEN_S = 120  # two minutes: what an org gives an ID token unless its administrator says otherwise


class SigningKey:
    """Signs, and shows its public half."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._private: rsa.RSAPrivateKey | None = None

    def published(self) -> dict[str, Any]:
        """The JSON Web Key Set."""
        public = self._key().public_key()
        shown = RSAAlgorithm.to_jwk(public, as_dict=True)
        own = {name: shown[name] for name in ("kty", "n", "e")}
        return {"keys": [{**own, "alg": _ALGORITHM, "use": "sig", "kid": _kid(public)}]}

    def id_token(self, access_token: str, claims: dict[str, Any]) -> str:
        """Who signed in, signed: `claims` with the times of its life and what ties it to the access token."""
        now = int(time.time())
        digest = hashlib.sha256(access_token.encode()).digest()
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        told = {"at_hash": half, **claims, "iat": now, "exp": now + _ID_TOKEN_S}
        key = self._key()
        return jwt.encode(told, key, algorithm=_ALGORITHM, headers={"kid": _kid(key.public_key())})

    def _key(self) -> rsa.RSAPrivateKey:
        with self._lock:
            if self._private is None:
                self._private = self._kept() or self._made()
            return self._private

    def _kept(self) -> rsa.RSAPrivateKey | None:
        pem = self._journal.fact(_FACT)
        found = serialization.load_pem_private_key(pem.encode(), None) if pem else None
        return found if isinstance(found, rsa.RSAPrivateKey) else None

    def _made(self) -> rsa.RSAPrivateKey:
        made = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        self._journal.remember(_FACT, made.private_bytes(encoding, form, serialization.NoEncryption()).decode())
        return made


def _kid(public: rsa.RSAPublicKey) -> str:
    """A name that follows from the key."""
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(public.public_bytes(encoding, form)).hexdigest()[:16]

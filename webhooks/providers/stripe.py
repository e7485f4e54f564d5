"""Stripe's signature and envelope, as https://docs.stripe.com/webhooks#verify-manually describes them.

Verified on the raw bytes, whatever they are, so that even a body that is not JSON is kept once its signature is good.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from sync.db.inbox import Envelope

HEADER = "Stripe-Signature"
_LONGEST_NAME = 255  # of an id: https://docs.stripe.com/upgrades (what may change without notice)


def verify(
    body: bytes, headers: Mapping[str, str], secrets: tuple[str, ...], *, now: float, tolerance_s: int
) -> str | None:
    """None if any live secret signed this body no longer ago than the tolerance; otherwise what is wrong."""
    pairs = [part.strip().partition("=") for part in headers.get(HEADER, "").split(",")]
    sent = next((value for name, _, value in pairs if name == "t"), "")
    signatures = [value.encode() for name, _, value in pairs if name == "v1"]
    if not sent.isascii() or not sent.isdigit() or not signatures:
        return f"header {HEADER} is missing or malformed"
    signed = sent.encode() + b"." + body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in wanted for other in signatures]  # all compared, always
    if not any(matches):
        return "no live signing secret of this connection made this signature"
    if int(sent) < now - tolerance_s:
        return f"the signature is older than {tolerance_s} seconds"
    return None


class _Outside(msgspec.Struct):
    """What is read off the outside of an event, of whatever type it is there."""

    id: Any = None
    type: Any = None
    api_version: Any = None
    account: Any = None
    created: Any = None


_OUTSIDE = msgspec.json.Decoder(_Outside)  # skips the rest of the body, which would take ten times as long to build


def envelope(connection: str, body: bytes, headers: Mapping[str, str]) -> Envelope:
    """Id, type, version, time and connected account of an event; what is no event is kept under its own digest."""
    kept = dict(headers)
    try:
        event = _outside(body)
    except (ValueError, RecursionError) as error:
        return _unreadable(connection, body, kept, f"the body is not JSON that can be read: {error}")
    event_id = _text(event.id)
    if not event_id:
        return _unreadable(connection, body, kept, "the body is not an event: it has no id")
    account, created = _text(event.account), event.created
    return Envelope(
        connection=connection,
        provider="stripe",
        event_id=event_id,
        scope=f"{connection}/{account}" if account else connection,
        headers=kept,
        body=body,
        type=_text(event.type),
        api_version=_text(event.api_version),
        created=created if type(created) is int and 0 <= created < 2**63 else None,
    )


def _outside(body: bytes) -> _Outside:
    """Read quickly what Stripe sends; anything stranger slowly, to say what is wrong with it."""
    try:
        return _OUTSIDE.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        event = json.loads(body)
    named = event if isinstance(event, dict) else {}
    return _Outside(**{name: named.get(name) for name in _Outside.__struct_fields__})


def _text(value: object) -> str | None:
    """A name of Stripe's; what the database could not hold as one (control characters, half a pair) is none."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST_NAME else None


def _unreadable(connection: str, body: bytes, headers: dict[str, str], problem: str) -> Envelope:
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    return Envelope(connection, "stripe", digest, connection, headers, body, problem=problem)

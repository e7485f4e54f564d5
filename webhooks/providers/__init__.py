"""One module per billing system, each with the same two functions: `verify` and `envelope`."""

from collections.abc import Mapping
from typing import Protocol

from sync.db.inbox import Envelope
from webhooks.providers import stripe


class Provider(Protocol):
    """What receiving needs to know of a billing system."""

    def verify(
        self, body: bytes, headers: Mapping[str, str], secrets: tuple[str, ...], *, now: float, tolerance_s: int
    ) -> str | None:
        """None if the body is signed with any of the live secrets; otherwise what is wrong, in words."""

    def envelope(self, connection: str, body: bytes, headers: Mapping[str, str]) -> Envelope:
        """What can be read off the outside of a verified body; it never fails, it says what it could not read."""


PROVIDERS: dict[str, Provider] = {"stripe": stripe}

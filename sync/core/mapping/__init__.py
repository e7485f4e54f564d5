"""From a billing system's payloads to facts: one pure module per system, each with the same three functions.

`map_event(event, scope)` reads a webhook, `map_object(body, scope)` one object as fetched or listed, and
`map_dunning(event, scope)` what a webhook says was done to be paid, which is no state of any object. What they cannot
read they refuse by name (`UnmappableError`); what is no part of receivables they say so (`Ignored`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sync.core.dunning import Dunning
from sync.core.facts import Facts


@dataclass(frozen=True, slots=True)
class Seen:
    """One object's facts, and the `source` kind under which the provider lets it be fetched (None: it does not)."""

    facts: Facts
    source: str | None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A payload that is no part of receivables, and by which rule."""

    rule: str


class UnmappableError(ValueError):
    """A payload whose shape we do not know: parked with what was missing, never half-mapped."""


class Mapper(Protocol):
    """What every billing system's mapping module offers."""

    def map_event(self, event: Mapping[str, Any], scope: str) -> list[Seen] | Ignored:
        """The facts in a webhook; the first is the event's own object, others were embedded in it."""

    def map_object(self, body: Mapping[str, Any], scope: str) -> list[Seen] | Ignored:
        """The facts in one object as the provider's API answers it."""

    def map_dunning(self, event: Mapping[str, Any], scope: str) -> Dunning | None:
        """What a webhook says the billing system did to be paid; None for most."""

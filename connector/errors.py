"""Three meanings for everything that goes wrong with someone else's API, and one table for each provider's codes.

- `RetryableError`: the same request may succeed later; `retry_after` (seconds) when the other side said when.
- `RejectedError`: the other side said no to this record; it is parked and shown with the way out.
- `MisconfiguredError`: a person must act (credentials, permissions, limits) before anything of this kind can succeed.
"""

from dataclasses import dataclass


@dataclass(eq=False)
class ConnectorError(Exception):
    """Root of what a connector raises: `code` as the provider names it, `reason` and `fix` in words."""

    code: str
    reason: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}" + (f" ({self.fix})" if self.fix else "")


@dataclass(eq=False)
class RetryableError(ConnectorError):
    """Try again later. `outcome_unknown`: the request may have been carried out all the same."""

    retry_after: float | None = None
    outcome_unknown: bool = False


@dataclass(eq=False)
class RejectedError(ConnectorError):
    """This record was refused; others may pass."""


@dataclass(eq=False)
class MisconfiguredError(ConnectorError):
    """Nothing of this kind can pass until a person acts."""


@dataclass(eq=False)
class GoneError(RejectedError):
    """The object does not exist (any more) on the other side."""

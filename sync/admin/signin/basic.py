"""Stand-in until sign-in is there."""


def identify() -> None:
    """Nobody."""

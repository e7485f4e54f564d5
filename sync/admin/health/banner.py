"""Problems that need a person, told on every page."""

from collections.abc import Iterator
from typing import Any


def banners() -> Iterator[Any]:
    """None yet."""
    yield from ()

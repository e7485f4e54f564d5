"""For the tests of matching: finance before its customers."""

from collections.abc import Callable

import pytest

from tests.browsing import Visitor


@pytest.fixture
def finance(browser: Callable[..., Visitor]) -> Visitor:
    """Somebody of finance, signed in."""
    return browser("finance")

"""For the tests of the screens: somebody in a browser, signed in with a role, who sends forms with their tokens."""

from collections.abc import Callable

import pytest

from tests.browsing import Visitor, visitor
from tests.integration.world import World


@pytest.fixture
def browser(world: World) -> Callable[..., Visitor]:
    """`browser("finance")`: a new browser of somebody with that role, in `world`; None: nobody signed in."""
    return lambda role, scope=None: visitor(world.run, world.client.application, role, scope)

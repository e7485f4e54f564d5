"""Worlds for tests: each module runs its own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A world takes the whole machine: with several test workers, all of this runs in one of them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="module")
def homes(request: pytest.FixtureRequest) -> Iterator[Callable[[], Path]]:
    """Makes folders for worlds. Those of a module in which a test failed stay, for their logs.

    Not pytest's own: every run of it takes the others' rights on the folder above, which PostgreSQL needs.
    """
    made: list[Path] = []
    before = request.session.testsfailed

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="dueline-e2e-")))
        return made[-1]

    yield make
    for home in made:
        if request.session.testsfailed == before:
            shutil.rmtree(home, ignore_errors=True)
        else:
            print(f"logs are in {home}")


@pytest.fixture(scope="module")
def open_stage(homes: Callable[[], Path]) -> Callable[[int], AbstractContextManager[Stage]]:
    """Opens a world with so many ledger workers, in a context."""
    return lambda workers: opened(homes(), workers)

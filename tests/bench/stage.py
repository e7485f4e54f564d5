"""A running local world for a benchmark, and customers in it."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.stage import Stage
from tests.e2e.stage import opened as on_stage
from tests.e2e.stories import Story

__all__ = ["Stage", "customers", "opened"]


@contextmanager
def opened(workers: int) -> Iterator[Stage]:
    """Everything as real processes, until the end of the context."""
    folder = tempfile.TemporaryDirectory(prefix="dueline-bench-", ignore_cleanup_errors=True)
    with folder as home, on_stage(Path(home), workers) as stage:
        yield stage


def customers(stage: Stage, count: int) -> list[Story]:
    """So many customers, each with an account of its own that its metadata names."""
    stories = []
    for number, account in enumerate(stage.new_accounts(["usd"] * count)):
        story = Story(stage.stripe, random.Random(number), "", "usd")
        metadata = {"salesforce_account_id": account}
        story.customer = story.act("create_customer", name=f"Company {number}", metadata=metadata)["id"]
        stage.accounts[story.customer] = account
        stories.append(story)
    return stories

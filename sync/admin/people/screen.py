"""The screen that the routes of this folder belong to."""

from sync.admin import gate
from sync.admin.gate import Screen
from sync.admin.rights import Right
from sync.admin.signin.local import Actor

screen = Screen("people", "People", order=60, shown_to=Right.DECIDE)


def actor() -> Actor:
    """The caller, for the history."""
    person = gate.who()
    return Actor(person.name, person.subject)

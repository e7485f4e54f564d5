"""The draft of the field mapping that everybody in finance shares, and saving it.

Each step is made under a lock on the newest draft, so nobody's change is lost. What is saved is exactly what was
previewed: whoever saves says which draft they saw, and another one is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sync.core.fieldmap.editing import digest, refuse_pinned
from sync.core.fieldmap.rules import FieldMap, FieldMapError, pinned, unpacked
from sync.core.fieldmap.telling import told
from sync.db import config, fieldmaps
from sync.db.config import Version
from sync.db.fieldmaps import AREA, Leaving, Pins


class DraftError(ValueError):
    """A step that cannot be made with the draft as it is; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What would hold once it is saved. `based_on`: the version it was begun from; `undoes`: the one it brings back."""

    map: FieldMap
    based_on: int
    begun_by: str
    changed_by: str
    changed_at: datetime
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The mapping that holds, the number of its version (0: none was saved yet), and the draft, if there is one.

    `problem`: why the draft cannot be used by this release.
    """

    held: FieldMap
    version: int
    draft: Draft | None = None
    problem: str | None = None

    @property
    def working(self) -> FieldMap:
        """What the next step changes."""
        return self.draft.map if self.draft else self.held

    @property
    def stale(self) -> bool:
        """Whether somebody has saved since the draft was begun."""
        return self.draft is not None and self.draft.based_on != self.version

    @property
    def seen(self) -> str:
        """The same as long as neither the draft nor what holds changes."""
        return digest([self.version, self.working.pack()])


def desk(conn: Connection, pins: Pins) -> Desk:
    """How things stand."""
    held = fieldmaps.held(conn, pins)
    kept = config.get_draft(conn, AREA)
    if kept is None:
        return Desk(held.map, held.version)
    try:
        fieldmap = pinned(unpacked(kept.value["map"]), pins)
    except FieldMapError as error:
        return Desk(held.map, held.version, problem=str(error))
    changed_by, undoes = kept.value.get("changed_by", kept.made_by), kept.value.get("undoes")
    draft = Draft(fieldmap, kept.based_on, kept.made_by, changed_by, kept.made_at, undoes)
    return Desk(held.map, held.version, draft)


def edit(conn: Connection, pins: Pins, by: str, change: Callable[[FieldMap], FieldMap]) -> Desk:
    """Make a step in the draft, beginning one if there is none. Raises FieldMapError and DraftError."""
    config.lock_draft(conn, AREA)
    before = desk(conn, pins)
    _usable(before)
    after = change(before.working)
    refuse_pinned(after, pins)
    if not told(before.held, after):
        config.drop_draft(conn, AREA)
        return Desk(before.held, before.version)
    _keep(conn, after, by, before)
    return desk(conn, pins)


def _usable(found: Desk) -> None:
    if found.problem:
        raise DraftError(f"The draft cannot be used: {found.problem}. Discard it and begin again.")
    if found.stale:
        raise DraftError("Somebody has saved the mapping since this draft was begun. Discard it and begin again.")


def _keep(conn: Connection, fieldmap: FieldMap, by: str, before: Desk, undoes: int | None = None) -> None:
    """An edited draft of an older version brings back something else than that version."""
    begun_by = before.draft.begun_by if before.draft else by
    value = {"map": fieldmap.pack(), "changed_by": by, "undoes": undoes}
    config.put_draft(conn, AREA, value, begun_by, before.version)


def bring_back(conn: Connection, pins: Pins, number: int, by: str) -> Desk:
    """Begin a draft that says what an older version said; 0: as it came. Raises DraftError and FieldMapError."""
    config.lock_draft(conn, AREA)
    now = desk(conn, pins)
    if now.draft or now.problem:
        raise DraftError("There is a draft with other changes. Save or discard it first.")
    version = config.version(conn, AREA, number) if number else None
    if number and version is None:
        raise DraftError("There is no such version.")
    wanted = fieldmaps.of(version, pins)
    if not told(now.held, wanted):
        raise DraftError("That version says what holds now: there is nothing to bring back.")
    _keep(conn, wanted, by, now, undoes=number)
    return desk(conn, pins)


def discard(conn: Connection) -> bool:
    """Throw the draft away; whether there was one."""
    config.lock_draft(conn, AREA)
    was = config.get_draft(conn, AREA) is not None
    config.drop_draft(conn, AREA)
    return was


def save(conn: Connection, pins: Pins, seen: str, by: str, note: str, leaving: Leaving) -> tuple[Desk, Version]:
    """Make the draft hold that was `seen`; how things stood before, and the version. Raises DraftError."""
    config.lock_draft(conn, AREA)
    before = desk(conn, pins)
    _usable(before)
    if before.draft is None:
        raise DraftError("There is no draft any more: somebody has saved or discarded it.")
    if before.seen != seen:
        raise DraftError("The draft was changed since it was previewed. Look at the preview again, then save.")
    draft = before.draft
    saved = fieldmaps.save(
        conn, draft.map, by, leaving=leaving, note=note, undoes=draft.undoes, based_on=draft.based_on
    )
    config.drop_draft(conn, AREA)
    return before, saved

"""What changed in the org since we last looked: every watched object in one API call.

Polling by SystemModstamp is the truth here; messages from the org only ring the bell. The stamp is taken before its
transaction commits, so a row may appear with a stamp that is already past: callers ask again for a while back
(`since` = cursor - overlap) and let content decide whether a row is new. Rows in the recycle bin are read too
(queryAll), with `IsDeleted`.

What the org does not expose to us is left out and named instead of failing the poll: a permission set that somebody
forgot to extend must not stop commitments from being read. A field that is left out is missing from the rows, which
is not the same as empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from connector.errors import MisconfiguredError
from connector.salesforce.describe import Exposure
from connector.salesforce.errors import DEPLOY
from connector.salesforce.fields import MULTI_CURRENCY_ONLY
from connector.salesforce.limits import Priority
from connector.salesforce.read import Record, at_path, checked_name, query_many, quote
from connector.salesforce.session import OrgSession

# Without these there is nothing to poll by; those of _USUAL are selected wherever the object has them.
_NEEDED = ("Id", "SystemModstamp")
_USUAL = ("IsDeleted", "LastModifiedById", "LastModifiedDate", "CreatedDate")
_CONTRADICTIONS = frozenset({"INVALID_FIELD", "INVALID_TYPE"})  # our picture of an object is out of date
_WHOLE = "*"  # in what has been told: the object itself

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Watch:
    """One object to watch. `fields`: API names and relationship paths (CreatedBy.Name, Invoice__r.Key__c).

    `since`: rows stamped then or later; None: from the beginning. `condition`: further SOQL, its values written by
    `read.quote`. `optional`: an org without the object has nothing wrong with it.
    """

    object: str
    fields: tuple[str, ...]
    since: datetime | None
    condition: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows of one watch by (SystemModstamp, Id), paths as keys; `left_out`: fields that the org does not expose.

    Every row has Id, SystemModstamp and IsDeleted (false where the object has no recycle bin, such as User), and
    LastModifiedById, LastModifiedDate and CreatedDate where the object has them. `absent`: the object is not there.
    """

    rows: list[Record]
    left_out: tuple[str, ...]
    absent: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """One watch as the org can answer it: `columns` are the names wanted, each with the org's own spelling."""

    watch: Watch
    columns: Mapping[str, str]
    left_out: tuple[str, ...]

    def soql(self) -> str:
        watch = self.watch
        conditions = [f"SystemModstamp >= {quote(watch.since)}"] if watch.since else []
        conditions += [f"({watch.condition})"] if watch.condition else []
        where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
        columns = ", ".join(self.columns.values())
        return f"SELECT {columns} FROM {checked_name(watch.object)} {where}ORDER BY SystemModstamp, Id"  # noqa: S608

    def row(self, record: Mapping[str, Any]) -> Record:
        return {"IsDeleted": False} | {name: at_path(record, path) for name, path in self.columns.items()}


def changes(
    session: OrgSession, exposure: Exposure, watches: Sequence[Watch], *, priority: Priority = Priority.NORMAL
) -> list[Changes]:
    """The rows that changed, one answer per watch in order: one API call, and one more per further 2,000 rows.

    Raises ConnectorError. An object or field that has just disappeared is looked at anew once before that.
    """
    try:
        return _read(session, exposure, watches, priority)
    except MisconfiguredError as error:
        if error.code not in _CONTRADICTIONS:
            raise
    exposure.forget_all()
    return _read(session, exposure, watches, priority)


def _read(session: OrgSession, exposure: Exposure, watches: Sequence[Watch], priority: Priority) -> list[Changes]:
    _learn(exposure, watches, priority)
    asked = [_asked(exposure, watch, priority) for watch in watches]
    present = [each for each in asked if each is not None]
    pages = query_many(session, [each.soql() for each in present], include_deleted=True, priority=priority)
    found = iter(zip(present, pages, strict=True))
    return [Changes([], (), absent=True) if each is None else _found(*next(found)) for each in asked]


def _found(asked: _Asked, records: Sequence[Record]) -> Changes:
    return Changes([asked.row(record) for record in records], asked.left_out, absent=False)


def _learn(exposure: Exposure, watches: Sequence[Watch], priority: Priority) -> None:
    """Describe the watched objects in one call, and in another those that only their references lead to."""
    exposure.learn([watch.object for watch in watches], priority=priority)
    further = {
        target
        for watch in watches
        if (facts := exposure.of(watch.object, priority=priority))
        for path in watch.fields
        if "." in path and (reference := facts.references.get(path.partition(".")[0].lower()))
        for target in reference.refers_to[:1]
        if len(reference.refers_to) == 1
    }
    exposure.learn(sorted(further), priority=priority)


def _asked(exposure: Exposure, watch: Watch, priority: Priority) -> _Asked | None:
    """What to select, or None where the object is not there."""
    facts = exposure.of(watch.object, priority=priority)
    if facts is None:
        if not watch.optional and exposure.first_told(watch.object, [_WHOLE]):
            _log.warning("object not read", object=watch.object, fix=DEPLOY)
        return None
    wanted = dict.fromkeys((*_NEEDED, *watch.fields))
    shown = {name: path for name in wanted if (path := exposure.spelled(facts, name, priority=priority))}
    left_out = tuple(name for name in wanted if name not in shown and name != MULTI_CURRENCY_ONLY)
    if new := exposure.first_told(watch.object, left_out):
        _log.warning("fields not read", object=watch.object, fields=new, fix=DEPLOY)
    usual = {name: name for name in _USUAL if facts.field(name)}
    return _Asked(watch, shown | usual, left_out)

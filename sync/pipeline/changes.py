"""What a posting changes beyond its own rows: sums, looks, holds, entries, wishes to write. Shared with the postings of
others, so they are written last, when every unit is locked, and in one order for all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter

from sqlalchemy import Connection

from sync.core.budget import Priority
from sync.core.dates import Calendar
from sync.core.ledger import Postings, Unit, difference
from sync.core.timeline import Entry
from sync.db import holds, ledger, records, reviews, timeline
from sync.db.objects import Asker
from sync.db.records import Mark
from sync.db.reviews import Posted


@dataclass(frozen=True, slots=True)
class Posting:
    """Where postings happen: the company's calendar, and what is known of the events' scope."""

    calendar: Calendar
    today: date
    scope: str
    provider: str
    metadata_key: str
    system: str  # the billing system's name as people know it
    urgency: Priority = Priority.ESSENTIAL  # nothing that is marked here is more urgent than that

    @property
    def connection(self) -> str:
        """The connection that the scope belongs to."""
        return self.scope.partition("/")[0]


@dataclass(slots=True)
class Changes:
    """Sums by (customer, currency), the accounts to be looked at, the holds that were seen, entries with their accounts
    by key, and the records to be written, with the events behind them. `askers`: the events behind units.

    Written in one order by all: that way no two postings wait in a ring.
    """

    askers: dict[Unit, Asker]
    sums: dict[tuple[str, str], Counter[tuple[date, str]]] = field(default_factory=lambda: defaultdict(Counter))
    posted: set[Posted] = field(default_factory=set)
    looks: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)
    chased: set[str] = field(default_factory=set)
    entries: dict[str, tuple[str | None, Entry, Asker]] = field(default_factory=dict)
    marks: dict[Mark, Asker] = field(default_factory=dict)

    def inherit(self, unit: Unit, others: Iterable[Unit]) -> None:
        """What is behind that unit is behind these, too."""
        for other in others:
            self.askers[other] = self.askers.get(other, Asker()).then(self.askers.get(unit, Asker()))

    def wish(self, unit: Unit, marks: Iterable[Mark]) -> None:
        """Have records written because of that unit."""
        asker = self.askers.get(unit, Asker())
        for mark in marks:
            self.marks[mark] = self.marks.get(mark, asker).then(asker)

    def move(self, customer: str, currency: str, old: Postings, new: Postings) -> None:
        """A row's postings of that customer have changed."""
        for slot, amount in difference(old, new).items():
            self.sums[customer, currency][slot] += amount

    def tell(self, account: str | None, entry: Entry, asker: Asker | None = None) -> None:
        """Put something on the account's timeline; without one it waits until its customer is linked."""
        self.entries[entry.key] = (account, entry, asker or Asker())

    def write(self, conn: Connection, urgency: Priority) -> None:
        """Move the sums and have the records written."""
        ledger.add_sums(conn, {of: {slot: n for slot, n in moved.items() if n} for of, moved in self.sums.items()})
        reviews.posted(conn, self.posted)
        reviews.want(conn, self.looks)
        holds.doubt(conn, self.marked, self.chased)
        for key, (account, entry, asker) in sorted(self.entries.items(), key=itemgetter(0)):
            if timeline.add(conn, account, entry) and account is not None:
                self.marks[Mark("activity", key, account, Priority.BACKGROUND)] = asker
        urged = {replace(mark, priority=max(mark.priority, urgency)): asker for mark, asker in self.marks.items()}
        records.mark_for(conn, urged)

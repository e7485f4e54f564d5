"""Is what stands in Salesforce what the ledger says? A walk through all of it, field by field, that mends what is not.

Salesforce is read page by page in the order of its ids; each page is compared with what its records should say, as of
one moment of the ledger after it was read. What was written since the page was read, or is about to be, is no drift.
At the end, what we wrote and the walk did not meet is missing. Mending is a wish to write like any other, only less
urgent; nothing is deleted here.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, Engine

from sync.core.budget import Priority
from sync.db import books, drift, links, records
from sync.db.drift import Walk
from sync.db.records import Mark, RecordKey
from sync.pipeline.differences import Scales, Told, differences, rounded, said
from sync.pipeline.publish import Org, Publishing

log = structlog.get_logger()

KINDS = {
    "AR_Summary__c": ("summary",),
    "AR_Invoice__c": ("invoice",),
    "AR_Payment__c": ("payment", "refund"),
    "AR_Activity__c": ("activity",),
}
OBJECTS = (*KINDS, "Account")
_PAGE = 2_000  # records that are looked for at once
_NAMED = 20  # strange keys that are named in a report; beyond, they are counted


class OrgBooks(Scales, Protocol):
    """What a comparison reads of Salesforce. Everything raises OrgAwayError."""

    def pages(self, object_name: str) -> Iterator[Mapping[RecordKey, Told]]:
        """Every row of ours of an object, page by page, in the order of their ids."""

    def accounts(self, ids: Sequence[str]) -> Mapping[RecordKey, Told]:
        """The fields of these accounts that a figure is written to; an account that is gone is left out."""


@dataclass(slots=True)
class Drift:
    """What was found of one object. `strange`: keys that look like ours and that the ledger does not know.

    `left_over`: rows that had been removed for their age and are there again.
    """

    compared: int = 0
    different: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    left_over: int = 0
    strange: int = 0
    strange_keys: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        """How many rows were not as they should be."""
        return self.different + self.missing + self.left_over + self.strange

    def in_words(self) -> str:
        """One line for a person."""
        parts = [f"{self.different} different ({', '.join(sorted(self.fields))})"] if self.different else []
        parts += [f"{self.missing} missing"] if self.missing else []
        parts += [f"{self.left_over} there again after they were removed"] if self.left_over else []
        parts += [f"{self.strange} strange ({', '.join(self.strange_keys)})"] if self.strange else []
        return ", ".join(parts) or "as it should be"

    def packed(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "compared": self.compared,
            "different": self.different,
            "fields": dict(self.fields),
            "missing": self.missing,
            "left_over": self.left_over,
            "strange": self.strange,
            "strange_keys": self.strange_keys,
        }


Note = Callable[[str, int], None]  # of each page: object, rows


def compare(
    engine: Engine,
    org: Org,
    how: Publishing,
    inside: OrgBooks,
    note: Note,
    *,
    dry: bool = False,
    only: Sequence[str] = OBJECTS,
) -> dict[str, Drift]:
    """Compare everything that stands in Salesforce (in these objects), and have what differs written again, unless
    `dry`.

    Raises OrgAwayError; what was found until then is already being mended.
    """
    with Walk(engine) as walk:
        work = _Comparison(engine, org, how, inside, walk, note, dry)
        return {name: work.of_object(name) if name in KINDS else work.of_accounts() for name in only}


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One comparison under way."""

    engine: Engine
    org: Org
    how: Publishing
    inside: OrgBooks
    walk: Walk
    note: Note
    dry: bool

    def of_object(self, name: str) -> Drift:
        """Everything of one object: what is there, then what is not."""
        found = Drift()
        pages = self.inside.pages(name)
        while True:
            began = self.walk.now()
            told = next(pages, None)
            if told is None:
                break
            self.walk.note(told)
            self._page(told, began, found)
            self.note(name, len(told))
        for kind in KINDS[name]:
            self._absent(kind, found)
        return found

    def of_accounts(self) -> Drift:
        """Our fields on linked accounts."""
        found, last = Drift(), ""
        while ids := self.walk.records("account", last, _PAGE):
            began, last = self.walk.now(), ids[-1]
            self._differing(self.inside.accounts(ids), began, found)
            self.note("Account", len(ids))
        return found

    def _page(self, told: Mapping[RecordKey, Told], began: datetime, found: Drift) -> None:
        self._differing(told, began, found)
        unknown = self.walk.strange(told)
        with self.engine.begin() as conn:
            known = _known(conn, unknown)
            if not self.dry:
                records.mark(conn, known)
        mended = {(mark.kind, mark.key) for mark in known}
        strange = [key for kind, key in unknown if (kind, key) not in mended]
        found.different += len(mended)
        found.strange += len(strange)
        found.strange_keys += strange[: _NAMED - len(found.strange_keys)]
        if back := self._back_again(told):
            found.left_over += len(back)
            if not self.dry:
                with self.engine.begin() as conn:
                    drift.adopt(conn, back)

    def _differing(self, told: Mapping[RecordKey, Told], began: datetime, found: Drift) -> None:
        found.compared += len(told)
        wrong: list[RecordKey] = []
        for item in differences(self.engine, self.org, self.how, told):
            fields = [name for name in item.changes if not rounded(item.kind, name, *item.changes[name], self.inside)]
            if fields and (item.written_at is None or item.written_at < began):
                wrong.append((item.kind, item.key))
                found.fields.update(fields)
                log.info("differs", record=item.key, kind=item.kind, fields=sorted(fields))
        found.different += len(wrong)
        self._mend(wrong)

    def _back_again(self, told: Mapping[RecordKey, Told]) -> list[RecordKey]:
        """Rows that stand there although we take them to be removed, and that we would not write today."""
        candidates = self.walk.left_over(told)
        with self.engine.connect() as conn:
            rows = records.quiet(conn, candidates) if candidates else []
        return [
            (item.record.kind, item.record.key)
            for item in said(self.engine, self.org, self.how, rows)
            if item.row is None and not item.elsewhere
        ]

    def _absent(self, kind: str, found: Drift) -> None:
        """What we wrote, would still write, and did not meet."""
        last = ""
        while rows := self.walk.absent(kind, last, _PAGE):
            last = rows[-1].key
            items = said(self.engine, self.org, self.how, rows)
            gone = [
                (item.record.kind, item.record.key)
                for item in items
                if item.row is not None and not item.problem and not item.elsewhere
            ]
            found.missing += len(gone)
            self._mend(gone)

    def _mend(self, keys: Collection[RecordKey]) -> None:
        if keys and not self.dry:
            with self.engine.begin() as conn:
                records.rewrite(conn, keys, Priority.BACKGROUND)


def _known(conn: Connection, keys: Sequence[RecordKey]) -> set[Mark]:
    """Wishes to write those rows of unknown origin whose keys the ledger does know."""
    marks: set[Mark] = set()
    of: dict[str, list[str]] = {}
    for kind, key in keys:
        of.setdefault(kind, []).append(key)
    loaders = (("invoice", books.invoices), ("payment", books.payments), ("refund", books.refunds))
    for kind, load in loaders:
        rows = load(conn, of[kind]) if kind in of else {}
        marks |= {Mark(kind, key, row.account, Priority.BACKGROUND) for key, row in rows.items() if row.account}
    accounts = {key.rpartition(":")[0] for key in of.get("summary", ())}
    linked = {row.account for row in links.customers_of(conn, accounts)} if accounts else set()
    for key in of.get("summary", ()):
        account = key.rpartition(":")[0]
        if account in linked:
            marks.add(Mark("summary", key, account, Priority.BACKGROUND))
    return marks

"""Accounts as Salesforce has them: their names and currencies, and what became of those deleted or merged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine

from sync.core.linking import AccountCard, LinkSource
from sync.db import crm, links, records
from sync.db.links import AccountRow
from sync.db.records import Mark
from sync.pipeline.belonging import relink

log = structlog.get_logger()

MAX_AGE_S = 86_400.0  # names and currencies of accounts are read again after a day


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as read; `merged_into` names the one that took it over."""

    account: AccountRow
    merged_into: str | None = None


@dataclass(eq=False)
class OrgAwayError(Exception):
    """Salesforce answers nothing now: no connection, no login, no budget. What waits for it goes on waiting."""

    code: str
    reason: str
    fix: str
    retry_after_s: float

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}" + (f" ({self.fix})" if self.fix else "")


class AccountReader(Protocol):
    """What is asked of Salesforce about accounts. Everything raises OrgAwayError."""

    def accounts(self, ids: Sequence[str]) -> list[AccountState]:
        """These accounts, deleted and merged ones included; one that does not exist is left out."""

    def accounts_holding(self, field: str, values: Sequence[str]) -> list[tuple[str, str]]:
        """Accounts whose field holds one of the values: (value, account id)."""

    def accounts_like(self, names: Sequence[str], domains: Sequence[str], ids: Sequence[str] = ()) -> list[AccountCard]:
        """Accounts of these names, web domains or ids."""

    def search_accounts(self, text: str, limit: int) -> list[AccountCard]:
        """Accounts whose name or website a person may mean by a text, or whose id it is; answers soon or not at all."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The accounts asked for, by id; those that are gone say so."""

    accounts: dict[str, AccountRow]


def settle_accounts(engine: Engine, org: AccountReader, ids: Iterable[str]) -> Settled:
    """Know these accounts, reading those not read lately. Customers of a merged one follow it to where it went."""
    wanted = sorted(ids)
    with engine.connect() as conn:
        known = links.known_accounts(conn, wanted, MAX_AGE_S)
    unknown = [name for name in wanted if name not in known]
    if not unknown:
        return Settled(known)
    found = {state.account.id: state for state in org.accounts(unknown)}
    rows = [found[name].account if name in found else AccountRow(name, name, gone=True) for name in unknown]
    with engine.begin() as conn:
        links.put_accounts(conn, rows)
        moved = [(name, state.merged_into) for name, state in sorted(found.items()) if state.merged_into]
        records.mark(conn, {mark for merged, into in moved for mark in _follow(conn, merged, into)})
    return Settled(known | {row.id: row for row in rows})


def _follow(conn: Connection, merged: str, into: str) -> set[Mark]:
    marks: set[Mark] = set()
    crm.move_account(conn, merged, into)
    for row in links.customers_of(conn, [merged]):
        marks |= relink(conn, row.key, into, LinkSource.MERGE)
        log.info("link follows merged account", customer=row.key, account=into)
    return marks

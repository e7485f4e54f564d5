"""Doing many decisions about customers: looking at every line first, then one transaction each, in slices.

Nothing is done that was not shown: a line whose customer stands otherwise than when it was looked at is left out, and
that is told. Accounts are asked for many at a time, so a file of 50,000 lines costs Salesforce a few calls.
"""

from collections.abc import Callable

from sqlalchemy import Connection, Engine

from sync.core.link_file import Judged, Line, LineError, Verdict, judge, wished
from sync.core.linking import Decision, LinkSource, Standing, Verb
from sync.db import links, matching, plans
from sync.db.links import AccountRow
from sync.db.tables import AnyRow
from sync.pipeline.accounts import AccountReader
from sync.pipeline.link import Decider, LinkError, MeanwhileError, decide, find_accounts

LOOK = 2_000  # lines looked at together
DO = 100  # lines whose accounts are asked for together

Accounts = tuple[dict[str, AccountRow], dict[str, str]]
_NOTHING: Accounts = ({}, {})


def look(engine: Engine, org: Callable[[], AccountReader], plan: int, proceed: Callable[[], bool]) -> bool:
    """Judge the lines of a plan while there is time. True once all are judged. Raises OrgAwayError.

    `org` is called only if a line names an account.
    """
    while proceed():
        with engine.connect() as conn:
            rows = plans.to_judge(conn, plan, LOOK)
            now = plans.standings(conn, {row.customer for row in rows})
        if not rows:
            return True
        lines = [Line(row.n, row.customer, row.wish, row.reason or "") for row in rows]
        wanted = sorted({account for line in lines if (account := _account(line)) and line.customer in now})
        accounts = find_accounts(org(), wanted) if wanted else _NOTHING
        with engine.begin() as conn:
            plans.judged(conn, plan, [_judged(line, now.get(line.customer), accounts) for line in lines])
    return False


def _account(line: Line) -> str | None:
    """The account that a line names, if it names one."""
    try:
        decision = wished(line)
    except LineError:
        return None
    return decision.account if decision else None


def _judged(line: Line, now: Standing | None, accounts: Accounts) -> dict[str, object]:
    account = _account(line)
    found: Judged = judge(line, now, accounts[1].get(account or ""))
    named = accounts[0].get(account or "")
    return {
        "n_": line.n,
        "verdict": found.verdict,
        "words": found.words,
        "account": account,
        "account_name": named.name if named else None,
        "was_account": now.account if now else None,
        "was_source": now.source if now else None,
    }


def carry_out(
    engine: Engine,
    org: Callable[[], AccountReader],
    plan: AnyRow,
    by: Decider,
    after: int,
    proceed: Callable[[], bool],
) -> tuple[int, bool]:
    """Do the lines of a plan after that number while there is time. Returns the last one, and whether that was all.

    Raises OrgAwayError.
    """
    while proceed():
        with engine.connect() as conn:
            rows = plans.to_do(conn, plan.id, after, DO, moves=plan.moves)
        if not rows:
            with engine.begin() as conn:
                plans.leave_rest(conn, plan.id, "it belongs to an account already, and changing such was not confirmed")
            return after, True
        wanted = sorted({row.account for row in rows if row.account})
        _, problems = find_accounts(org(), wanted) if wanted else _NOTHING
        for row in rows:
            _do(engine, plan, row, by, problems.get(row.account or ""))
            after = row.n
            if not proceed():
                break
    return after, False


def _do(engine: Engine, plan: AnyRow, row: AnyRow, by: Decider, problem: str | None) -> None:
    """Do one line, or say why not."""
    expected = Standing(row.was_account, LinkSource(row.was_source) if row.was_source else None)
    try:
        with engine.begin() as conn:
            if not plans.lock_line(conn, plan.id, row.n):
                return
            if plan.source == plans.EXACT:
                _require_exact(conn, row)
            _require_account(problem)
            decide(conn, row.customer, _decision(row), by, expected)
            plans.ended(conn, plan.id, row.n, plans.DONE)
    except LinkError as error:
        with engine.begin() as conn:
            plans.ended(conn, plan.id, row.n, plans.LEFT_OUT, str(error))


def _require_account(problem: str | None) -> None:
    if problem:
        raise LinkError(problem)


def _require_exact(conn: Connection, row: AnyRow) -> None:
    """What was accepted as exact must be so still; raises MeanwhileError."""
    now = links.get(conn, row.customer)
    undecided = now is not None and now.account is None and now.link_source is None
    if undecided and not matching.is_exact(conn, row.customer, row.account):
        raise MeanwhileError("it is not exact any more: something speaks for another account as well, or nothing does")


def _decision(row: AnyRow) -> Decision:
    verb = {Verdict.UNLINK: Verb.UNLINK, Verdict.NOT_OURS: Verb.NOT_OURS}.get(Verdict(row.verdict), Verb.LINK)
    return Decision(verb, row.account, row.reason)

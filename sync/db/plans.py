"""Decisions about many customers, kept line by line from the moment they were asked for until each has an outcome.

A line's outcome is written in the transaction that does it, so whatever is killed in between goes on with the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, text, update

from sync.core.link_file import ACTS, Line, Verdict
from sync.core.linking import LinkSource, Standing
from sync.db.admin_tables import link_line, link_plan
from sync.db.tables import AnyRow, account, customer

FILE, EXACT = "file", "exact"
DONE, LEFT_OUT = "done", "left out"
KEPT_DAYS = 30

_CHANGES_LINKED = link_line.c.verdict.in_(list(ACTS)) & link_line.c.was_account.is_not(None)


def add(conn: Connection, source: str, name: str, by: str, subject: str) -> int:
    """Begin a plan; its number. Plans that are long past are forgotten."""
    old = select(link_plan.c.id).where(link_plan.c.made_at < func.now() - text(f"interval '{KEPT_DAYS} days'"))
    conn.execute(delete(link_line).where(link_line.c.plan.in_(old)))
    conn.execute(delete(link_plan).where(link_plan.c.id.in_(old)))
    made = insert(link_plan).values(source=source, name=name, made_by=by, subject=subject).returning(link_plan.c.id)
    return int(conn.execute(made).scalar_one())


def add_lines(conn: Connection, plan: int, lines: Sequence[Line], wrong: Mapping[int, str]) -> None:
    """The lines of a file; `wrong`: what is wrong with some, by number. Over-long cells are cut, and told by then."""
    rows = [
        {
            "plan": plan,
            "n": line.n,
            "customer": line.customer,
            "wish": line.wish,
            "reason": line.reason or None,
            "verdict": Verdict.ERROR if line.n in wrong else None,
            "words": wrong.get(line.n),
        }
        for line in lines
    ]
    if rows:
        conn.execute(insert(link_line), rows)


def add_links(conn: Connection, plan: int, pairs: Iterable[tuple[str, str]]) -> None:
    """Lines that link open customers, ready to be done."""
    rows = [
        {"plan": plan, "n": n, "customer": key, "wish": to, "account": to, "verdict": Verdict.LINK}
        for n, (key, to) in enumerate(pairs, start=1)
    ]
    conn.execute(insert(link_line), rows)


def get(conn: Connection, plan: int) -> AnyRow | None:
    """A plan; None if there is no such, or it is forgotten."""
    return conn.execute(select(link_plan).where(link_plan.c.id == plan)).first()


def latest(conn: Connection, limit: int) -> Sequence[AnyRow]:
    """The newest plans."""
    return conn.execute(select(link_plan).order_by(link_plan.c.id.desc()).limit(limit)).all()


def checked_by(conn: Connection, plan: int, work: int) -> None:
    """Which work looks at the lines."""
    conn.execute(update(link_plan).where(link_plan.c.id == plan).values(check_work=work))


def begin(conn: Connection, plan: int, *, moves: bool) -> bool:
    """Take the plan to be done. False if somebody has done so already."""
    free = (link_plan.c.id == plan) & link_plan.c.apply_work.is_(None)
    return conn.execute(update(link_plan).where(free).values(apply_work=0, moves=moves)).rowcount == 1


def applied_by(conn: Connection, plan: int, work: int) -> None:
    """Which work does the lines."""
    conn.execute(update(link_plan).where(link_plan.c.id == plan).values(apply_work=work))


@dataclass(frozen=True, slots=True)
class Sums:
    """How many lines there are of each verdict and outcome. `linked`: to be changed although they have an account."""

    verdicts: Mapping[Verdict, int]
    unjudged: int
    linked: int
    done: int
    left_out: int

    @property
    def total(self) -> int:
        """All lines."""
        return sum(self.verdicts.values()) + self.unjudged

    @property
    def to_do(self) -> int:
        """Lines that change something."""
        return sum(self.verdicts.get(verdict, 0) for verdict in ACTS)


def sums(conn: Connection, plan: int) -> Sums:
    """Count its lines."""
    counted = (
        func.count().label("number"),
        func.count().filter(_CHANGES_LINKED).label("linked"),
        func.count().filter(link_line.c.outcome == DONE).label("done"),
        func.count().filter(link_line.c.outcome == LEFT_OUT).label("left_out"),
    )
    grouped = select(link_line.c.verdict, *counted).where(link_line.c.plan == plan).group_by(link_line.c.verdict)
    rows = conn.execute(grouped).all()
    return Sums(
        verdicts={Verdict(row.verdict): row.number for row in rows if row.verdict},
        unjudged=sum(row.number for row in rows if not row.verdict),
        linked=sum(row.linked for row in rows),
        done=sum(row.done for row in rows),
        left_out=sum(row.left_out for row in rows),
    )


def page(conn: Connection, plan: int, which: str, *, offset: int, limit: int) -> tuple[int, Sequence[AnyRow]]:
    """How many lines there are of a verdict or an outcome ("" for all), and some of them, with names."""
    sort = or_(link_line.c.verdict == which, link_line.c.outcome == which) if which else link_line.c.n > 0
    chosen = and_(link_line.c.plan == plan, sort)
    total = conn.execute(select(func.count()).where(chosen)).scalar_one()
    lines = select(link_line).where(chosen).order_by(link_line.c.n).offset(offset).limit(limit).subquery()
    named = (
        select(lines, customer.c.name, account.c.name.label("was_account_name"))
        .outerjoin(customer, customer.c.key == lines.c.customer)
        .outerjoin(account, account.c.id == lines.c.was_account)
    )
    return total, conn.execute(named.order_by(lines.c.n)).all()


def to_judge(conn: Connection, plan: int, limit: int) -> Sequence[AnyRow]:
    """The next lines that nobody has looked at."""
    waiting = select(link_line).where(link_line.c.plan == plan, link_line.c.verdict.is_(None))
    return conn.execute(waiting.order_by(link_line.c.n).limit(limit)).all()


def standings(conn: Connection, keys: Iterable[str]) -> dict[str, Standing]:
    """How the links of these customers stand; unknown ones are left out."""
    found = select(customer.c.key, customer.c.account, customer.c.link_source).where(customer.c.key.in_(list(keys)))
    return {
        row.key: Standing(row.account, LinkSource(row.link_source) if row.link_source else None)
        for row in conn.execute(found)
    }


_JUDGED = (
    update(link_line)
    .where(link_line.c.plan == bindparam("plan_"), link_line.c.n == bindparam("n_"))
    .values(
        {name: bindparam(name) for name in ("verdict", "words", "account", "account_name", "was_account", "was_source")}
    )
)


def judged(conn: Connection, plan: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write verdicts down: `n_` and the columns, of each line."""
    if rows:
        conn.execute(_JUDGED, [{"plan_": plan, **row} for row in rows])


def to_do(conn: Connection, plan: int, after: int, limit: int, *, moves: bool) -> Sequence[AnyRow]:
    """The next lines to be done, after that number; those of linked customers only with `moves`."""
    waiting = select(link_line).where(link_line.c.plan == plan, link_line.c.n > after, link_line.c.outcome.is_(None))
    waiting = waiting.where(link_line.c.verdict.in_(list(ACTS)))
    if not moves:
        waiting = waiting.where(link_line.c.was_account.is_(None))
    return conn.execute(waiting.order_by(link_line.c.n).limit(limit)).all()


def lock_line(conn: Connection, plan: int, n: int) -> bool:
    """Take a line to be done in this transaction. False if it has an outcome already."""
    mine = select(link_line.c.outcome).where(link_line.c.plan == plan, link_line.c.n == n).with_for_update()
    return conn.execute(mine).scalar_one() is None


def ended(conn: Connection, plan: int, n: int, outcome: str, told: str | None = None) -> None:
    """What came of a line."""
    line = (link_line.c.plan == plan) & (link_line.c.n == n)
    conn.execute(update(link_line).where(line).values(outcome=outcome, told=told))


def leave_rest(conn: Connection, plan: int, told: str) -> None:
    """Whatever would change something and was not done is left out."""
    rest = (link_line.c.plan == plan) & link_line.c.outcome.is_(None) & link_line.c.verdict.in_(list(ACTS))
    conn.execute(update(link_line).where(rest).values(outcome=LEFT_OUT, told=told))

"""Local members of finance's page: those who sign in with a name and a password of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from sync.db.admin_tables import member, web_session
from sync.db.crm_tables import person
from sync.db.tables import AnyRow


@dataclass(frozen=True, slots=True)
class Member:
    """One of them. `password` is its argon2id hash; `scope`: the Salesforce user whose accounts they see, None: all."""

    name: str
    password: str
    role: str
    scope: str | None
    made_by: str
    made_at: datetime
    disabled_at: datetime | None

    @property
    def enabled(self) -> bool:
        """Whether they may sign in."""
        return self.disabled_at is None


_MEMBER = select(*(member.c[name] for name in Member.__dataclass_fields__))


def get(conn: Connection, name: str, *, lock: bool = False) -> Member | None:
    """The member of that name. `lock`: nobody changes them until the transaction ends."""
    found = _MEMBER.where(member.c.name == name)
    row = conn.execute(found.with_for_update() if lock else found).first()
    return Member(*row) if row else None


def add(conn: Connection, name: str, password: str, role: str, scope: str | None, by: str) -> bool:
    """A new member with the hash of a password; False if there is one of that name."""
    values = {"name": name, "password": password, "role": role, "scope": scope, "made_by": by}
    made = insert(member).values(**values).on_conflict_do_nothing().returning(member.c.name)
    return conn.execute(made).first() is not None


def set_password(conn: Connection, name: str, password: str) -> None:
    """Replace the hash of their password."""
    conn.execute(update(member).where(member.c.name == name).values(password=password))


def renew_hash(conn: Connection, name: str, before: str, after: str) -> None:
    """The same password hashed anew, unless it was changed meanwhile."""
    mine = (member.c.name == name) & (member.c.password == before)
    conn.execute(update(member).where(mine).values(password=after))


def set_role(conn: Connection, name: str, role: str, scope: str | None) -> None:
    """Give them another role."""
    conn.execute(update(member).where(member.c.name == name).values(role=role, scope=scope))


def set_enabled(conn: Connection, name: str, *, enabled: bool) -> None:
    """Let them sign in, or not any more."""
    at = None if enabled else func.clock_timestamp()
    conn.execute(update(member).where(member.c.name == name).values(disabled_at=at))


def lock_enabled(conn: Connection, role: str) -> set[str]:
    """Names of those with a role who may sign in. None of them changes until the transaction ends, so that two people
    who take the role from each other at the same moment do not both succeed.
    """
    found = select(member.c.name).where(member.c.role == role).order_by(member.c.name).with_for_update()
    locked = list(conn.scalars(found))
    still = (member.c.role == role) & member.c.disabled_at.is_(None)
    return set(conn.scalars(select(member.c.name).where(member.c.name.in_(locked), still)))


def anybody(conn: Connection) -> bool:
    """Whether there is any member who may sign in."""
    return conn.execute(select(member.c.name).where(member.c.disabled_at.is_(None)).limit(1)).first() is not None


_SESSIONS = (
    select(func.count())
    .where(web_session.c.subject == "member:" + member.c.name, web_session.c.ends_at > func.now())
    .scalar_subquery()
)
_ORDERS = {"name": member.c.name, "role": member.c.role, "made_at": member.c.made_at}


def page(
    conn: Connection, *, search: str, sort: str, down: bool, offset: int, limit: int
) -> tuple[int, Sequence[AnyRow]]:
    """How many members there are, and some of them, with `owner`: the name of the Salesforce user of their scope."""
    where = member.c.name.icontains(search, autoescape=True) if search else member.c.name.is_not(None)
    total = conn.execute(select(func.count()).select_from(member).where(where)).scalar() or 0
    order = _ORDERS[sort].desc() if down else _ORDERS[sort]
    columns = (*(column for column in member.c if column.name != "password"), person.c.name.label("owner"))
    found = select(*columns, _SESSIONS.label("sessions")).outerjoin(person, person.c.id == member.c.scope)
    rows = conn.execute(found.where(where).order_by(order, member.c.name).offset(offset).limit(limit)).all()
    return total, rows


def everybody(conn: Connection) -> list[Member]:
    """All members by name."""
    return [Member(*row) for row in conn.execute(_MEMBER.order_by(member.c.name))]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody in Salesforce, as read back last."""

    id: str
    name: str
    email: str | None


def users_like(conn: Connection, words: str, limit: int = 20) -> list[User]:
    """Active Salesforce users whose name or address holds these words; who is named exactly so, alone."""
    columns = select(person.c.id, person.c.name, person.c.email).where(person.c.active).order_by(person.c.name)
    exact = (func.lower(person.c.name) == words.lower()) | (func.lower(person.c.email) == words.lower())
    for where in (
        (person.c.id == words) | exact,
        person.c.name.icontains(words, autoescape=True) | person.c.email.icontains(words, autoescape=True),
    ):
        rows = conn.execute(columns.where(where).limit(limit)).all()
        if rows:
            return [User(*row) for row in rows]
    return []


def user(conn: Connection, salesforce_id: str) -> User | None:
    """One Salesforce user; None if we have not read of them."""
    row = conn.execute(select(person.c.id, person.c.name, person.c.email).where(person.c.id == salesforce_id)).first()
    return User(*row) if row else None

"""Who is signed in to finance's page: one row per browser, known by the digest of what stands in its cookie."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, text, update

from sync.db.admin_tables import web_session
from sync.db.records import seconds
from sync.db.tables import AnyRow

IDLE_S = 3_600.0  # without a request for so long, it has ended
LIFE_S = 12 * 3_600.0  # it ends then in any case
_NOTED_S = 60.0  # how exactly the last request is remembered


def digest(text_: str) -> str:
    """What is kept of a token, or of a browser's name."""
    return hashlib.sha256(text_.encode()).hexdigest()


def begin(
    conn: Connection,
    *,
    subject: str,
    name: str,
    role: str,
    scope: str | None,
    agent: str,
    checked: bool = False,
) -> str:
    """A new session; the token for its cookie, which is kept nowhere here.

    `checked`: Salesforce has just said what they may do, and will be asked again (see `renew`).
    """
    token = secrets.token_urlsafe(32)
    values = {"id": digest(token), "subject": subject, "name": name, "role": role, "scope": scope}
    ends = func.clock_timestamp() + seconds("life").bindparams(life=LIFE_S)
    asked = func.clock_timestamp() if checked else None
    conn.execute(delete(web_session).where(web_session.c.ends_at < func.now()))
    conn.execute(insert(web_session).values(**values, agent=digest(agent), ends_at=ends, checked_at=asked))
    return token


def _alive() -> ColumnElement[bool]:
    idle = seconds("idle").bindparams(idle=IDLE_S)
    return and_(web_session.c.ends_at > func.now(), web_session.c.seen_at > func.now() - idle)


_UNCHECKED_S = func.extract("epoch", func.clock_timestamp() - web_session.c.checked_at).label("unchecked_s")


def find(conn: Connection, token: str, agent: str) -> AnyRow | None:
    """The session of a cookie in the browser it was given to; None if it has ended, or was never ours.

    `unchecked_s`: seconds since Salesforce was asked what they may do; None for a local member.
    """
    mine = (web_session.c.id == digest(token)) & (web_session.c.agent == digest(agent))
    found = conn.execute(select(web_session, _UNCHECKED_S).where(mine, _alive())).first()
    if found is not None:
        old = web_session.c.seen_at < func.now() - text(f"interval '{_NOTED_S} seconds'")
        conn.execute(update(web_session).where(mine, old).values(seen_at=func.clock_timestamp()))
    return found


def end(conn: Connection, token: str) -> None:
    """Sign out."""
    conn.execute(delete(web_session).where(web_session.c.id == digest(token)))


def end_all(conn: Connection, subject: str) -> int:
    """Sign somebody out everywhere. Returns how many sessions that were."""
    return conn.execute(delete(web_session).where(web_session.c.subject == subject)).rowcount


def count_of(conn: Connection, subject: str) -> int:
    """In how many browsers somebody is signed in now."""
    found = select(func.count()).select_from(web_session).where(web_session.c.subject == subject, _alive())
    return conn.execute(found).scalar() or 0


def end_one(conn: Connection, session: str) -> AnyRow | None:
    """End one session by its id; who it was, or None if it had ended already."""
    ended = delete(web_session).where(web_session.c.id == session).returning(web_session.c.subject, web_session.c.name)
    return conn.execute(ended).first()


def page(conn: Connection, *, offset: int, limit: int) -> tuple[int, Sequence[AnyRow]]:
    """How many browsers are signed in now, and some of them, the latest seen first."""
    total = conn.execute(select(func.count()).select_from(web_session).where(_alive())).scalar() or 0
    found = select(web_session).where(_alive()).order_by(web_session.c.seen_at.desc(), web_session.c.id)
    return total, conn.execute(found.offset(offset).limit(limit)).all()


# --- people of Salesforce, whose rights are asked for again ----------------------------------------------------------


def unchecked(conn: Connection, older_s: float, limit: int = 1_000) -> list[str]:
    """Subjects with a living session whose rights were last asked for longer ago than so many seconds."""
    old = web_session.c.checked_at < func.now() - seconds("older").bindparams(older=older_s)
    return list(conn.scalars(select(web_session.c.subject).where(old, _alive()).distinct().limit(limit)))


def renew(conn: Connection, subject: str, *, name: str, role: str, scope: str | None) -> None:
    """Salesforce has just said again what they may do."""
    values = {"name": name, "role": role, "scope": scope, "checked_at": func.clock_timestamp()}
    conn.execute(update(web_session).where(web_session.c.subject == subject).values(**values))


def doubt_all(conn: Connection) -> None:
    """Have everybody's rights in Salesforce asked for at their next request."""
    long_ago = func.now() - text("interval '20 minutes'")
    conn.execute(update(web_session).where(web_session.c.checked_at > long_ago).values(checked_at=long_ago))

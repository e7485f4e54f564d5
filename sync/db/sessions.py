"""Who is signed in to finance's page: one row per browser, known by the digest of what stands in its cookie."""

import hashlib
import secrets

from sqlalchemy import Connection, delete, func, insert, select, text, update

from sync.db.admin_tables import web_session
from sync.db.records import seconds
from sync.db.tables import AnyRow

IDLE_S = 3_600.0  # without a request for so long, it has ended
LIFE_S = 12 * 3_600.0  # it ends then in any case
_NOTED_S = 60.0  # how exactly the last request is remembered


def digest(text_: str) -> str:
    """What is kept of a token, or of a browser's name."""
    return hashlib.sha256(text_.encode()).hexdigest()


def begin(conn: Connection, *, subject: str, name: str, role: str, scope: str | None, agent: str) -> str:
    """A new session; the token for its cookie, which is kept nowhere here."""
    token = secrets.token_urlsafe(32)
    values = {"id": digest(token), "subject": subject, "name": name, "role": role, "scope": scope}
    ends = func.clock_timestamp() + seconds("life").bindparams(life=LIFE_S)
    conn.execute(delete(web_session).where(web_session.c.ends_at < func.now()))
    conn.execute(insert(web_session).values(**values, agent=digest(agent), ends_at=ends))
    return token


def find(conn: Connection, token: str, agent: str) -> AnyRow | None:
    """The session of a cookie in the browser it was given to; None if it has ended, or was never ours."""
    alive = (web_session.c.ends_at > func.now()) & (
        web_session.c.seen_at > func.now() - seconds("idle").bindparams(idle=IDLE_S)
    )
    mine = (web_session.c.id == digest(token)) & (web_session.c.agent == digest(agent))
    found = conn.execute(select(web_session).where(mine, alive)).first()
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

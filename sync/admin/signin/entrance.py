"""Beginning and ending a session in the browser that asks.

Whoever signs in gets a new session under a new token, whatever the browser brought along: a cookie that somebody else
has put there is worth nothing afterwards.
"""

from flask import request, session
from sqlalchemy import Connection

from sync.admin.rights import Person, Role
from sync.admin.signin import renew
from sync.admin.signin.local import subject_of
from sync.db import members, sessions
from sync.db.members import Member

TOKEN = "token"  # noqa: S105 - where the session's token stands in Flask's signed cookie


def signed_in() -> Person | None:
    """Whom the browser's session belongs to; None where it has none that lives, which is then forgotten."""
    token = session.get(TOKEN)
    if token is None:
        return None
    found = renew.living(token, request.user_agent.string) if isinstance(token, str) else None
    if found is None:
        session.pop(TOKEN, None)
        return None
    return Person(found.subject, found.name, Role(found.role), found.scope)


def begin(conn: Connection, person: Person, *, checked: bool = False) -> None:
    """Sign somebody in. `checked`: Salesforce has just said what they may do."""
    leave(conn)
    session[TOKEN] = sessions.begin(
        conn,
        subject=person.subject,
        name=person.name,
        role=person.role,
        scope=person.scope,
        agent=request.user_agent.string,
        checked=checked,
    )


def begin_member(conn: Connection, verified: Member) -> bool:
    """Sign a member in whose password was right; False if they were disabled or changed in that very moment."""
    now = members.get(conn, verified.name, lock=True)
    if now is None or not now.enabled or now.password != verified.password:
        return False
    begin(conn, person_of(now))
    return True


def person_of(member: Member) -> Person:
    """A member as whoever calls."""
    return Person(subject_of(member.name), member.name, Role(member.role), member.scope)


def leave(conn: Connection) -> None:
    """Sign out, and forget everything that the browser's cookie held."""
    token = session.get(TOKEN)
    session.clear()
    if isinstance(token, str):
        sessions.end(conn, token)

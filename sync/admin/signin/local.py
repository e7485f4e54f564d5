"""What happens to local members, from the page and from the command line: each is one transaction, and written down."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from sync.admin.access import SEES, role_of, sees_of
from sync.admin.rights import Role
from sync.admin.signin import passwords
from sync.bootstrap import Runtime
from sync.db import audit, members, sessions
from sync.db.members import Member
from sync.settings import Settings, SettingsError

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
NAME_WORDS = "2 to 64 letters a to z, digits and . _ @ + -, such as ann.lee"


class MemberError(ValueError):
    """It cannot be done to that member; the message says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, for the history."""

    name: str
    subject: str


COMMAND_LINE = Actor("command line", "command line")
_ENVIRONMENT = Actor("environment", "environment")


def subject_of(name: str) -> str:
    """How sessions and the history call a member."""
    return f"member:{name}"


def name_of(subject: str) -> str | None:
    """The member whom sessions and the history call so; None if it is nobody of ours."""
    return subject.removeprefix("member:") if subject.startswith("member:") else None


def plain_name(typed: str) -> str | None:
    """A name as it is kept; None if nobody can have it."""
    name = typed.strip().lower()
    return name if _NAME.fullmatch(name) else None


def check(engine: Engine, typed: str, password: str) -> Member | None:
    """The member whose name and password these are; None if nobody's, or if they may not sign in."""
    name = plain_name(typed)
    with engine.connect() as conn:
        found = members.get(conn, name) if name else None
    allowed = found if found and found.enabled else None
    if not passwords.matches(allowed.password if allowed else None, password) or allowed is None:
        return None
    if passwords.stale(allowed.password):
        with engine.begin() as conn:
            members.renew_hash(conn, allowed.name, allowed.password, passwords.hashed(password))
            return members.get(conn, allowed.name)
    return allowed


def ensure_first(run: Runtime) -> None:
    """Have the administrator whom the environment names, with that password. Raises SettingsError."""
    given = run.settings.admin_password
    if given is None:
        return
    name, password = plain_name(run.settings.admin_user), given.get_secret_value()
    if name is None:
        raise SettingsError(f"DUELINE_ADMIN_USER: must be {NAME_WORDS}")
    with run.engine.connect() as conn:
        found = members.get(conn, name)
    if found and found.enabled and found.role == Role.FINANCE and passwords.matches(found.password, password):
        return
    made = passwords.hashed(password)
    with run.engine.begin() as conn:
        if members.add(conn, name, made, Role.FINANCE, None, _ENVIRONMENT.name):
            _note(conn, _ENVIRONMENT, "added a member", name, after=SEES[Role.FINANCE])
            return
        members.set_password(conn, name, made)
        members.set_role(conn, name, Role.FINANCE, None)
        members.set_enabled(conn, name, enabled=True)
        sessions.end_all(conn, subject_of(name))
        _note(conn, _ENVIRONMENT, "renewed the first administrator", name)


def by_environment(settings: Settings, name: str) -> bool:
    """Whether that member's password is what the environment says: changing it here would not last."""
    return settings.admin_password is not None and plain_name(settings.admin_user) == name


def add(engine: Engine, typed: str, sees: str, owner: str | None, actor: Actor) -> tuple[str, str]:
    """A new member's name and password, which nobody can read again. Raises MemberError."""
    name = plain_name(typed)
    if name is None:
        raise MemberError(f"a name is {NAME_WORDS}")
    role, scope = role_of(sees, owner)
    password = passwords.generated()
    with engine.begin() as conn:
        if not members.add(conn, name, passwords.hashed(password), role, scope, actor.name):
            raise MemberError(f"there is a member “{name}” already: choose another name")
        _note(conn, actor, "added a member", name, after=in_words(conn, role, scope))
    return name, password


def new_password(engine: Engine, name: str, actor: Actor) -> str:
    """Another password for a member, who is signed out everywhere. Raises MemberError."""
    password = passwords.generated()
    made = passwords.hashed(password)
    with engine.begin() as conn:
        _locked(conn, name)
        members.set_password(conn, name, made)
        sessions.end_all(conn, subject_of(name))
        _note(conn, actor, "gave a member a new password", name)
    return password


def change_own(engine: Engine, name: str, password: str) -> None:
    """Another password as its owner chose it; they are signed out everywhere else too."""
    made = passwords.hashed(password)
    with engine.begin() as conn:
        _locked(conn, name)
        members.set_password(conn, name, made)
        sessions.end_all(conn, subject_of(name))
        _note(conn, Actor(name, subject_of(name)), "changed their own password", name)


def set_role(engine: Engine, name: str, sees: str, owner: str | None, actor: Actor) -> None:
    """Give a member another role; they sign in again with it. Raises MemberError."""
    role, scope = role_of(sees, owner)
    with engine.begin() as conn:
        staying = members.lock_enabled(conn, Role.FINANCE)
        before = _locked(conn, name)
        if (before.role, before.scope) == (role, scope):
            return
        if role != Role.FINANCE:
            _keep_finance(staying, name, actor, "has another role")
        members.set_role(conn, name, role, scope)
        sessions.end_all(conn, subject_of(name))
        told = in_words(conn, before.role, before.scope), in_words(conn, role, scope)
        _note(conn, actor, "changed a member's role", name, *told)


def disable(engine: Engine, name: str, actor: Actor) -> None:
    """Let a member in no more, from this moment on. Raises MemberError."""
    with engine.begin() as conn:
        staying = members.lock_enabled(conn, Role.FINANCE)
        if not _locked(conn, name).enabled:
            return
        _keep_finance(staying, name, actor, "is disabled")
        members.set_enabled(conn, name, enabled=False)
        sessions.end_all(conn, subject_of(name))
        _note(conn, actor, "disabled a member", name)


def enable(engine: Engine, name: str, actor: Actor) -> None:
    """Let a member in again. Raises MemberError."""
    with engine.begin() as conn:
        if not _locked(conn, name).enabled:
            members.set_enabled(conn, name, enabled=True)
            _note(conn, actor, "enabled a member", name)


def sign_out(engine: Engine, name: str, actor: Actor) -> int:
    """End a member's sessions in every browser; how many there were. Raises MemberError."""
    with engine.begin() as conn:
        _locked(conn, name)
        ended = sessions.end_all(conn, subject_of(name))
        _note(conn, actor, "signed a member out everywhere", name)
    return ended


def in_words(conn: Connection, role: str, scope: str | None) -> str:
    """What a role and a scope let somebody see."""
    if scope is None:
        return SEES[role]
    owner = members.user(conn, scope)
    return f"Viewer: reads the receivables of accounts of {owner.name if owner else scope}"


def sees(member: Member) -> str:
    """The key of SEES that a member is."""
    return sees_of(member.role, member.scope)


def _locked(conn: Connection, name: str) -> Member:
    found = members.get(conn, name, lock=True)
    if found is None:
        raise MemberError(f"there is no member “{name}”")
    return found


def _keep_finance(staying: set[str], name: str, actor: Actor, what: str) -> None:
    """Somebody must be left who can let others in; and nobody locks themselves out by mistake."""
    if actor.subject == subject_of(name):
        raise MemberError("you cannot take your own role away: ask somebody else of finance")
    if staying == {name}:
        raise MemberError(f"{name} is the last member of finance: make somebody else one before {name} {what}")


def _note(
    conn: Connection, actor: Actor, action: str, name: str, before: str | None = None, after: str | None = None
) -> None:
    audit.add(conn, by=actor.name, subject=actor.subject, action=action, what=name, before=before, after=after)

"""`dueline admin`: the local members of finance's page, from the machine it runs on."""

import contextlib
from collections.abc import Iterator

import click

from sync.admin.access import OWN
from sync.admin.rights import Role
from sync.admin.signin import local
from sync.bootstrap import Runtime, runtime
from sync.db import members


@click.group()
def admin() -> None:
    """Local members of finance's page: those who sign in with a name and a password."""


@admin.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True, help="What they may do.")
@click.option("--accounts-of", metavar="USER", help="Viewers: see accounts of this Salesforce user (id, name) only.")
def add(name: str, role: str, accounts_of: str | None) -> None:
    """Add NAME; the password is printed once, and kept nowhere."""
    run = runtime()
    if accounts_of and role != Role.VIEWER:
        raise click.UsageError("--accounts-of is for viewers: finance and operators see every account")
    owner = _user(run, accounts_of) if accounts_of else None
    with _told():
        made, password = local.add(run.engine, name, OWN if owner else role, owner, local.COMMAND_LINE)
    click.echo(f"{made} may sign in with the password {password}")


@admin.command()
@click.argument("name")
def password(name: str) -> None:
    """Give NAME a new password, printed once, and sign them out everywhere."""
    run = runtime()
    known = local.plain_name(name) or name
    if local.by_environment(run.settings, known):
        raise click.ClickException(f"the password of {known} is what DUELINE_ADMIN_PASSWORD says: change it there")
    with _told():
        made = local.new_password(run.engine, known, local.COMMAND_LINE)
    click.echo(f"{known} may sign in with the password {made}")


@admin.command("list")
def everybody() -> None:
    """Who is a member, with role and state."""
    run = runtime()
    with run.engine.connect() as conn:
        found = members.everybody(conn)
        for each in found:
            state = "" if each.enabled else "  disabled"
            click.echo(f"{each.name:24} {local.in_words(conn, each.role, each.scope)}{state}")
    if not found:
        click.echo("nobody yet: dueline admin add NAME --role finance")


def _user(run: Runtime, typed: str) -> str:
    with run.engine.connect() as conn:
        found = members.users_like(conn, typed)
    if len(found) == 1:
        return found[0].id
    if not found:
        raise click.ClickException(f"no active Salesforce user “{typed}” has been read: give the id, name or address")
    several = ", ".join(f"{user.name} ({user.id})" for user in found)
    raise click.ClickException(f"several Salesforce users are like “{typed}”: {several}; give the id")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What cannot be done is one line."""
    try:
        yield
    except local.MemberError as error:
        raise click.ClickException(str(error)) from error

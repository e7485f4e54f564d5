"""Commands for a person's decisions: which Salesforce account a billing customer belongs to."""

import click

from sync.bootstrap import runtime
from sync.db import matching
from sync.pipeline.link import link_by_person

_LISTED = 500


@click.command()
@click.argument("customer", required=False)
@click.argument("account", required=False)
@click.option("--list", "listing", is_flag=True, help="Customers without an account, with suggestions.")
def link(customer: str | None, account: str | None, *, listing: bool) -> None:
    """Link a billing CUSTOMER (connection:cus_...) to a Salesforce ACCOUNT (its id), with its whole history."""
    run = runtime()
    if listing:
        with run.engine.connect() as conn:
            _, rows = matching.page(conn, matching.Wanted(), run.calendar.today(), offset=0, limit=_LISTED)
        for row in rows:
            _show(row)
        if not rows:
            click.echo("every customer has an account")
        return
    if not customer or not account:
        raise click.UsageError("give CUSTOMER and ACCOUNT, or --list")
    full = link_by_person(run.engine, run.org, customer, account)
    run.bell.ring_now("salesforce")
    click.echo(f"{customer} belongs to account {full}")


def _show(row: matching.Listed) -> None:
    """One customer, and the commands that would link it to those it may belong to."""
    owed = ", ".join(str(money) for money in row.debt.owed)
    click.echo(f"{row.key}  {row.name or ''} <{row.email or 'no address'}>" + (f"  owes {owed}" if owed else ""))
    if row.problem:
        click.echo(f"    {row.problem}")
    for hint in row.hints:
        told = ", ".join(hint.words(row.domain))
        click.echo(f"    {told}: {hint.account_name}   dueline link {row.key} {hint.account}")


@click.command()
@click.argument("customer")
def unlink(customer: str) -> None:
    """Take a billing CUSTOMER's link back; its records are let go of in Salesforce."""
    run = runtime()
    link_by_person(run.engine, run.org, customer, None)
    run.bell.ring_now("salesforce")
    click.echo(f"{customer} belongs to no account")

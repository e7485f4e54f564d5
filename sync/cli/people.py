"""Commands for a person's decisions: which Salesforce account a billing customer belongs to."""

import click
from rich.console import Console
from rich.table import Table

from sync.bootstrap import runtime
from sync.db import links
from sync.pipeline.link import link_by_person


@click.command()
@click.argument("customer", required=False)
@click.argument("account", required=False)
@click.option("--list", "listing", is_flag=True, help="Customers without an account, with suggestions.")
def link(customer: str | None, account: str | None, *, listing: bool) -> None:
    """Link a billing CUSTOMER (connection:cus_...) to a Salesforce ACCOUNT (its id), with its whole history."""
    run = runtime()
    if listing:
        with run.engine.connect() as conn:
            rows = links.unlinked(conn, 500)
        table = Table("customer", "name", "email", "owes (minor units)", "suggestions", "problem")
        for row in rows:
            table.add_row(row.key, row.name or "", row.email or "", row.owed, row.hints or "", row.link_problem or "")
        Console().print(table)
        return
    if not customer or not account:
        raise click.UsageError("give CUSTOMER and ACCOUNT, or --list")
    full = link_by_person(run.engine, run.org, customer, account)
    run.bell.ring_now("salesforce")
    click.echo(f"{customer} belongs to account {full}")


@click.command()
@click.argument("customer")
def unlink(customer: str) -> None:
    """Take a billing CUSTOMER's link back; its records are let go of in Salesforce."""
    run = runtime()
    link_by_person(run.engine, run.org, customer, None)
    run.bell.ring_now("salesforce")
    click.echo(f"{customer} belongs to no account")

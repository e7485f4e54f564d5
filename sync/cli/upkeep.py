"""Commands for the engineer who runs it: look, mend, read everything again."""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sync import logs
from sync.bootstrap import Runtime, runtime
from sync.cli.serve import require_connection
from sync.db import health, inbox, upkeep
from sync.pipeline import backfill as walk
from sync.settings import SettingsError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(*, as_json: bool) -> None:
    """How things stand: what waits, what is parked and why, how fresh Salesforce is."""
    run = runtime()
    with run.engine.connect() as conn:
        found = health.read(conn)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), default=str))
        return
    console = Console()
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in dataclasses.asdict(found).items():
        if name != "problems":
            table.add_row(name.replace("_", " "), "-" if value is None else str(value))
    console.print(table)
    for problem in found.problems:
        console.print(
            f"\n[bold]{problem['count']} x {problem['code']}[/bold] {problem['reason']}\n  → {problem['fix']}"
        )


@click.command()
@click.argument("events", nargs=-1)
@click.option("--parked", is_flag=True, help="Everything parked: events and records.")
def replay(events: tuple[str, ...], *, parked: bool) -> None:
    """Process events again (by their id), or everything that is parked."""
    if bool(events) == parked:
        raise click.UsageError("give event ids, or --parked")
    run = runtime()
    with run.engine.begin() as conn:
        rows = inbox.replay(conn, events=events, parked=parked)
        again = upkeep.retry_parked(conn) if parked else 0
    for queue in ("ledger", "salesforce"):
        run.bell.ring_now(queue)
    click.echo(f"{rows} events and {again} records will be tried again")
    if events and rows < len(events):
        raise click.ClickException(f"{len(events) - rows} of these events are not in the inbox")


@click.command()
@click.argument("connection")
@click.option("--restart", is_flag=True, help="From the beginning, not from where the last run stopped.")
def backfill(connection: str, *, restart: bool) -> None:
    """Read everything that a billing system holds into the ledger."""
    run = _configured()
    provider = _readable(run, connection)
    if restart:
        walk.restart(run.engine, connection)
    with _progress() as note:
        found = walk.backfill(run.engine, run.ingest, run.billing.pages, connection, provider, note)
    _report(found, connection)


@click.command()
@click.argument("connection", required=False)
@click.option("--days", type=click.IntRange(min=1), help="Only what was created in the last so many days.")
def reconcile(connection: str | None, days: int | None) -> None:
    """Compare the ledger with the billing system, mend what differs, report it."""
    run = _configured()
    names = [connection] if connection else sorted(run.billing.names)
    since = int(time.time()) - days * 86_400 if days else None
    for name in names:
        provider = _readable(run, name)
        with _progress() as note:
            found = walk.reconcile(run.engine, run.ingest, run.billing.pages, name, provider, note, since=since)
        _report(found, name)


@click.command()
def doctor() -> None:
    """Check the org and the billing systems before go-live; each finding comes with its fix."""
    from sync.cli.doctor import examine

    findings = examine(_configured())
    console = Console()
    for finding in findings:
        sign = "[green]ok[/green]  " if finding.ok else "[red]FIX[/red] "
        console.print(f"{sign} {finding.area}: {finding.what}" + ("" if finding.ok else f"\n      → {finding.fix}"))
    wrong = sum(not finding.ok for finding in findings)
    if wrong:
        raise click.ClickException(f"{wrong} of {len(findings)} checks need attention")


def _configured() -> Runtime:
    run = runtime()
    logs.configure("WARNING")
    return run


def _readable(run: Runtime, connection: str) -> str:
    provider = require_connection(run, connection)
    if connection not in run.billing.names:
        raise SettingsError(
            f"connection {connection!r} has no API key: set DUELINE_STRIPE__{connection.upper()}__API_KEY"
        )
    return provider


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, object] = {}

        def note(kind: str, count: int) -> None:
            if kind not in tasks:
                tasks[kind] = bar.add_task(f"{kind}s", total=None)
            bar.advance(tasks[kind], count)  # type: ignore[arg-type]

        yield note


def _report(found: walk.Walked, connection: str) -> None:
    click.echo(f"{connection}: {found.read} objects read, {found.drift} were not as the billing system has them")
    for what, counts in (("missing", found.missing), ("different", found.different), ("unreadable", found.unreadable)):
        for kind, count in sorted(counts.items()):
            click.echo(f"  {what} {kind}: {count}")
    if found.unreadable:
        raise click.ClickException(f"{found.unreadable.total()} objects have a shape that is not known")

"""Commands for the engineer who runs it: look, mend, read everything again."""

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from redis.exceptions import RedisError
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sync import logs
from sync.bootstrap import Runtime, runtime
from sync.cli.serve import require_connection
from sync.core.reconciled import report
from sync.core.words import counted
from sync.db import cursors, health, holds, inbox, upkeep
from sync.pipeline import backfill as walk
from sync.pipeline.compare import Drift, compare
from sync.pipeline.day import turn_day
from sync.pipeline.pages import Gait
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
@click.option("--parked", is_flag=True, help="Everything parked: events, records, dunning holds.")
def replay(events: tuple[str, ...], *, parked: bool) -> None:
    """Process events again (by their id), or everything that is parked."""
    if bool(events) == parked:
        raise click.UsageError("give event ids, or --parked")
    run = runtime()
    with run.engine.begin() as conn:
        rows = inbox.replay(conn, events=events, parked=parked)
        again = upkeep.retry_parked(conn) if parked else 0
        held = holds.retry_parked(conn) if parked else 0
    for queue in ("ledger", "salesforce", "fetch"):
        run.bell.ring_now(queue)
    told = f"{counted(rows, 'event')}, {counted(again, 'record')} and {counted(held, 'dunning hold')}"
    click.echo(f"{told} will be tried again")
    if events and rows < len(events):
        raise click.ClickException(
            f"{len(events) - rows} of these events are not in the inbox, or too old to be kept there"
        )


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
        found = walk.backfill(
            run.engine, run.ingest, run.billing.pages, connection, provider, note, gait=_gait(run, connection)
        )
    _wake(run)
    _report(found, connection)
    _complain(found.unreadable.total(), 0)


@click.command()
@click.argument("connection", required=False)
@click.option("--days", type=click.IntRange(min=1), help="Of the billing system only what was created so lately.")
@click.option("--dry-run", "dry", is_flag=True, help="Only look: mend nothing.")
def reconcile(connection: str | None, days: int | None, *, dry: bool) -> None:
    """Compare billing system, ledger and Salesforce, mend what differs, report it.

    Exit code 1 if anything was found that could not be mended.
    """
    run = _configured()
    names = [connection] if connection else sorted(run.billing.names)
    providers = {name: _readable(run, name) for name in names}
    since = int(time.time()) - days * 86_400 if days else None
    walked = {name: _reconcile_billing(run, name, providers[name], since, dry=dry) for name in names}
    drifts = _reconcile_org(run, dry=dry)
    unreadable = sum(found.unreadable.total() for found in walked.values())
    strange = sum(found.strange for found in drifts.values())
    billing = {name: found.packed() for name, found in walked.items()}
    salesforce = {name: found.packed() for name, found in drifts.items()}
    with run.engine.begin() as conn:
        cursors.put(conn, cursors.LAST_RECONCILE, report(datetime.now(UTC), billing, salesforce, dry=dry))
    _complain(unreadable, strange)


def _reconcile_billing(run: Runtime, name: str, provider: str, since: int | None, *, dry: bool) -> walk.Walked:
    with _progress() as note:
        found = walk.reconcile(
            run.engine,
            run.ingest,
            run.billing.pages,
            name,
            provider,
            note,
            since=since,
            fetch=run.billing.fetch,
            gait=_gait(run, name),
            dry=dry,
        )
    _wake(run)
    _report(found, name)
    return found


def _reconcile_org(run: Runtime, *, dry: bool) -> dict[str, Drift]:
    """Ledger and Salesforce, on today's business date."""
    if run.org is None:
        click.echo("salesforce: not configured, not compared")
        return {}
    from sync.adapters.org_books import OrgBooks

    turn_day(run.engine, run.calendar, lambda: True, run.settings.milestones)
    inside = OrgBooks(run.org, run.fieldmap)
    with _progress() as note:
        drifts = compare(run.engine, run.org, run.publishing, inside, note, dry=dry)
    run.meter.flush()
    _wake(run)
    compared, wrong = (sum(getattr(each, name) for each in drifts.values()) for name in ("compared", "found"))
    click.echo(f"salesforce: {compared} rows compared, {wrong} were not as the ledger has them")
    for name, found in drifts.items():
        if found.found:
            click.echo(f"  {name}: {found.in_words()}")
    return drifts


def _gait(run: Runtime, connection: str) -> Gait:
    return Gait(rate=run.settings.stripe[connection].rate_limit)


def _wake(run: Runtime) -> None:
    """Have what was found worked off at once; without a bell the clock does it."""
    with contextlib.suppress(RedisError):
        for queue in ("fetch", "salesforce"):
            run.bell.ring_now(queue)


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


class _Speed(ProgressColumn):
    """Objects a second."""

    def render(self, task: Task) -> Text:
        """The speed of one kind."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        _Speed(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def note(kind: str, count: int) -> None:
            if kind not in tasks:
                label = kind if kind[0].isupper() else f"{kind.replace('_', ' ')}s"
                tasks[kind] = bar.add_task(label, total=None)
            bar.advance(tasks[kind], count)

        yield note


def _report(found: walk.Walked, connection: str) -> None:
    click.echo(f"{connection}: {found.read} objects read, {found.drift} were not as the billing system has them")
    if found.doubtful:
        click.echo(f"  {found.doubtful} that were in doubt were asked for first")
    for what, counts in (("missing", found.missing), ("different", found.different), ("unreadable", found.unreadable)):
        for kind, count in sorted(counts.items()):
            click.echo(f"  {what} {kind}: {count}")


def _complain(unreadable: int, strange: int) -> None:
    """End with an error for what no repetition of this command will mend."""
    told = []
    if unreadable:
        told.append(f"{counted(unreadable, 'object has', 'objects have')} a shape that is not known: see the log")
    if strange:
        rows = counted(strange, "row in Salesforce has", "rows in Salesforce have")
        told.append(f"{rows} a key that the ledger does not know: look at them, and delete what nobody knows")
    if told:
        raise click.ClickException("; ".join(told))

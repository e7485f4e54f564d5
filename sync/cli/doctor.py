"""`dueline doctor`: what sync.doctor finds, on the screen."""

from collections.abc import Iterable

import click
from rich.console import Console
from rich.markup import escape

from sync import logs
from sync.bootstrap import runtime
from sync.doctor import Finding, examine


@click.command()
def doctor() -> None:
    """Check the org and the billing systems before go-live; each finding comes with its fix.

    Rows are written to the org for practice, and taken back by it at once: nothing stays there.
    """
    run = runtime()
    logs.configure("ERROR")  # what is left out or refused is told here, once
    findings = examine(run)
    show(findings)
    wrong = sum(not finding.ok for finding in findings)
    if wrong:
        raise click.ClickException(f"{wrong} of {len(findings)} checks need attention")


def show(findings: Iterable[Finding]) -> None:
    """One line for each, and its fix on the next."""
    console = Console(highlight=False)
    for finding in findings:
        sign = "[green]ok[/green]  " if finding.ok else "[red]FIX[/red] "
        what = " ".join(f"{finding.area}: {finding.what}".split())
        console.print(f"{sign} {escape(what)}", soft_wrap=True)
        if not finding.ok:
            console.print(f"      → {escape(finding.fix)}", soft_wrap=True)

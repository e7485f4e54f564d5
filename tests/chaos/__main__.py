"""`python -m tests.chaos --seconds 600 --seed 1 [--rate 20]`: all goes wrong for a while, then all must be right.

The seed draws the stories, faults and kills and when they come, so it plays the same run again; real time decides how
far each process had come, so the same seed need not fail twice. What a run did is in its folder: plan.txt and logs/.
"""

import shutil
import tempfile
from pathlib import Path

import click
from rich.console import Console

from sync import logs
from tests.chaos.run import Run, make_plan, run


@click.command()
@click.option("--seconds", type=click.FloatRange(min=5), default=60.0, show_default=True, help="How long it goes on.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--rate", type=click.FloatRange(min=0.1), default=20.0, show_default=True, help="Stripe events a second.")
@click.option("--without", multiple=True, help="Leave out a kind of fault or happening, to narrow a failure down.")
@click.option("--keep", is_flag=True, help="Keep the folder of a good run too.")
def main(seconds: float, seed: int, rate: float, without: tuple[str, ...], *, keep: bool) -> None:
    """Play a random run against the whole product and judge it."""
    logs.configure("WARNING")
    console = Console(stderr=True)
    home = Path(tempfile.mkdtemp(prefix="dueline-chaos-"))
    done = run(make_plan(seed, seconds, rate, frozenset(without)), home, console)
    tell(done)
    if keep or not done.verdict.good:
        click.echo(f"logs and plan: {home}")
    else:
        shutil.rmtree(home, ignore_errors=True)
    raise SystemExit(0 if done.verdict.good else 1)


def tell(done: Run) -> None:
    """The report, for people."""
    for line in (*done.told, *map(str, done.verdict.checks)):
        click.echo(line)
    wrong = sum(len(check.wrong) for check in done.verdict.checks)
    click.echo(f"seed {done.plan.seed}: {'nothing lost, double or wrong' if not wrong else f'{wrong} wrong'}")


if __name__ == "__main__":
    main()

"""What a benchmark found, and how it is printed: ratios first, absolute figures for this machine beside them."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """One number of the table. `figure` is compared with `target` in words; `detail` holds the absolute figures."""

    what: str
    figure: str
    target: str
    reached: bool
    detail: str
    name: str

    @property
    def command(self) -> str:
        """What measures it again."""
        return f"python -m tests.bench {self.name}"


def show(results: list[Result]) -> None:
    """Print the table."""
    table = Table("what", "measured", "target", "", "absolute, on this machine", "measured by", show_lines=True)
    for found in results:
        sign = "[green]reached[/green]" if found.reached else "[red]missed[/red]"
        table.add_row(found.what, found.figure, found.target, sign, found.detail, found.command)
    Console(width=180).print(table)

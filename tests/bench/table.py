"""What a benchmark found, and how it is printed: ratios first, absolute figures for this machine beside them."""

from collections.abc import Iterable
from dataclasses import dataclass


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

    @property
    def verdict(self) -> str:
        """The figure and its target."""
        return f"{self.figure} (target {self.target}{'' if self.reached else ': **missed**'})"


def markdown(results: Iterable[Result]) -> str:
    """The table, as the README has it."""
    lines = ["| what | measured | target | on this machine | command |", "|---|---|---|---|---|"]
    for found in results:
        target = found.target if found.reached else f"{found.target}: **missed**"
        lines.append(f"| {found.what} | {found.figure} | {target} | {found.detail} | `{found.command}` |")
    return "\n".join(lines)

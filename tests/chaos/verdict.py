"""What is right and what is not, one line each, and an exit code."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

SHOWN = 5  # differences of each check that are printed


@dataclass
class Check:
    """One question to the world. `counted`: what was looked at, in words; `wrong`: the differences."""

    name: str
    counted: str = ""
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        head = f"{'ok  ' if not self.wrong else 'FAIL'}  {self.name}: {self.counted}"
        if not self.wrong:
            return head
        more = len(self.wrong) - SHOWN
        told = [*self.wrong[:SHOWN], *([f"… and {more} more"] if more > 0 else [])]
        return "\n".join([f"{head}, {len(self.wrong)} wrong", *(f"      {line}" for line in told)])


@dataclass
class Verdict:
    """All checks of a run."""

    checks: list[Check] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is lost, double or wrong."""
        return not any(check.wrong for check in self.checks)

    def ask(self, name: str, look: Callable[[], Iterable[Check]]) -> None:
        """Add checks; one that breaks down is a failure of its own, and the others go on."""
        try:
            self.checks += look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the verdict must say so
            self.checks.append(Check(name, "could not be looked at", [f"{type(error).__name__}: {error}"]))

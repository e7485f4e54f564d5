"""The words that tasks, notes, timeline entries and finance's page share.

English, whatever the locale of the process is: the same facts must give the same text on every machine, or texts would
be written again and again.
"""

from collections.abc import Iterable
from datetime import date

from sync.core.money import Money

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def day(on: date) -> str:
    """A date as people write it: 12 Mar 2026."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def sum_of(amount: int | None, currency: str) -> str:
    """An amount of minor units in words; None stands for everything."""
    return "all that is owed" if amount is None else str(Money(amount, currency))


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` characters; what was cut off shows as an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def listed(items: Iterable[str], most: int = 10) -> str:
    """The items with commas; beyond `most` of them the rest is counted: A, B and 3 more."""
    names = list(items)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def counted(number: int, one: str, many: str = "") -> str:
    """So many of something: 1 invoice, 1,200 invoices; 1 is, 2 are. `many`: where one s more does not make it many."""
    return f"{number:,} {named(number, one, many)}"


def named(number: int, one: str, many: str = "") -> str:
    """What so many of something are called, without the number: invoice, invoices; is, are."""
    return one if number == 1 else many or f"{one}s"

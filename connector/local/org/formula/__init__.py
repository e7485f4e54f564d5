"""Salesforce formulas for the local org: `evaluate(formula, fields, today=…, now=…)` and `fields_used(formula)`.

Numbers are Decimals, blanks are None. What a formula may call is listed in `functions.py`; anything else raises
`OrgError` `UNSUPPORTED_FORMULA` with its name, when the formula is first compiled.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from connector.local.org.formula.compile import compile_formula
from connector.local.org.formula.values import Blunder, Env

__all__ = ["evaluate", "fields_used"]


def evaluate(
    formula: str, fields: Callable[[str], Any], *, today: date, now: datetime, blank_as_zero: bool = False
) -> Any:
    """The value of a formula: str, Decimal, bool, date, datetime or None.

    `fields` gives the value of a field by the path written in the formula (`Account__r.Name`). What a real org shows as
    `#Error!` (division by zero, an impossible date) is None, as its API answers.

    `blank_as_zero` reads None as 0 wherever a number is wanted. A caller that knows the types of its fields can do
    better: return Decimal(0) from `fields` for blank numbers, so that ISBLANK and dates see the difference.
    """
    try:
        return compile_formula(formula).value(Env(fields, today, now, blank_as_zero))
    except Blunder:
        return None


def fields_used(formula: str) -> set[str]:
    """The paths of all fields that a formula reads, as written; OrgError if it is no formula."""
    return set(compile_formula(formula).fields)

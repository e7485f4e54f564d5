"""Arithmetic and comparison, over numbers, dates, instants and text."""

import operator
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from connector.local.org.formula.values import Blunder, Env, is_blank, mismatch, number

_SECONDS_A_DAY = 86_400
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMERIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}


def arithmetic(sign: str, left: Any, right: Any, env: Env) -> Any:
    """`left sign right`. A blank makes the result blank, unless blanks are zero."""
    if sign in "+-" and (isinstance(left, date) or isinstance(right, date)):
        return _date_arithmetic(sign, left, right, env)
    if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        return _joined(left, right)
    where = f"operator '{sign}'"
    one, other = number(left, env, where), number(right, env, where)
    if one is None or other is None:
        return None
    try:
        return _NUMERIC[sign](one, other)
    except (DivisionByZero, InvalidOperation, Overflow) as error:
        raise Blunder(str(error)) from error


def _joined(left: Any, right: Any) -> str:
    for value in (left, right):
        if value is not None and not isinstance(value, str):
            raise mismatch("operator '+'", "Text", value)
    return (left or "") + (right or "")


def _date_arithmetic(sign: str, left: Any, right: Any, env: Env) -> Any:
    if isinstance(left, date) and isinstance(right, date):
        if sign == "+" or isinstance(left, datetime) != isinstance(right, datetime):
            raise mismatch(f"operator '{sign}'", "Number", right)
        return _days(left - right)
    if left is None and (sign == "-" or not isinstance(right, date)):
        return None
    if sign == "-" and not isinstance(left, date):
        raise mismatch("operator '-'", "Date", left)
    moment, amount = (left, right) if isinstance(left, date) else (right, left)
    days = number(amount, env, f"operator '{sign}'") if amount is not None or sign == "+" else None
    if days is None:
        return None
    return _shifted(moment, days if sign == "+" else -days)


def _days(length: timedelta) -> Decimal:
    seconds = Decimal(length.seconds) + Decimal(length.microseconds) / 1_000_000
    return Decimal(length.days) + seconds / _SECONDS_A_DAY


def _shifted(moment: date, days: Decimal) -> date:
    """A date moves by whole days (the fraction is cut), an instant by fractions too."""
    try:
        if isinstance(moment, datetime):
            return moment + timedelta(microseconds=int(days * _SECONDS_A_DAY * 1_000_000))
        return moment + timedelta(days=int(days))
    except OverflowError as error:
        raise Blunder(str(error)) from error


def compare(sign: str, left: Any, right: Any, env: Env) -> bool:
    """`left sign right`. Blanks equal blanks (and empty text), and are neither less nor more than anything."""
    left, right = _zeroed(left, right, env), _zeroed(right, left, env)
    if sign in ("=", "=="):
        return equal(left, right)
    if sign in ("<>", "!="):
        return not equal(left, right)
    if is_blank(left) or is_blank(right):
        return False
    _check_comparable(sign, left, right)
    return _COMPARE[sign](left, right)


def _zeroed(value: Any, other: Any, env: Env) -> Any:
    wanted = value is None and env.blank_as_zero and isinstance(other, Decimal)
    return Decimal(0) if wanted else value


def _check_comparable(sign: str, left: Any, right: Any) -> None:
    kinds = (bool, Decimal, str, datetime, date)
    left_kind = next((kind for kind in kinds if isinstance(left, kind)), None)
    right_kind = next((kind for kind in kinds if isinstance(right, kind)), None)
    if left_kind is None or left_kind is not right_kind or left_kind is bool:
        raise mismatch(f"operator '{sign}'", "values of one type that has an order", right)


def equal(left: Any, right: Any) -> bool:
    """Equality; text compares exactly, blank and the empty text are the same."""
    if is_blank(left) or is_blank(right):
        return is_blank(left) and is_blank(right)
    if isinstance(left, bool) != isinstance(right, bool) or isinstance(left, str) != isinstance(right, str):
        raise mismatch("operator '='", "values of one type", right)
    return bool(left == right)

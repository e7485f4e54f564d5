"""The functions that formulas may call: one line each in `FUNCTIONS`, with how many arguments they take.

Arguments arrive unevaluated, so that IF, CASE, AND and OR look only at what they need, as in a real org. Facts from the
formula operator and function reference: FLOOR and CEILING of negative numbers go towards and away from zero; ROUND and
MOD follow the sign of the number; WEEKDAY counts from Sunday = 1; CONTAINS and BEGINS mind case.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal, InvalidOperation
from html import escape
from typing import Any

from connector.local.org.formula import values
from connector.local.org.formula.operators import equal
from connector.local.org.formula.values import Blunder, Env, Thunk, invalid, is_blank
from connector.local.org.model import OrgError

Args = Sequence[Thunk]


@dataclass(frozen=True, slots=True)
class Function:
    """What a name calls; `most` is None where any number of arguments may follow."""

    call: Callable[[Env, Args], Any]
    least: int
    most: int | None


def _if(env: Env, args: Args) -> Any:
    return args[1](env) if values.truth(args[0](env), "function IF()") else args[2](env)


def _case(env: Env, args: Args) -> Any:
    subject = args[0](env)
    for at in range(1, len(args) - 1, 2):
        if equal(subject, args[at](env)):
            return args[at + 1](env)
    return args[-1](env)


def _and(env: Env, args: Args) -> bool:
    return all(values.truth(arg(env), "function AND()") for arg in args)


def _or(env: Env, args: Args) -> bool:
    return any(values.truth(arg(env), "function OR()") for arg in args)


def _isnull(env: Env, args: Args) -> bool:
    """Text is never null (documented): only ISBLANK sees an empty text field."""
    return args[0](env) is None


def _ispickval(env: Env, args: Args) -> bool:
    return values.text(args[0](env), "function ISPICKVAL()") == values.text(args[1](env), "function ISPICKVAL()")


def _blankvalue(env: Env, args: Args) -> Any:
    value = args[0](env)
    return args[1](env) if is_blank(value) else value


def _nullvalue(env: Env, args: Args) -> Any:
    value = args[0](env)
    return args[1](env) if value is None else value


def plain_number(value: Decimal) -> str:
    """A number as TEXT() writes it: no exponent, no trailing zeros."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _text(env: Env, args: Args) -> str:
    value = args[0](env)
    if isinstance(value, bool):
        raise values.mismatch("function TEXT()", "Number, Date, DateTime, Picklist", value)
    match value:
        case None:
            return ""
        case Decimal():
            return plain_number(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _value(env: Env, args: Args) -> Decimal | None:
    written = values.text(args[0](env), "function VALUE()").strip()
    if not written:
        return None
    try:
        found = Decimal(written)
    except InvalidOperation as error:
        raise Blunder(f"VALUE({written!r})") from error
    if not found.is_finite():
        raise Blunder(f"VALUE({written!r})")
    return found


def _date(env: Env, args: Args) -> date | None:
    parts = [values.whole(arg(env), env, "function DATE()") for arg in args]
    if None in parts:
        return None
    try:
        return date(*(part for part in parts if part is not None))
    except ValueError as error:
        raise Blunder(str(error)) from error


def _datevalue(env: Env, args: Args) -> date | None:
    value = args[0](env)
    if is_blank(value):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(values.text(value, "function DATEVALUE()"))
    except ValueError as error:
        raise Blunder(str(error)) from error


def _of_day(name: str, read: Callable[[date], int]) -> Function:
    def call(env: Env, args: Args) -> Decimal | None:
        found = values.day(args[0](env), f"function {name}()")
        return None if found is None else Decimal(read(found))

    return Function(call, 1, 1)


def _addmonths(env: Env, args: Args) -> date | None:
    """The last day of a month stays the last day; a day that the new month lacks becomes its last (documented)."""
    start, months = args[0](env), values.whole(args[1](env), env, "function ADDMONTHS()")
    if start is None or months is None:
        return None
    if not isinstance(start, date):
        raise values.mismatch("function ADDMONTHS()", "Date", start)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Blunder(f"ADDMONTHS leads to the year {year}")
    last = monthrange(year, month + 1)[1]
    was_last = start.day == monthrange(start.year, start.month)[1]
    return start.replace(year=year, month=month + 1, day=last if was_last else min(start.day, last))


def _extreme(name: str, choose: Callable[[list[Decimal]], Decimal]) -> Function:
    """MIN and MAX: a blank among the arguments makes the result blank, as it does in arithmetic."""

    def call(env: Env, args: Args) -> Decimal | None:
        found = [values.number(arg(env), env, f"function {name}()") for arg in args]
        known = [value for value in found if value is not None]
        return choose(known) if len(known) == len(found) else None

    return Function(call, 1, None)


def _of_number(name: str, read: Callable[[Decimal], Decimal]) -> Function:
    def call(env: Env, args: Args) -> Decimal | None:
        found = values.number(args[0](env), env, f"function {name}()")
        return None if found is None else read(found)

    return Function(call, 1, 1)


def _rounding(how: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value.to_integral_value(how)


def _round(env: Env, args: Args) -> Decimal | None:
    value = values.number(args[0](env), env, "function ROUND()")
    places = values.whole(args[1](env), env, "function ROUND()")
    if value is None or places is None:
        return None
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded if places >= 0 else rounded.quantize(Decimal(1))


def _mod(env: Env, args: Args) -> Decimal | None:
    value, divisor = (values.number(arg(env), env, "function MOD()") for arg in args)
    if value is None or divisor is None:
        return None
    if divisor == 0:
        raise Blunder("MOD by zero")
    return value % divisor


def _of_text(name: str, read: Callable[[str], Any]) -> Function:
    return Function(lambda env, args: read(values.text(args[0](env), f"function {name}()")), 1, 1)


def _left(env: Env, args: Args) -> str:
    count = values.whole(args[1](env), env, "function LEFT()") or 0
    return values.text(args[0](env), "function LEFT()")[: max(count, 0)]


def _right(env: Env, args: Args) -> str:
    found, count = values.text(args[0](env), "function RIGHT()"), values.whole(args[1](env), env, "function RIGHT()")
    return found[-count:] if count and count > 0 else ""


def _mid(env: Env, args: Args) -> str:
    start, count = (values.whole(arg(env), env, "function MID()") or 0 for arg in args[1:])
    first = max(start, 1) - 1
    return values.text(args[0](env), "function MID()")[first : first + max(count, 0)]


def _contains(env: Env, args: Args) -> bool:
    return values.text(args[1](env), "function CONTAINS()") in values.text(args[0](env), "function CONTAINS()")


def _begins(env: Env, args: Args) -> bool:
    found, start = (values.text(arg(env), "function BEGINS()") for arg in args)
    return found.startswith(start)


def _substitute(env: Env, args: Args) -> str:
    found, old, new = (values.text(arg(env), "function SUBSTITUTE()") for arg in args)
    return found.replace(old, new) if old else found


def _hyperlink(env: Env, args: Args) -> str:
    url, label, *target = (escape(values.text(arg(env), "function HYPERLINK()")) for arg in args)
    return f'<a href="{url}" target="{target[0] if target else "_blank"}">{label}</a>'


def _image(env: Env, args: Args) -> str:
    url, alt = (escape(values.text(arg(env), "function IMAGE()")) for arg in args[:2])
    sizes = [values.whole(arg(env), env, "function IMAGE()") for arg in args[2:]]
    style = "".join(f"{side}:{size}px; " for side, size in zip(("height", "width"), sizes, strict=False)).strip()
    return f'<img src="{url}" alt="{alt}"{f" style={chr(34)}{style}{chr(34)}" if style else ""} border="0"/>'


FUNCTIONS: dict[str, Function] = {
    "ABS": _of_number("ABS", abs),
    "ADDMONTHS": Function(_addmonths, 2, 2),
    "AND": Function(_and, 1, None),
    "BEGINS": Function(_begins, 2, 2),
    "BLANKVALUE": Function(_blankvalue, 2, 2),
    "CASE": Function(_case, 4, None),
    "CEILING": _of_number("CEILING", _rounding(ROUND_UP)),
    "CONTAINS": Function(_contains, 2, 2),
    "DATE": Function(_date, 3, 3),
    "DATEVALUE": Function(_datevalue, 1, 1),
    "DAY": _of_day("DAY", lambda found: found.day),
    "FLOOR": _of_number("FLOOR", lambda value: value.to_integral_value("ROUND_DOWN")),
    "HYPERLINK": Function(_hyperlink, 2, 3),
    "IF": Function(_if, 3, 3),
    "IMAGE": Function(_image, 2, 4),
    "ISBLANK": Function(lambda env, args: is_blank(args[0](env)), 1, 1),
    "ISNULL": Function(_isnull, 1, 1),
    "ISPICKVAL": Function(_ispickval, 2, 2),
    "LEFT": Function(_left, 2, 2),
    "LEN": _of_text("LEN", lambda found: Decimal(len(found))),
    "LOWER": _of_text("LOWER", str.lower),
    "MAX": _extreme("MAX", max),
    "MCEILING": _of_number("MCEILING", _rounding(ROUND_CEILING)),
    "MFLOOR": _of_number("MFLOOR", _rounding(ROUND_FLOOR)),
    "MID": Function(_mid, 3, 3),
    "MIN": _extreme("MIN", min),
    "MOD": Function(_mod, 2, 2),
    "MONTH": _of_day("MONTH", lambda found: found.month),
    "NOT": Function(lambda env, args: not values.truth(args[0](env), "function NOT()"), 1, 1),
    "NOW": Function(lambda env, _args: env.now, 0, 0),
    "NULLVALUE": Function(_nullvalue, 2, 2),
    "OR": Function(_or, 1, None),
    "RIGHT": Function(_right, 2, 2),
    "ROUND": Function(_round, 2, 2),
    "SUBSTITUTE": Function(_substitute, 3, 3),
    "TEXT": Function(_text, 1, 1),
    "TODAY": Function(lambda env, _args: env.today, 0, 0),
    "TRIM": _of_text("TRIM", str.strip),
    "UPPER": _of_text("UPPER", str.upper),
    "VALUE": Function(_value, 1, 1),
    "WEEKDAY": _of_day("WEEKDAY", lambda found: found.isoweekday() % 7 + 1),
    "YEAR": _of_day("YEAR", lambda found: found.year),
}


def find(name: str, count: int) -> Function:
    """The function of that name, if it takes so many arguments."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise OrgError("UNSUPPORTED_FORMULA", f"The local org does not know the formula function {name}().", 501)
    if count < function.least or (function.most is not None and count > function.most):
        wanted = function.least if count < function.least else function.most
        raise invalid(f"Incorrect number of parameters for function '{name}()'. Expected {wanted}, received {count}")
    if name == "CASE" and count % 2:
        raise invalid(f"Incorrect number of parameters for function 'CASE()'. Expected {count + 1}, received {count}")
    return function

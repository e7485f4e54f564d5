"""How things are told in templates: money, days, instants, ages; and what every page needs around its content."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup

from sync.admin.gate import Screen
from sync.admin.rights import Right
from sync.core.money import Money
from sync.core.redact import redacted_text
from sync.core.words import counted, named

_STATIC = Path(__file__).parent / "static"
_STEPS = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.filters.update(
        amount=amount,
        money=money,
        day=day,
        instant=instant,
        age=age,
        lasts=lasts,
        number=number,
        hide=redacted_text,
        counted=counted,
        named=named,
    )
    app.jinja_env.globals.update(asset=asset, navigation=navigation, person=person, Right=Right, banners=banners)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def asset(name: str) -> str:
    """Address of a file of ours that changes with its content, so that browsers may keep it for good."""
    return url_for("static", name=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


def person() -> Any:
    """Who is calling; None before they have signed in."""
    return g.get("who")


def navigation() -> list[Screen]:
    """The screens whose titles the caller sees."""
    who = person()
    screens = [found for found in current_app.blueprints.values() if isinstance(found, Screen)]
    mine = [found for found in screens if who and found.shown_to and who.may(found.shown_to)]
    return sorted(mine, key=lambda found: found.order)


def banners() -> list[Any]:
    """Problems that need a person, for whoever can do something about them."""
    who = person()
    if who is None or not who.may(Right.LOOK) or request.endpoint is None:
        return []
    from sync.admin.health.banner import banners as found

    return list(found())


def money(amounts: Money | Iterable[Money]) -> str:
    """An amount, or several of different currencies, never added."""
    several = [amounts] if isinstance(amounts, Money) else list(amounts)
    return " · ".join(str(each) for each in several) or "–"


def amount(minor: int | None, currency: str) -> str:
    """Minor units as a number, where the currency is said beside it once for all."""
    return "–" if minor is None else str(Money(minor, currency)).removeprefix(f"{currency} ")


def day(value: date | None) -> str:
    """A business date: 3 Feb 2026."""
    return "–" if value is None else f"{value.day} {value:%b %Y}"


def instant(value: datetime | None) -> Markup:
    """An instant on the company's clock, and exactly in the title."""
    if value is None:
        return Markup("–")
    local = value.astimezone(g.run.calendar.zone)
    told = f"{local.day} {local:%b %Y, %H:%M}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), value.astimezone(UTC), told)


def age(value: datetime | None) -> str:
    """How long ago."""
    return "never" if value is None else f"{lasts((datetime.now(UTC) - value).total_seconds())} ago"


def lasts(seconds: float | None) -> str:
    """A time span in its largest whole unit; below ten seconds with a digit after the point."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    size, unit = next((size, unit) for size, unit in _STEPS if seconds >= size)
    return counted(int(seconds // size), unit)


def number(value: Decimal | float | None) -> str:
    """With commas between thousands."""
    return "–" if value is None else f"{value:,}"

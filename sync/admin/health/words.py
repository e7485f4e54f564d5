"""What the templates of the health screen say things with."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import g, url_for
from markupsafe import Markup

from sync.admin.health.screen import screen
from sync.core.causes import explain, kind_words
from sync.core.condition import QUEUE_WORK
from sync.core.redact import redacted_text


@screen.context_processor
def words() -> dict[str, Any]:
    """For every template of this screen."""
    return {
        "explain": explain,
        "hide": redacted_text,
        "json": pretty,
        "kind_words": kind_words,
        "now": lambda: datetime.now(UTC),
        "place_of": place_of,
        "queue_work": QUEUE_WORK,
        "sentence": sentence,
        "title_of": title_of,
    }


@screen.app_template_filter("moment")
def moment(at: datetime) -> Markup:
    """An instant to the second, on the company's clock."""
    local = at.astimezone(g.run.calendar.zone)
    told = f"{local.day} {local:%b %Y, %H:%M:%S}"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), told)


def title_of(kind: str, name: str) -> str:
    """What a thing is called: Invoice INV-0042."""
    return f"{sentence(kind_words(kind)).rstrip('.')} {name}"


def sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""


def pretty(value: Any, *, in_order: bool = False) -> str:
    """A JSON value, one field a line; `in_order`: by name."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=in_order, default=str)


def place_of(kind: str, key: str) -> str | None:
    """The page of a thing."""
    if kind == "event" and key.isdecimal():
        return url_for("health.event", number=int(key))
    if kind == "customer":
        return url_for("matching.page", q=key)
    return url_for("health.item", kind=kind, key=key)

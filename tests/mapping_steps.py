"""What people do on the mapping screen, and what they see there."""

from typing import Any

import lxml.html
from werkzeug.test import TestResponse

from sync.db import fieldmaps
from sync.errands import do_slice
from tests.browsing import Visitor, text_of
from tests.integration.world import World


def page_of(answer: TestResponse) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(answer.text)


def row(page: lxml.html.HtmlElement, field: str) -> list[str]:
    """The cells of the first line about a field, beside its heading."""
    lines = page.xpath(f"//tr[.//*[@class='dl-api' and text()='{field}']]")
    return [text_of(cell) for cell in lines[0].xpath("td")]


def rule(figure: str, field: str, kind: str = "account", replaces: str = "") -> str:
    more = f"&replaces={replaces}" if replaces else ""
    return f"/mapping/{kind}/rule?figure={figure}&field={field}{more}"


def draft(finance: Visitor, figure: str, field: str, kind: str = "account", **data: str) -> None:
    """Put a rule into the draft."""
    answer = finance.post(rule(figure, field, kind), {"way": "is", **data})
    assert answer.status_code == 303, text_of(page_of(answer))


def told(finance: Visitor, answer: TestResponse) -> str:
    """What the page says after a form was sent."""
    assert answer.status_code == 303, text_of(page_of(answer))
    return text_of(finance.page(answer.location.removeprefix("/admin")))


def seal(page: lxml.html.HtmlElement) -> str:
    [found] = page.xpath("//input[@name='seen']/@value")
    return str(found)


def save(finance: Visitor, page: lxml.html.HtmlElement, **data: str) -> TestResponse:
    """Save what a preview shows."""
    return finance.post("/mapping/save", {"seen": seal(page), "note": "Sales asked for it", "when": "now", **data})


def do_work(world: World) -> None:
    """All long work, and the writing that follows from it."""
    while do_slice(world.run, lambda: True):
        pass
    world.settle()


def on_account(world: World, account: str, *fields: str) -> list[Any]:
    [row] = world.admin.query(f"SELECT {', '.join(fields)} FROM Account WHERE Id = '{account}'")
    return [row[name] for name in fields]


def held(world: World) -> fieldmaps.Held:
    with world.engine.connect() as conn:
        return fieldmaps.held(conn, world.run.settings.account_fields)

"""Every route of the page, asked as everybody, with and without the token of a form: exactly this matrix holds.

A route that is not written here fails the first test, which says what line to add.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from sync.admin.app import make_app
from tests.browsing import Visitor, visitor

FINANCE = frozenset({"finance"})
SERVICE = FINANCE | {"operator"}
SIGNED_IN = SERVICE | {"viewer", "viewer of own accounts"}
ANYBODY = SIGNED_IN | {"nobody"}
OWN = "005000000000001AAA"  # the Salesforce user whose accounts the last viewer sees

MATRIX: dict[str, frozenset[str]] = {
    "GET home": SIGNED_IN,
    "GET static": ANYBODY,
    # getting in
    "GET signin.form": ANYBODY,
    "POST signin.enter": ANYBODY,
    "POST signin.out": ANYBODY,
    "GET signin.salesforce": ANYBODY,
    "GET signin.callback": ANYBODY,
    # people
    "GET people.page": FINANCE,
    "GET people.users": FINANCE,
    "GET people.add": FINANCE,
    "POST people.add": FINANCE,
    "GET people.member": FINANCE,
    "POST people.change": FINANCE,
    "POST people.password": FINANCE,
    "POST people.act": FINANCE,
    "GET people.signed_in": FINANCE,
    "POST people.end": FINANCE,
    "GET people.granted": FINANCE,
    "POST people.grant": FINANCE,
    "POST people.bring_back": FINANCE,
    "GET people.app": FINANCE,
    "POST people.save_app": FINANCE,
    "POST people.remove_app": FINANCE,
    "GET people.me": SIGNED_IN,
    "POST people.change_own": SIGNED_IN,
    # set-up
    "GET setup.stripe": SERVICE,
    "POST setup.add_account": FINANCE,
    "GET setup.account": SERVICE,
    "GET setup.arrivals": SERVICE,
    "POST setup.save_account": FINANCE,
    "POST setup.test_account": SERVICE,
    "POST setup.listen": FINANCE,
    "POST setup.add_secret": FINANCE,
    "POST setup.remove_secret": FINANCE,
    "POST setup.forget_account": FINANCE,
    "GET setup.page": SERVICE,
    "GET setup.salesforce": SERVICE,
    "POST setup.save_salesforce": FINANCE,
    "POST setup.test_salesforce": SERVICE,
    "POST setup.forget_salesforce": FINANCE,
    "GET setup.mapping": SERVICE,
    "POST setup.review_mapping": FINANCE,
    "GET setup.load": SERVICE,
    "POST setup.start_load": SERVICE,
    "GET setup.customers": SERVICE,
    "POST setup.choose_field": FINANCE,
    "GET setup.check": SERVICE,
    "POST setup.start_check": SERVICE,
    # matching
    "GET matching.show": SERVICE,
    "GET matching.search": SERVICE,
    "GET matching.confirm_link": FINANCE,
    "POST matching.link": FINANCE,
    "GET matching.confirm_unlink": FINANCE,
    "POST matching.unlink": FINANCE,
    "GET matching.not_ours": FINANCE,
    "POST matching.not_ours": FINANCE,
    "POST matching.open_again": FINANCE,
    "GET matching.file": FINANCE,
    "POST matching.load": FINANCE,
    "GET matching.plan": SERVICE,
    "POST matching.apply": FINANCE,
    "GET matching.save_plan": SERVICE,
    "GET matching.exact": SERVICE,
    "POST matching.accept": FINANCE,
    "GET matching.page": SERVICE,
    "GET matching.save": SERVICE,
    # mapping
    "GET mapping.figures": FINANCE,
    "GET mapping.fields": FINANCE,
    "GET mapping.rule": FINANCE,
    "POST mapping.keep": FINANCE,
    "POST mapping.check": FINANCE,
    "GET mapping.versions": SERVICE,
    "POST mapping.bring_back": FINANCE,
    "GET mapping.try_out": FINANCE,
    "POST mapping.save": FINANCE,
    "GET mapping.page": SERVICE,
    "POST mapping.remove": FINANCE,
    "POST mapping.take_one_back": FINANCE,
    "POST mapping.turn": FINANCE,
    "POST mapping.discard": FINANCE,
    # rules
    "GET rules.page": SERVICE,
    "POST rules.save": FINANCE,
    "GET rules.versions": SERVICE,
    "POST rules.bring_back": FINANCE,
    # health
    "GET health.find": SERVICE,
    "GET health.event": SERVICE,
    "GET health.parked_page": SERVICE,
    "GET health.group": SERVICE,
    "GET health.save_group": SERVICE,
    "POST health.retry_all": SERVICE,
    "POST health.retry_group": SERVICE,
    "POST health.ignore_group": SERVICE,
    "GET health.ignored_page": SERVICE,
    "GET health.item": SERVICE,
    "POST health.retry_item": SERVICE,
    "POST health.ignore_item": SERVICE,
    "POST health.take_back": SERVICE,
    "GET health.page": SERVICE,
    "GET health.figures": SERVICE,
    "GET health.save": SERVICE,
    "POST health.compare": SERVICE,
    # receivables
    "GET receivables.account": SIGNED_IN,
    "GET receivables.account_invoices": SIGNED_IN,
    "GET receivables.account_invoices_csv": SIGNED_IN,
    "GET receivables.account_payments": SIGNED_IN,
    "GET receivables.account_claims": SIGNED_IN,
    "GET receivables.account_timeline": SIGNED_IN,
    "GET receivables.account_salesforce": SIGNED_IN,
    "POST receivables.account_salesforce_now": SIGNED_IN,
    "GET receivables.invoice": SIGNED_IN,
    "GET receivables.accounts": SIGNED_IN,
    "GET receivables.accounts_csv": SIGNED_IN,
    "GET receivables.owners": SIGNED_IN,
    "GET receivables.owners_csv": SIGNED_IN,
    "GET receivables.commitments": SIGNED_IN,
    "GET receivables.commitments_csv": SIGNED_IN,
    "GET receivables.disputes": SIGNED_IN,
    "GET receivables.disputes_csv": SIGNED_IN,
    "GET receivables.page": SIGNED_IN,
    "GET receivables.aging_csv": SIGNED_IN,
    "GET receivables.currencies_csv": SIGNED_IN,
    "GET receivables.moved": SIGNED_IN,
    "GET receivables.trend_csv": SIGNED_IN,
    # history, work
    "GET history.page": FINANCE,
    "GET history.save": FINANCE,
    "GET progress.page": SERVICE,
    "POST progress.stop": SERVICE,
    "POST progress.go_on": SERVICE,
}

_SAMPLES = {"NumberConverter": 999_999, "PathConverter": "dueline.css", "UnicodeConverter": "nothing-of-that-name"}


@dataclass(frozen=True)
class Route:
    """One method of one rule."""

    method: str
    rule: Rule

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.endpoint}"

    def path(self, app: Flask) -> str:
        """An address of it; what it names need not exist."""
        with app.test_request_context():
            values = {name: _sample(found) for name, found in self.rule._converters.items()}
            return app.url_for(self.rule.endpoint, **values, _external=False)


def _sample(converter) -> object:
    if type(converter).__name__ == "AnyConverter":
        return min(converter.items)
    return _SAMPLES[type(converter).__name__]


def routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield Route(method, rule)


@pytest.fixture
def app(world) -> Flask:
    return make_app(lambda: world.run)


@pytest.fixture
def everybody(world) -> dict[str, Visitor]:
    """A browser of each; a session is begun anew before each request, for some of them end it."""
    return {name: visitor(world.run, world.client.application, None) for name in sorted(ANYBODY)}


def test_every_route_is_written_in_the_matrix_and_no_other(app):
    found = {route.name: route for route in routes(app)}
    missing = [f'    "{name}": …,  # {found[name].rule}' for name in found if name not in MATRIX]
    assert not missing, "routes that the matrix lacks:\n" + "\n".join(missing)
    assert not MATRIX.keys() - found.keys(), "routes that are gone"
    assert {route.method for route in found.values()} <= {"GET", "POST"}


def test_exactly_those_pass_who_may(world, app, everybody):
    wrong = []
    for route in routes(app):
        path = route.path(app)
        for name, browser in everybody.items():
            answer = ask(world, browser, name, route.method, path)
            expected = name in MATRIX.get(route.name, ANYBODY)
            if passed(answer, route) != expected or answer.status_code >= 500:
                wrong.append(
                    f"{name}: {route.method} {path}: {answer.status_code}, should {'' if expected else 'not '}pass"
                )
    assert not wrong, "\n".join(wrong)


def test_without_its_token_no_form_of_anybody_passes(world, app, everybody):
    wrong = []
    for route in routes(app):
        for name, browser in everybody.items() if route.method == "POST" else ():
            answer = ask(world, browser, name, "POST", route.path(app), csrf=False)
            if answer.status_code != 400 or "Nothing was changed" not in answer.text:
                wrong.append(f"{name}: {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_the_token_of_another_session_is_none(world, app, everybody):
    stranger, victim = everybody["viewer"], everybody["finance"]
    begin(world, victim, "finance")
    for route in routes(app):
        if route.method == "POST":
            answer = victim.post(route.path(app), {"csrf_token": stranger.token}, csrf=False)
            assert answer.status_code == 400, route.name


def begin(world, browser: Visitor, name: str) -> None:
    if name == "nobody":
        browser.keep()  # an open page with a token, and no session
    else:
        browser.sign_in(world.run, name.split(maxsplit=1)[0], scope=OWN if "own" in name else None)


def ask(world, browser: Visitor, name: str, method: str, path: str, *, csrf: bool = True):
    begin(world, browser, name)
    return browser.get(path) if method == "GET" else browser.post(path, csrf=csrf)


def passed(answer, route: Route) -> bool:
    """Whether the gate let it through, whatever the view then said."""
    to_sign_in = answer.status_code == 303 and answer.location.partition("?")[0] == "/admin/signin/"
    sent_away = to_sign_in and not route.rule.endpoint.startswith("signin.")  # which send people there themselves
    return not sent_away and answer.status_code not in {401, 403}

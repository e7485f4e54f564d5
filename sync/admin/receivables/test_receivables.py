"""The receivables on a whole product: figures beside the org's and an oracle's, scope, files, what Salesforce shows."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import lxml.html
import pytest
from sqlalchemy import text

from sync.admin.receivables.screen import screen
from sync.core.dates import months_back
from sync.demo.people import API
from tests.browsing import Visitor, text_of
from tests.integration import oracle
from tests.integration.place import CONNECTION, TODAY
from tests.integration.selling import contest, promise
from tests.integration.world import World

OWNER, HELPER = "005000000000001AAA", "005000000000002AAA"
NASTY = "<b>Bold & Sons</b>"


def table(page: lxml.html.HtmlElement, caption: str) -> list[list[str]]:
    """The cells of a table, line by line, without its head."""
    [found] = page.xpath(f"//table[normalize-space(caption)='{caption}']")
    return [[text_of(cell) for cell in line.xpath("th|td")] for line in found.xpath(".//tbody/tr")]


def words(element: lxml.html.HtmlElement) -> str:
    """What a person reads there, with a space between cells."""
    return " ".join(" ".join(element.itertext()).split())


def lines(visitor: Visitor, path: str) -> list[dict[str, str]]:
    """A file's rows by column."""
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def number(told: str) -> Decimal | None:
    return None if told == "–" else Decimal(told.replace(",", ""))


def own(world: World, account: str, owner: str) -> None:
    """Salesforce says that this user owns the account."""
    with world.engine.begin() as conn:
        conn.execute(text("UPDATE account SET owner = :owner WHERE id = :id"), {"owner": owner, "id": account})
        conn.execute(
            text("INSERT INTO person (id, name, active) VALUES (:id, :name, true) ON CONFLICT DO NOTHING"),
            {"id": owner, "name": f"Owner {owner[-4]}"},
        )


@pytest.fixture
def books_of_two(world: World) -> tuple[str, str]:
    """Two accounts with a bit of everything, in two currencies, written to the org; and a customer without any."""
    acme, bell = world.account("Acme"), world.account(NASTY)
    mine, theirs = world.customer(acme), world.customer(bell, name=NASTY)
    stray = world.customer(name="Nobody's")
    for day, amount, due in ((date(2025, 11, 3), 90_000, 30), (date(2026, 1, 12), 40_000, 14), (TODAY, 25_050, 30)):
        world.move_to(day)
        world.invoice(mine, amount, due_in_days=due)
        world.invoice(theirs, amount // 3, due_in_days=due)
    world.move_to(date(2026, 1, 20))
    paid = world.invoice(mine, 70_000, due_in_days=10)
    world.invoice(theirs, 12_300, due_in_days=10, currency="eur")
    noted = world.invoice(theirs, 50_000, due_in_days=5)
    lost = world.invoice(mine, 8_800, due_in_days=1)
    gone = world.invoice(mine, 99_000, due_in_days=1)
    world.invoice(stray, 12_400, due_in_days=5)
    world.move_to(date(2026, 2, 14))
    world.act("pay_invoice", invoice=paid, method="bank")
    world.act("credit_note", invoice=noted, amount=20_000, reason="order_change")
    world.act("mark_uncollectible", invoice=lost)
    world.act("void_invoice", invoice=gone)
    world.move_to(TODAY)
    world.settle()
    world.turn()
    world.settle()
    return acme, bell


class TestFigures:
    def test_of_an_account_are_those_that_stand_in_the_org_and_of_an_oracle(self, world, browser, books_of_two):
        world.check()  # the org says what Stripe's objects add up to
        finance = browser("finance")
        for account in books_of_two:
            page = finance.page(f"/receivables/accounts/{account}")
            heads = [text_of(cell) for cell in page.xpath("//table[1]/thead//th")][1:]
            told = {row[0]: row[1:] for row in table(page, FIGURES_CAPTION)}
            for n, currency in enumerate(heads):
                shown = world.summary(account, currency)
                assert shown is not None
                for label, field in NAMES.items():
                    assert number(told[label][n]) == shown[field], (account, currency, label)

    def test_of_the_book_are_the_sums_of_all_accounts_and_of_who_has_none(self, world, browser, books_of_two):
        told = oracle.invoices(world.objects("invoice"))
        for currency in ("USD", "EUR"):
            mine = [row for row in told if row.currency == currency]
            late = [row for row in mine if row.due_on < TODAY]
            [found] = [row for row in lines(browser("finance"), "/receivables/currencies.csv")
                       if row["currency"] == currency]  # fmt: skip
            assert Decimal(found["outstanding"]) == oracle.major(sum(row.balance for row in mine), currency)
            assert Decimal(found["overdue"]) == oracle.major(sum(row.balance for row in late), currency)
            assert int(found["open invoices"]) == sum(row.balance > 0 for row in mine)
        page = browser("finance").page("/receivables/?currency=USD")
        assert "USD 124.00 of 1 customer without an account" in text_of(page)
        assert page.xpath("//a[contains(@href, '/matching/')]")

    def test_ages_add_up_and_their_file_says_the_same(self, browser, books_of_two):
        finance = browser("finance")
        shown = table(finance.page("/receivables/?currency=USD"), "Outstanding by age")
        told = lines(finance, "/receivables/aging.csv?currency=USD")
        assert [(row[0], number(row[1]), number(row[2])) for row in shown] == [
            (row["age"], Decimal(row["outstanding"]), Decimal(row["open invoices"])) for row in told
        ]
        [everything] = finance.page("/receivables/?currency=USD").xpath("//tfoot/tr")
        assert number(text_of(everything.xpath("td")[0])) == sum(Decimal(row["outstanding"]) for row in told)

    def test_who_is_no_customer_of_ours_counts_for_nothing_and_is_told_of(self, world, browser, books_of_two):
        with world.engine.begin() as conn:
            conn.execute(text("UPDATE customer SET link_source = 'not_ours' WHERE account IS NULL"))
        page = text_of(browser("finance").page("/receivables/?currency=USD"))
        assert "without an account" not in page
        assert "Left out everywhere: USD 124.00 of 1 billing customer" in page

    def test_the_trend_is_what_an_oracle_finds_in_the_billing_systems_objects(self, world, browser, books_of_two):
        told = {row["month"]: row for row in lines(browser("finance"), "/receivables/trend.csv?currency=USD")}
        assert len(told) == 18
        for back in range(6):
            first = months_back(TODAY.replace(day=1), back)
            until = min(TODAY, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))
            owed, sold, came_in = history(world, until)
            row = told[f"{first:%Y-%m}"]
            assert Decimal(row["outstanding"]) == oracle.major(owed, "USD"), row
            ratio = (Decimal(owed) * 90 / sold).quantize(Decimal("0.1")) if sold else None
            assert (Decimal(row["DSO ratio"]) if row["DSO ratio"] else None) == ratio
            assert Decimal(row["collected"]) == oracle.major(came_in, "USD")

    def test_nothing_yet_is_told_in_words(self, browser):
        for path in ("", "trend", "accounts", "owners"):
            assert "There are no receivables yet" in text_of(browser("finance").page(f"/receivables/{path}"))


FIGURES_CAPTION = "The figures of this account in each currency, as Salesforce gets them"
NAMES = {
    "Outstanding": "Outstanding__c",
    "Overdue": "Overdue__c",
    "– Not due": "Not_Due__c",
    "– 1–30 days": "Bucket_1_30__c",
    "– 31–60 days": "Bucket_31_60__c",
    "– 61–90 days": "Bucket_61_90__c",
    "– Over 90 days": "Bucket_Over_90__c",
    "Open invoices": "Open_Invoices__c",
    "Overdue invoices": "Overdue_Invoices__c",
    "Collected, all time": "Collected__c",
    "Written off, all time": "Written_Off__c",
    "Unapplied credit": "Unapplied_Credit__c",
    "Average days late": "Average_Days_Late__c",
    "DSO, ratio": "DSO_Ratio__c",
}


def history(world: World, until: date) -> tuple[int, int, int]:
    """In USD: what was owed at the end of a day, invoiced in the 90 days to it, and paid in its month. Plain counting
    of the billing system's objects.
    """

    def day(second: int) -> date:
        return datetime.fromtimestamp(second, UTC).date()

    owed = sold = came_in = 0
    for row in world.objects("invoice"):
        at = row["status_transitions"]
        if row["currency"] != "usd" or row["status"] in {"draft", "void"}:
            continue
        issued_on = day(row["effective_at"] or at["finalized_at"] or row["created"])
        if issued_on > until:
            continue
        sold += row["total"] if issued_on > until - timedelta(days=90) else 0
        parts = [part for part in world.objects("invoice_payment") if part["invoice"] == row["id"]]
        parts = [part for part in parts if part["status"] == "paid"]
        moved = [(day(part["status_transitions"]["paid_at"]), part["amount_paid"]) for part in parts]
        came_in += sum(amount for on, amount in moved if on <= until and on.replace(day=1) == until.replace(day=1))
        notes = [note for note in world.objects("credit_note") if note["invoice"] == row["id"]]
        moved += [(day(note["created"]), note["pre_payment_amount"]) for note in notes]
        if at["marked_uncollectible_at"] is None or day(at["marked_uncollectible_at"]) > until:
            owed += row["total"] - sum(amount for on, amount in moved if on <= until)
    return owed, sold, came_in


class TestLists:
    def test_the_file_of_accounts_is_the_page_as_filtered(self, world, browser, books_of_two):
        finance = browser("finance")
        for asked in (
            "",
            "&only=late&sort=name",
            "&bucket=Over+90",
            "&q=bold",
            "&only=settled&sort=outstanding&down=1",
        ):
            page = finance.page(f"/receivables/accounts?currency=USD{asked}")
            shown = table(page, "Accounts by what they owe, in USD") if page.xpath("//tbody") else []
            told = lines(finance, f"/receivables/accounts.csv?currency=USD{asked}")
            assert [(row[0], number(row[1]), number(row[2])) for row in shown] == [
                (row["account"], Decimal(row["overdue"]), Decimal(row["outstanding"])) for row in told
            ], asked
            ages = [[number(cell) for cell in row[4:9]] for row in shown]
            assert ages == [[Decimal(cell) for cell in list(row.values())[6:11]] for row in told]

    def test_a_search_takes_what_was_typed_as_text(self, browser, books_of_two):
        finance = browser("finance")
        assert [row["account"] for row in lines(finance, "/receivables/accounts.csv?q=acm")] == ["Acme"]
        for nothing in ("%25", "_", "'; DROP TABLE invoice; --", "\\", "x" * 300):
            assert lines(finance, f"/receivables/accounts.csv?q={nothing}") == []

    def test_what_makes_no_sense_in_an_address_is_left_out(self, browser, books_of_two):
        finance = browser("finance")
        plain = lines(finance, "/receivables/accounts.csv")
        odd = "?currency=XXX&bucket=nonsense&only=nonsense&sort=id;drop&down=7&page=-3"
        assert lines(finance, f"/receivables/accounts.csv{odd}") == plain
        assert finance.get("/receivables/accounts?page=999").status_code == 303
        assert finance.get("/receivables/commitments?sort=id&status=None&page=x").status_code == 200
        assert finance.get("/receivables/disputes?which=' OR 1=1").status_code == 200

    def test_html_in_names_is_text_and_formulas_are_harmless(self, world, browser, books_of_two):
        finance = browser("finance")
        page = finance.get("/receivables/accounts?currency=USD").text
        assert "&lt;b&gt;Bold &amp; Sons&lt;/b&gt;" in page
        assert "<b>Bold" not in page
        with world.engine.begin() as conn:
            conn.execute(text("UPDATE account SET name = :name WHERE name = 'Acme'"), {"name": '=HYPERLINK("x")'})
        assert """'=HYPERLINK(""x"")""" in finance.get("/receivables/accounts.csv?currency=USD").text

    def test_owners_have_what_their_accounts_owe(self, world, browser, books_of_two):
        acme, bell = books_of_two
        own(world, acme, OWNER)
        own(world, bell, OWNER)
        accounts = lines(browser("finance"), "/receivables/accounts.csv?currency=USD")
        [owner] = lines(browser("finance"), "/receivables/owners.csv?currency=USD")
        assert (owner["owner"], owner["accounts"]) == ("Owner 1", "2")
        assert Decimal(owner["outstanding"]) == sum(Decimal(row["outstanding"]) for row in accounts)
        assert table(browser("finance").page("/receivables/owners?currency=USD"), "Account owners, in USD")[0][0]

    def test_promises_and_disputes_stand_where_they_belong(self, world, browser, books_of_two):
        acme, _ = books_of_two
        promise(world, acme, Amount__c=50)
        contested = world.invoice(next(key for key, of in world.accounts.items() if of == acme), 5_000)
        world.settle()
        contest(world, acme, contested)
        world.come_to_rest()
        finance = browser("finance")
        page = finance.page("/receivables/?currency=USD")
        [promised] = table(page, "Commitments by how they stand")
        assert promised[0].startswith("Due within 7 days")
        assert promised[1:3] == ["1", "50.00"]
        caption = "Contested amounts by category, and for how long the dispute is open"
        assert table(page, caption) == [["Pricing", "1", "0", "50.00", "0.00", "0.00", "0.00", "50.00"]]
        [told] = lines(finance, "/receivables/commitments.csv?currency=USD")
        assert (told["account"], told["stands"], told["promised"]) == ("Acme", "Open", "50.00")
        [told] = lines(finance, "/receivables/disputes.csv?currency=USD")
        assert (told["account"], told["category"], told["contested"]) == ("Acme", "Pricing", "50.00")
        assert [row["account"] for row in lines(finance, "/receivables/accounts.csv?only=disputed")] == ["Acme"]
        assert lines(finance, "/receivables/accounts.csv?only=missed") == []
        claims = words(finance.page(f"/receivables/accounts/{acme}/promises"))
        assert "13 Mar 2026 Open USD 50.00" in claims
        assert "Pricing" in claims


class TestScope:
    """A viewer with a scope sees the accounts that this Salesforce user owns or helps, and not that others exist."""

    @pytest.fixture
    def scoped(self, world, books_of_two) -> tuple[str, str]:
        mine, others = books_of_two
        own(world, mine, OWNER)
        own(world, others, "005000000000009AAA")
        return mine, others

    def pages(self, world: World, account: str) -> list[str]:
        """Every address of the screen that names an account or an invoice of it."""
        [invoice, *_] = world.rows(
            "SELECT i.key FROM invoice i JOIN customer c ON c.key = i.customer WHERE c.account = :account "
            "ORDER BY balance DESC, i.key",
            account=account,
        )
        return [
            rule.rule.replace("<account_id>", account).replace("<path:key>", invoice.key)
            for rule in world_rules(world)
            if "<" in rule.rule and "GET" in rule.methods
        ]

    def test_lists_and_files_hold_nothing_of_others(self, world, browser, scoped):
        viewer = browser("viewer", scope=OWNER)
        plain = [rule.rule for rule in world_rules(world) if "<" not in rule.rule]
        assert len(plain) > 12
        for path in plain:
            for more in ("", "?currency=USD&only=settled&which=all", "?currency=EUR", "?q=bold", "?owner=none"):
                told = viewer.get(f"{path}{more}").text
                assert "Bold" not in told, path
                assert "Nobody's" not in told, path
        assert [row["account"] for row in lines(viewer, "/receivables/accounts.csv")] == ["Acme"]
        [book] = lines(viewer, "/receivables/currencies.csv")  # nothing of the other currency, or of who has no account
        [account] = lines(viewer, "/receivables/accounts.csv")
        assert (book["currency"], book["outstanding"], book["no account"]) == ("USD", account["outstanding"], "0.00")

    def test_the_trend_is_of_ones_own_accounts(self, world, browser, scoped):
        told = lines(browser("viewer", scope=OWNER), "/receivables/trend.csv")
        [account] = lines(browser("viewer", scope=OWNER), "/receivables/accounts.csv")
        assert told[-1]["outstanding"] == account["outstanding"]

    def test_others_accounts_and_invoices_are_not_there(self, world, browser, scoped):
        mine, others = scoped
        viewer = browser("viewer", scope=OWNER)
        assert len(self.pages(world, mine)) >= 8
        for path in self.pages(world, mine):
            assert viewer.get(path).status_code == 200, path
        for path in (*self.pages(world, others), "/receivables/accounts/001000000000000AAA"):
            assert viewer.get(path).status_code == 404, path
            assert "Bold" not in viewer.get(path).text
        assert viewer.post(f"/receivables/accounts/{others}/salesforce").status_code == 404
        stray = world.one("SELECT i.key FROM invoice i JOIN customer c ON c.key = i.customer WHERE c.account IS NULL")
        assert viewer.get(f"/receivables/invoices/{stray.key}").status_code == 404
        assert browser("finance").get(f"/receivables/invoices/{stray.key}").status_code == 200

    def test_who_is_on_the_team_sees_the_account_as_long_as_they_are(self, world, browser, scoped):
        mine, _ = scoped
        viewer = browser("viewer", scope=HELPER)
        assert "There are no receivables of your accounts" in text_of(viewer.page("/receivables/"))
        self.join(world, mine)
        assert [row["account"] for row in lines(viewer, "/receivables/accounts.csv")] == ["Acme"]
        assert viewer.get(f"/receivables/accounts/{mine}").status_code == 200
        with world.engine.begin() as conn:
            conn.execute(text("DELETE FROM teammate"))
        assert viewer.get(f"/receivables/accounts/{mine}").status_code == 404

    def join(self, world: World, account: str) -> None:
        with world.engine.begin() as conn:
            values = {"account": account, "person": HELPER}
            conn.execute(text("INSERT INTO teammate (id, account, person) VALUES ('01M', :account, :person)"), values)

    def test_a_viewer_without_a_scope_sees_everything_and_no_way_to_what_it_may_not(self, browser, scoped):
        viewer = browser("viewer")
        assert len(lines(viewer, "/receivables/accounts.csv?currency=USD")) == 2
        page = viewer.page("/receivables/?currency=USD")
        assert "1 customer without an account" in text_of(page)
        assert not page.xpath("//a[contains(@href, '/matching/')]")


def world_rules(world: World) -> list[Any]:
    """The routes of this screen, below /admin."""
    from sync.admin.app import make_app

    rules = make_app(lambda: world.run).url_map.iter_rules()
    return [rule for rule in rules if rule.endpoint.startswith(f"{screen.name}.") and "GET" in (rule.methods or ())]


class TestAccount:
    def test_invoices_are_found_by_how_they_stand_and_their_file_is_the_same(self, browser, books_of_two):
        acme, _ = books_of_two
        finance = browser("finance")
        counts = {}
        for which in ("", "open", "overdue", "closed"):
            path = f"/receivables/accounts/{acme}/invoices"
            shown = table(finance.page(f"{path}?which={which}"), "Invoices")
            told = lines(finance, f"{path}.csv?which={which}")
            assert [(row[0], number(row[6])) for row in shown] == [
                (row["invoice"], Decimal(row["owed"])) for row in told
            ]
            counts[which] = len(shown)
        assert counts == {"": 6, "open": 3, "overdue": 2, "closed": 3}

    def test_an_invoice_tells_its_story(self, world, browser, books_of_two):
        noted = world.one("SELECT key FROM invoice WHERE credited > 0")
        page = words(browser("finance").page(f"/receivables/invoices/{noted.key}"))
        assert "20 Jan 2026 Issued 500.00" in page
        assert "14 Feb 2026 Credit note" in page
        assert "Still owed 300.00" in page
        assert "written" in page

    def test_an_address_of_the_billing_system_is_a_link_only_if_it_is_one_of_the_web(
        self, world, browser, books_of_two
    ):
        key = world.one("SELECT min(key) AS key FROM invoice").key
        for url, links in (("https://pay.example/i", 1), ("javascript:alert(1)", 0), ("//evil.example", 0)):
            with world.engine.begin() as conn:
                conn.execute(text("UPDATE invoice SET pay_url = :url WHERE key = :key"), {"url": url, "key": key})
            page = browser("finance").page(f"/receivables/invoices/{key}")
            assert len(page.xpath(f"//a[@href='{url}']")) == links

    def test_an_account_that_nobody_knows_is_not_there(self, browser, books_of_two):
        finance = browser("finance")
        for path in ("accounts/001000000000000AAA", "accounts/'--", "invoices/main:in_none", "invoices/x/y"):
            assert finance.get(f"/receivables/{path}").status_code == 404, path


class TestWhatSalesforceShows:
    def ask(self, visitor: Visitor, account: str) -> str:
        answer = visitor.post(f"/receivables/accounts/{account}/salesforce")
        assert answer.status_code == 200
        return words(lxml.html.fromstring(answer.text))

    def test_it_agrees_after_everything_was_written(self, world, browser, books_of_two):
        for account in books_of_two:
            assert "Everything agrees:" in self.ask(browser("finance"), account)

    def test_asking_takes_a_few_calls_and_changes_nothing(self, world, browser, books_of_two):
        acme, _ = books_of_two
        finance = browser("finance")
        self.ask(finance, acme)
        world.calls()
        before = world.rows("SELECT * FROM record ORDER BY kind, key")
        self.ask(finance, acme)
        assert sum(world.calls().values()) <= 6
        assert world.rows("SELECT * FROM record ORDER BY kind, key") == before

    def test_what_somebody_changed_there_is_told_field_by_field(self, world, browser, books_of_two):
        acme, _ = books_of_two
        [row] = world.admin.query(f"SELECT Id FROM AR_Summary__c WHERE Key__c = '{acme}:USD'")
        world.admin.update("AR_Summary__c", [{"Id": row["Id"], "Overdue__c": 1}])
        told = self.ask(browser("finance"), acme)
        assert "1 says something else" in told
        assert "AR summary USD : says something else in 1 field" in told
        assert "Overdue Overdue__c 1 1,300 no" in told
        world.admin._json("DELETE", f"{API}/sobjects/AR_Summary__c/{row['Id']}")
        assert "is missing in Salesforce" in self.ask(browser("finance"), acme)

    def test_what_waits_and_what_was_refused_is_told_with_the_way_out(self, world, browser, books_of_two):
        acme, _ = books_of_two
        customer = next(key for key, of in world.accounts.items() if of == acme)
        world.invoice(customer, 1_000)
        world.drain()
        assert "is about to be written" in self.ask(browser("finance"), acme)
        world.fault("partial", object="AR_Invoice__c", every=1, code="CUSTOM_ERROR", message="no")
        world.settle()
        told = self.ask(browser("finance"), acme)
        assert "was refused" in told
        assert "What to do:" in told

    def test_salesforce_being_away_is_told(self, world, browser, books_of_two):
        acme, _ = books_of_two
        world.fault("error", status=503, times=1_000)
        assert "Salesforce cannot be asked now." in self.ask(browser("finance"), acme)

    def test_without_the_forms_token_nothing_is_asked(self, browser, books_of_two):
        acme, _ = books_of_two
        assert browser("finance").post(f"/receivables/accounts/{acme}/salesforce", csrf=False).status_code == 400


def test_an_invoice_key_of_a_connected_account_has_an_address(world, browser, books_of_two):
    """Such a key has a slash in it."""
    key = f"{CONNECTION}/acct_1:in_1"
    with world.engine.begin() as conn:
        one = "INSERT INTO customer (key, connection, provider) VALUES (:key, 'main', 'stripe')"
        conn.execute(text(one), {"key": f"{CONNECTION}/acct_1:cus_1"})
        same = (
            "currency, status, posted, total, tax, credited, paid, balance, written_off, issued_on, due_on, paid_on, "
            "pay_url, next_change_on, held, postings"
        )
        copy = f"INSERT INTO invoice (key, customer, number, {same}) SELECT :key, :customer, 'C-1', {same} FROM invoice"
        conn.execute(text(f"{copy} LIMIT 1"), {"key": key, "customer": f"{CONNECTION}/acct_1:cus_1"})
    assert "Invoice C-1" in text_of(browser("finance").page(f"/receivables/invoices/{key}"))

"""Looking at a world from outside, and the proof: Stripe, the ledger and the org say the same."""

from typing import Any

from sqlalchemy import Engine, text

from connector.local.org.server import LocalOrg
from connector.local.stripe.server import LocalStripe
from sync.bootstrap import Runtime
from sync.db import health
from sync.demo.people import OrgUserClient
from tests.integration import oracle
from tests.integration.place import CONNECTION
from tests.integration.rederive import rederive

Json = dict[str, Any]


class Looking:
    """What can be seen of a world; `World` says what can be done there."""

    run: Runtime
    stripe: LocalStripe
    accounts: dict[str, str]
    today: Any
    engine: Engine
    org: LocalOrg
    admin: OrgUserClient

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """Rows of the product's database."""
        with self.engine.connect() as conn:
            return list(conn.execute(text(sql), values))

    def one(self, sql: str, **values: Any) -> Any:
        """The only row."""
        [row] = self.rows(sql, **values)
        return row

    @property
    def status(self) -> health.Status:
        """What `dueline status` says."""
        with self.engine.connect() as conn:
            return health.read(conn)

    def ledger(self, invoice: str, scope: str = CONNECTION) -> Any:
        """An invoice's ledger row."""
        return self.one("SELECT * FROM invoice WHERE key = :key", key=f"{scope}:{invoice}")

    def shown_invoice(self, invoice: str, *names: str) -> Json | None:
        """An invoice's row in the org; None if it has none."""
        found = self.admin.query(
            f"SELECT Id, {', '.join(names or ('Balance__c', 'Status__c', 'Account__c'))} FROM AR_Invoice__c "
            f"WHERE Key__c = '{CONNECTION}:{invoice}'"
        )
        return found[0] if found else None

    def summary(self, account: str, currency: str = "USD") -> Json | None:
        """An account's AR summary in the org; None if it has none."""
        return self.summaries().get((account, currency))

    def summaries(self) -> dict[tuple[str, str], Json]:
        """Every AR summary in the org, by account (as its key names it) and currency."""
        fields = ", ".join(("Key__c", "Account__c", *oracle.FIGURES))
        rows = self.admin.query(f"SELECT {fields} FROM AR_Summary__c")
        return {tuple(row["Key__c"].split(":")): row for row in rows}

    def calls(self) -> dict[str, int]:
        """The org's count of API calls by method and path, since the last time this was asked."""
        counted = self.org.org.calls.since_reset()["by"]
        self.org.org.calls.reset()
        return counted

    def check(self, *, zone: str = "UTC") -> None:
        """Stripe, the ledger and the org say the same, and deriving the ledger again changes nothing."""
        self.check_ledger()
        self.check_org(zone=zone)

    def check_ledger(self) -> None:
        """Every invoice stands in the ledger as Stripe has it, and the sums are those of its facts."""
        told = {f"{CONNECTION}:{row.id}": row for row in oracle.invoices(self.objects("invoice"))}
        held = {row.key: row for row in self.rows("SELECT * FROM invoice WHERE posted")}
        assert held.keys() == told.keys()
        for key, row in told.items():
            mine = held[key]
            assert (mine.status, mine.balance, mine.paid) == (row.status, row.balance, row.paid), key
        assert rederive(self.engine, self.run.calendar) == []

    def check_org(self, *, zone: str = "UTC") -> None:
        """Everything of linked accounts stands in the org as Stripe's objects add up to."""
        told = self._told(zone)
        names = "Key__c, Status__c, Balance__c, Paid__c, Account__c, CurrencyIsoCode"
        rows = {row["Key__c"]: row for row in self.admin.query(f"SELECT {names} FROM AR_Invoice__c")}
        assert {f"{CONNECTION}:{row.id}" for row in told.invoices} == rows.keys()
        for row in told.invoices:
            seen = rows[f"{CONNECTION}:{row.id}"]
            shown = (seen["Status__c"], seen["Balance__c"], seen["Paid__c"], seen["Account__c"])
            assert shown == (row.shown_status, row.show(row.balance), row.show(row.paid), row.account), row.id
        self.check_summaries(zone=zone)
        self._check_payments(told)
        self._check_accounts(told)

    def check_summaries(self, *, zone: str = "UTC") -> None:
        """The org's summaries hold exactly what Stripe's objects add up to; those beyond them hold nothing."""
        told, seen = self._told(zone).summaries(), self.summaries()
        for slot in told.keys() | seen.keys():
            assert slot in seen, f"no summary of {slot}"
            shown = {name: seen[slot][name] for name in oracle.FIGURES}
            assert shown == told.get(slot, oracle.NOTHING), slot

    def _told(self, zone: str) -> oracle.Books:
        return oracle.Books(self.stripe.world.store.everything(), self.accounts, self.today, zone)

    def _check_payments(self, told: oracle.Books) -> None:
        names = "Key__c, Amount__c, Refunded__c, Account__c"
        rows = self.admin.query(f"SELECT {names} FROM AR_Payment__c WHERE Kind__c = 'Payment' AND Account__c != null")
        seen = {row["Key__c"]: (row["Amount__c"], row["Refunded__c"], row["Account__c"]) for row in rows}
        assert seen == {f"{CONNECTION}:{key}": payment for key, payment in told.payments().items()}

    def _check_accounts(self, told: oracle.Books) -> None:
        rows = self.admin.query("SELECT Id, AR_Status__c, AR_Overdue__c FROM Account WHERE AR_Status__c != null")
        seen = {row["Id"]: (row["AR_Status__c"], row["AR_Overdue__c"]) for row in rows}
        wanted = {account: told.standing(account) for account in told.known()}
        assert {account: seen.get(account) for account in wanted} == wanted

    def linked(self, customer: str) -> tuple[str | None, str | None]:
        """A customer's account, and how it was found."""
        row = self.one("SELECT account, link_source FROM customer WHERE key = :key", key=f"{CONNECTION}:{customer}")
        return row.account, row.link_source
